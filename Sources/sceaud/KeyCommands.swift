import Canonical
import Foundation
import Merkle
import OpenSSL
import Procurement
import Reception
import Records
import Sealing

/// `sceaud key add KIND` and `sceaud key retire`.
enum KeyActs {
    private struct Added: Decodable {
        let certificate: String
        let notAfter: String
    }

    /// - Returns: the certificate's digest, and until when it is good.
    static func add(_ kind: HostKeyKind, _ arguments: Arguments) throws -> (certificate: String, notAfter: String) {
        let key = arguments.value("key")
        guard (key != nil) == (kind == .timeLock && arguments.value("certificate") != nil) else {
            throw DaemonError.usage("--key and --certificate of a time-lock key belong together")
        }
        let certificate = try arguments.value("certificate").map { path throws(DaemonError) in
            let bytes = try FileState.read(path, what: "the \(kind.rawValue) certificate", max: DefaultLimits.keyFileBytes)
            // Looked at here too: a private key must not travel, not even over the host's own socket.
            if kind == .timeLock {
                do { return try Certificate(pem: bytes).pem } catch { throw DaemonError("\(path) is not a certificate in PEM") }
            }
            return try RecoveryCertificate.check(bytes, named: "the recovery certificate \(path)", now: WallClock.system.now.second).pem
        }
        let hosts = arguments.values("host")
        return try Administration(arguments).perform(
            unknown: "whether the key was added",
            alone: { opened in
                let key = try opened.keys.add(kind, certificate: certificate, key: key, hosts: hosts)
                return (key.digest.hex, "\(key.notAfter)")
            },
            through: { socket in
                var fields: [String: JSON] = ["kind": .string(kind.rawValue)]
                fields["certificate"] = certificate.map(JSON.string)
                fields["key"] = key.map(JSON.string)
                if !hosts.isEmpty { fields["hosts"] = .array(hosts.map(JSON.string)) }
                let body = try socket.post("/admin/keys", .object(fields), expecting: 201)
                do {
                    let added = try JSONDecoder().decode(Added.self, from: body)
                    return (added.certificate, added.notAfter)
                } catch { throw DaemonError("the daemon's answer does not read", hint: "sceaud key list tells whether the key is there") }
            })
    }

    private struct Rotated: Decodable { let key: String }

    /// - Returns: the new verifier key.
    static func rotate(_ arguments: Arguments) throws -> String {
        guard let log = Procurement.Log(rawValue: arguments.required("log")) else {
            throw DaemonError.usage("'\(arguments.required("log"))' is not a log", hint: "logs are real, training")
        }
        return try Administration(arguments).perform(
            unknown: "whether the key was rotated", alone: { try $0.endedRotations[log].map { "\($0)" } ?? $0.keys.rotate(log) },
            through: { socket in
                let body = try socket.post("/admin/logs", .object(["log": .string(log.rawValue)]), expecting: 201)
                do { return try JSONDecoder().decode(Rotated.self, from: body).key } catch {
                    throw DaemonError("the daemon's answer does not read", hint: "the new key is in the keys folder: log-\(log.rawValue).vkey")
                }
            })
    }

    static func retire(_ arguments: Arguments) throws {
        guard let kind = HostKeyKind(rawValue: arguments.required("kind")) else {
            throw DaemonError.usage("'\(arguments.required("kind"))' is not a kind of key that is retired", hint: "time-lock, recovery")
        }
        guard let certificate = try? Digest(hex: arguments.required("certificate")) else {
            throw DaemonError.usage("--certificate is the SHA-256 of the key's certificate, 64 digits", hint: "sceaud key list shows it")
        }
        try Administration(arguments).perform(
            unknown: "whether the key was retired", alone: { try $0.keys.retire(kind, certificate) },
            through: { socket in
                _ = try socket.post(
                    "/admin/keys/retirement", .object(["kind": .string(kind.rawValue), "certificate": .digest(certificate)]),
                    expecting: 200)
            })
    }
}

extension Command {
    private static func adding(
        _ kind: HostKeyKind, _ summary: String, _ discussion: String, _ options: [Option] = []
    ) -> Command {
        Command(path: ["key", "add", kind.rawValue], summary: summary, discussion: discussion, options: [.configuration] + options) {
            arguments in
            let (certificate, notAfter) = try KeyActs.add(kind, arguments)
            print("\(kind.rawValue) \(certificate) until \(notAfter)")
            return .done
        }
    }

    static let addTimeLock = adding(
        .timeLock, "make a new time-lock key: what is sealed from now on is sealed to it",
        """
            With or without the daemon, and no upload is dropped. The key before stays, for the consultations that were sealed to it, until
            they are archived: then `sceaud key retire`. Back up the keys folder afterwards: the new key is in it. Prints the SHA-256 of the
            new certificate.

            With --key and --certificate the key is one that a token or another file holds, for as long as consultations need it: the daemon loads it
            through OSSL_STORE, at each start. The URI is kept in the keys folder as private as a key, for it may hold a PIN.
            """,
        [
            Option("key", "URI", .optional, "where the key is, if not made here (with --certificate)"),
            Option("certificate", "FILE", .optional, "its certificate (PEM, P-256, keyAgreement)"),
        ])

    static let addRecovery = adding(
        .recovery, "take the certificate of a new recovery key",
        """
            What is sealed from now on has a second copy for this key, whose holder keeps it offline. The recovery key before is still needed for
            what was sealed before. With or without the daemon.
            """,
        [Option("certificate", "FILE", .required, "the certificate (PEM, P-256), without its key")])

