import Canonical
import Foundation
import Merkle
import OpenSSL
import Procurement
import Records
import Testing

@testable import sceaud

struct InitialisationTests {
    private func mode(_ path: String) throws -> UInt32 { try FileState(path, what: "it").mode }

    @Test func itMakesAFolderThatHolds() throws {
        let made = try InitialisedFolder()
        let (lines, holds) = try made.check()
        #expect(holds, "\(lines)")
        #expect(lines.allSatisfy { $0.hasPrefix("ok: ") })
        #expect(try mode(made.data) == 0o700)
        for file in ["keys/timelock.key", "keys/tls.key", "keys/log-real.key", "keys/log-training.key", "instance.json", "sceaud.json5"] {
            #expect(try mode("\(made.data)/\(file)") == 0o600, "\(file)")
        }
        for folder in ["keys", "envelopes", "lost+found", "register", "high-water"] {
            #expect(try mode("\(made.data)/\(folder)") == 0o700, "\(folder)")
        }
    }

    /// Each log has its own key, whose text names it, and which signed its first head.
    @Test func theLogsAreSignedByTheirKeys() throws {
        let made = try InitialisedFolder()
        let register = try Register(data: made.data, limits: DefaultLimits.register, try made.surroundings)
        defer { register.stop() }
        var keys: [VerifierKey] = []
        for log in Procurement.Log.allCases {
            let text = try String(contentsOfFile: "\(made.data)/keys/log-\(log.rawValue).vkey", encoding: .utf8)
            let key = try VerifierKey(String(text.dropLast()))
            #expect(text.hasSuffix("\n") && key.name == "sceau/\(register.instance.id)/\(log.rawValue)")
            let head = try register.read { try $0.signedHead(log) }
            _ = try VerifiedCheckpoint(head, keys: [key])
            keys.append(key)
        }
        #expect(keys[0].publicKey != keys[1].publicKey)
    }

    @Test func theTokenIsTheAdmins() throws {
        let made = try InitialisedFolder()
        let register = try Register(data: made.data, limits: DefaultLimits.register, try made.surroundings)
        defer { register.stop() }
        let principal = try register.read { try $0.principal(token: Digest(SHA256.hash(Array(made.token.utf8)))) }
        #expect(principal?.roles == [.admin])
        #expect(principal?.kind == .holder)
        #expect(principal?.accountName == "Agglomération")
        #expect(try register.read { try $0.holder() } == principal?.account)
    }

    @Test func aFolderWithSomethingInItIsRefused() throws {
        let place = try TemporaryFolder()
        try place.write("mine", "")
        let error = #expect(throws: DaemonError.self) {
            _ = try Initialisation(InitialisedFolder.arguments(data: place.path, "--no-recovery")).run()
        }
        #expect(error?.message == "\(place.path) is there already, and is not an empty folder")
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == ["mine"])
    }

    @Test func anEmptyFolderIsTakenIfItIsClosed() throws {
        let place = try TemporaryFolder()
        chmod(place.path, 0o755)
        let initialisation = try Initialisation(InitialisedFolder.arguments(data: place.path, "--no-recovery"))
        let error = #expect(throws: DaemonError.self) { _ = try initialisation.run() }
        #expect(error?.hint == "chmod 700 \(place.path)")
        chmod(place.path, 0o700)
        _ = try initialisation.run()
    }

    @Test func recoveryIsAskedFor() throws {
        for options in ["", "--no-recovery --recovery x"] {
            let error = #expect(throws: DaemonError.self) {
                _ = try Initialisation(InitialisedFolder.arguments(data: "/nonexistent/x", options))
            }
            #expect(error?.status == .usage)
        }
    }

    @Test func theRecoveryCertificateIsCopiedAndItsKeyRefused() throws {
        let place = try TemporaryFolder()
        let now = WallClock.system.now.second
        _ = try place.pair("r", usage: .sealing, now: now)
        let made = try InitialisedFolder("--recovery \(place.path)/r.crt")
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: made.data + "/keys/recovery.crt"))
                == Data(contentsOf: URL(fileURLWithPath: place.path + "/r.crt")))
        #expect(try made.check().holds)

        let both = try String(contentsOfFile: place.path + "/r.crt", encoding: .utf8)
            + String(contentsOfFile: place.path + "/r.key", encoding: .utf8)
        try place.write("both.pem", both)
        let error = #expect(throws: DaemonError.self) { _ = try InitialisedFolder("--recovery \(place.path)/both.pem") }
        #expect(error?.message.hasSuffix("the recovery key must never be on this host") == true)

        _ = try place.pair("tls", usage: .server, now: now)
        let usage = #expect(throws: DaemonError.self) { _ = try InitialisedFolder("--recovery \(place.path)/tls.crt") }
        #expect(usage?.message.contains("keyAgreement") == true)
    }

    @Test func namesAreThoseAskedFor() throws {
        let made = try InitialisedFolder("--no-recovery --host bids.example.org --host 192.0.2.7 --listen [::]:443 --listen 0.0.0.0:443")
        let configuration = try made.configuration
        #expect(configuration.listen.map { "\($0)" } == ["[::]:443", "0.0.0.0:443"])
        let certificate = try Certificate(
            pem: Array(Data(contentsOf: URL(fileURLWithPath: configuration.tls.pair.certificate))))
        #expect(certificate.commonName == "bids.example.org")
    }
}