    static let addTimestamp = adding(
        .timestamp, "make a new key for the embedded time-stamping authority",
        """
            The next stamp is signed with it. Its certificate is issued by the same authority, whose key (tsa-ca.key) must be beside the authority's
            certificate for this moment (`sceaud key add timestamp-authority` does without it). Tokens of the key before hold as they did. With or without the daemon.
            """)

    static let addAuthority = adding(
        .timestampAuthority, "make a new embedded time-stamping authority, and a key under it",
        """
            For a certificate that nears its end, a key (tsa-ca.key) that is lost, or one that may be stolen. The next stamp is made under it. The
            certificate before stays, as tsa-ca-<digits>.crt beside the other keys and at GET /api/v1/platform: the tokens under it hold
            as they did, for whoever trusts it. Hand the new certificate to all who verify with --trust. With or without the daemon.
            """)

    static let addTLS = adding(
        .tls, "make a new TLS key with a self-signed certificate",
        """
            For the connections to come; those that are open go on. A certificate of a public authority is renewed by its own tool instead:
            replace the two files, then send SIGHUP. With or without the daemon.
            """,
        [Option("host", "NAME", .repeatable, "a DNS name or address (default: those of the present certificate)")])

    static let listKeys = Command(
        path: ["key", "list"], summary: "show every key: its age, its end, and what depends on it",
        discussion: """
            The host's keys, bearer tokens, and the key sets of consultations that are not archived; which deadlines come before the next working
            day; whether there is a recovery key, and when its use was last rehearsed. Reads certificates and the register, no private
            key; with or without the daemon. Exit status 3 if a key in use has ended, a file is not as it must be, or a consultation cannot
            be opened with what is here.
            """,
        options: [.configuration, Option("json", nil, .optional, "the same as one JSON object")]
    ) { arguments in
        let inventory = try KeyInventory(
            Configuration.read(arguments.required("config")), now: WallClock.system.now)
        let text = arguments.has("json") ? inventory.json.encoded() + [0x0a] : Array(inventory.text.utf8)
        FileHandle.standardOutput.write(Data(text))
        let isSound = inventory.shut.isEmpty && inventory.keys.allSatisfy { $0.fault == nil && $0.notice != .expired }
        return isSound ? .done : .unsound
    }

    static let restoreKeys = Command(
        path: ["key", "restore"], summary: "the keys folder is lost: go on with the recovery key",
        discussion: """
            The daemon is down. Opens, with the holder's recovery key, the platform's half of every consultation that no key of this host opens any
            more, and seals it to a new time-lock key; what is published, and its fingerprints, stay as they are. Keys that are not there (time lock,
            timestamps, TLS, logs) are made anew: a log goes on under its new key as a new generation, which quotes the last checkpoint
            of the one before. Tell everybody who checks receipts the new public keys. The recovery key is read from its own storage
            into memory that is wiped, and never written. Cut short at any moment, run it again. The mirror is brought
            up to it at the end, or named if that fails. Consultations sealed to another recovery key are named, and the exit status is 3: run
            it again with that one.
            """,
        options: [.configuration] + RecoveryKeyFile.options + [
            Option("host", "NAME", .repeatable, "for a TLS certificate, where the old one is gone too"),
            Option("checkpoint", "FILE", .repeatable, "a checkpoint that was found elsewhere: the newest is quoted"),
        ]
    ) { arguments in
        let result = try KeyRestoration(arguments).run()
        for path in result.made { print("made: \(path)") }
        for log in result.continued {
            print("the log \(log.log.rawValue) goes on as generation \(log.generation), from position \(log.base)")
            for id in log.frozen { print("  frozen: consultation \(id)") }
        }
        print("restored: \(result.restored) secrets")
        if let why = result.staleMirror, let mirror = arguments.value("config").flatMap({ try? Configuration.read($0) })?.mirror {
            Log.line("warning: the mirror \(mirror.path) is as it was before: \(why). The daemon's next start brings it up; until then restore nothing from it")
        }
        for need in result.others {
            print("  still shut, for its copy is for another recovery key: \(Log.printable(need.reference)) (\(need.consultation)), \(need.part)")
        }
        return result.others.isEmpty ? .done : .unsound
    }

    static let rehearseKeys = Command(
        path: ["key", "rehearse"], summary: "show that the recovery key opens what it must",
        discussion: """
            Opens every copy of the platform's half that is sealed to this recovery key, compares it with its digest, forgets it, and records in the log
            that it was so. With or without the daemon, on this host, by the holder's own hand: the key is read from its own storage into memory
            that is wiped, and never written. Publications warn where this was not done in the last 90 days. Exit status 3 if a
            consultation has its copy for another key, or none.
            """,
        options: [.configuration] + RecoveryKeyFile.options
    ) { arguments in
        let result = try KeyRehearsal(arguments).run()
        print("opened: \(result.opened) secrets, with the key of \(result.certificate)")
        for need in result.others {
            print("not this key's: \(Log.printable(need.reference)) (\(need.consultation)), \(need.part)" + (need.recovery.map { ": \($0)" } ?? ": no recovery copy"))
        }
        return result.others.isEmpty ? .done : .unsound
    }

    static let retireKey = Command(
        path: ["key", "retire"], summary: "remove a key that nothing needs any more",
        discussion: """
            Refused, naming the consultations, while one that is not archived needs it; refused for the key in use. The private key's file
            is removed from the keys folder: its copies elsewhere are yours to destroy. With or without the daemon. Again for a key that is
            retired already: what was left of its files goes.
            """,
        options: [
            .configuration, Option("kind", "KIND", .required, "time-lock or recovery"),
            Option("certificate", "SHA256", .required, "of the key's certificate, as `key list` shows it"),
        ]
    ) { arguments in
        try KeyActs.retire(arguments)
        return .done
    }
}
