import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Sealing

/// What a backup holds of one bid, made by the ceremony and the sealing that ship, with keys of stock openssl: three members (the
/// third with RSA, the second's key encrypted), time lock, recovery; two parts.
final class BackedUpEnvelope {
    struct Document {
        let part: String
        let name: String
        let bytes: [UInt8]
        /// What its manifest says of its digest, where that is not the truth.
        var said: Digest?
    }

    let folder: TemporaryFolder
    let documents: [Document]
    let seal: Seal
    /// Of the keys when it was sealed.
    let committee: Committee
    /// Prefix of its files: `<bid>.seal`, `<bid>.1` …
    var path: String { folder.path(seal.bid.text) }

    /// - Parameter other: the consultation that its manifests name inside, where that is not the capsules'.
    init(documents: [Document], manifestOf other: Identifier? = nil) throws {
        self.documents = documents
        let consultation = try Identifier(Self.text("c1"))
        folder = try TemporaryFolder()
        for name in ["member1", "timelock", "recovery", "stranger"] { try Self.key(name, "ec", in: folder) }
        try Self.key("member2", "ec", passphrase: "six words", in: folder)
        try Self.key("member3", "rsa", in: folder)
        let certificate = { [folder] (name: String) in
            try Certificate(pem: Array(Data(contentsOf: folder.url.appending(path: name + ".crt"))))
        }
        let deadline = try Instant(parsing: "2026-11-23T17:00:00.000Z")
        let (keySet, capsules) = try Ceremony.make(
            consultation: consultation, notBefore: deadline, parts: ["candidacy", "offer"],
            members: (1...3).map { CommitteeMember(name: "Membre \"\($0)\" },{", certificate: try certificate("member\($0)")) }, k: 2,
            timeLock: certificate("timelock"), recovery: certificate("recovery"), now: Session.now)
        committee = try Committee(keySet, capsules)
        for capsule in capsules { try folder.write("\(capsule.part).capsule", Data(capsule.canonicalBytes)) }

        var builder = EnvelopeBuilder(
            consultation: other ?? consultation, bid: try Identifier(Self.text("b1")), keys: keySet.fingerprint,
            sealedBy: .platform, depositor: try Identifier(Self.text("d1")))
        for (index, document) in documents.enumerated() {
            let capsule = capsules.first { $0.part == document.part }!
            let sealed = try Self.sealed(document.bytes, to: capsule.partCertificate)
            try folder.write("\(Self.text("b1")).\(index + 1)", sealed.ciphertext)
            try builder.add(
                part: try capsule.partCertificate,
                document: ManifestDocument(name: document.name, length: sealed.document.length, sha256: document.said ?? sealed.document.sha256),
                files: sealed.files)
        }
        let envelope = try builder.finish()
        seal = envelope.seal
        let received = Received(
            consultation: consultation, bid: seal.bid, depositor: try Identifier(Self.text("d1")),
            user: try Identifier(Self.text("e1")), seal: seal.digest, intent: "single", bidCodeHash: seal.keys, deadline: deadline,
            deadlineVersion: 1, started: deadline, firstByte: deadline, received: deadline, clock: "sound")
        try folder.write("\(seal.bid.text).seal", Data(envelope.archived(with: received)))
    }

    /// Deals the keys anew, to the first member and to one who comes, and leaves their capsules where the old ones lay.
    func reshare() throws {
        try Self.key("member4", "ec", in: folder)
        func certificate(_ name: String) throws -> Certificate { try Certificate(pem: Array(Data(contentsOf: folder.url.appending(path: name + ".crt")))) }
        func member(_ number: Int) throws -> Member {
            let bytes = Array(try Data(contentsOf: folder.url.appending(path: "member\(number).pem")))
            let pem = Secret(copying: bytes.span)
            return try Member(key: PrivateKey(pem: pem, passphrase: nil), certificate: certificate("member\(number)"))
        }
        let proposed = ProposedCommittee(
            k: 2, members: try [4, 1].map { CommitteeMember(name: "Membre \($0)", certificate: try certificate("member\($0)")) })
        let now = committee.notBefore.advanced(bySeconds: -60)
        let session = try OpeningSession(now: now)
        let announcement = try member(3).announceReshare(
            committee, to: proposed, fingerprint: committee.fingerprint, log: "real", deadline: committee.notBefore,
            session: session.certificate)
        let lent = try [3, 1].map { number in
            Reshare.Lent(
                number: number,
                shares: try member(number).approveReshare(
                    announcement, committee: committee, fingerprint: committee.fingerprint, proposed: proposed, now: now
                ).shares)
        }
        let dealt = try Reshare.deal(
            committee, to: proposed, opening: announcement.verified(as: Opening.self), lent: lent, session: session)
        for capsule in dealt.renewed.capsules { try folder.write("\(capsule.part).capsule", Data(capsule.canonicalBytes)) }
    }

    static func text(_ end: String) -> String { String(repeating: "0", count: 30) + end }

    private static func sealed(_ bytes: [UInt8], to part: PartCertificate) throws -> (
        ciphertext: Data, document: SealedDocument, files: DocumentFiles
    ) {
        var sealer = DocumentSealer(to: part)
        var pieces: [SealedPiece] = []
        try sealer.seal(bytes.span) { pieces.append($0) }
        let document = try sealer.finish { pieces.append($0) }
        var table = try SegmentTable()
        var ciphertext = Data()
        for piece in pieces {
            switch piece {
            case .ciphertext(let bytes):
                try table.ciphertext(bytes.span)
                ciphertext.append(contentsOf: bytes)
            case .segmentEnd(let header, _): try table.segmentEnd(header: header)
            }
        }
        return (ciphertext, document, try table.finish())
    }

    private static func key(_ name: String, _ kind: String, passphrase: String? = nil, in folder: TemporaryFolder) throws {
        let profile = kind == "rsa" ? "member-rsa" : name.hasPrefix("member") ? "member-p256" : "recovery"
        try Shell.check(
            "openssl",
            ["req", "-x509", "-config", Checkout.path("Keys/\(profile).cnf"), "-utf8", "-subj", "/CN=\(name)", "-days", "9",
                "-newkey"]
                + (kind == "rsa" ? ["rsa:3072"] : ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
                + (passphrase.map { ["-passout", "pass:" + $0] } ?? ["-noenc"])
                + ["-keyout", folder.path(name + ".pem"), "-out", folder.path(name + ".crt")])
        if let passphrase { try folder.write(name + ".passphrase", passphrase + "\n") }
    }

    // MARK: Recovery

    /// Runs `Deploy/recover` with the keys named and gives its outcome and the folder it wrote into.
    func recover(
        members: [Int] = [1, 3], platform: String = "time-lock", key: String? = nil, arguments: [String] = [], seal: String? = nil
    ) throws -> (outcome: Outcome, out: URL) {
        let out = folder.url.appending(path: "out-\(UUID().uuidString.prefix(8))")
        let keys = members.flatMap {
            ["--member", folder.path("member\($0).pem")] + ($0 == 2 ? ["--passphrase", folder.path("member2.passphrase")] : [])
        }
        let outcome = try Shell.run(
            Checkout.path("Deploy/recover"),
            ["--seal", seal ?? path + ".seal", "--capsule", folder.path("candidacy.capsule"), "--capsule", folder.path("offer.capsule")]
                + keys + ["--" + platform, folder.path((key ?? (platform == "recovery" ? "recovery" : "timelock")) + ".pem")]
                + ["--out", out.path(percentEncoded: false)] + arguments)
        return (outcome, out)
    }

    /// The bytes of document `number` as recovered, or nil if it was not kept.
    func recovered(_ number: Int, in out: URL) throws -> [UInt8]? {
        let folder = out.appending(path: documents[number - 1].part)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
        return try names.first { $0.hasPrefix("\(number)-") }.map { try [UInt8](Data(contentsOf: folder.appending(path: $0))) }
    }

    /// Changes one byte of a file of the envelope.
    func flip(_ file: String, at offset: Int) throws {
        let url = folder.url.appending(path: file)
        var bytes = try Data(contentsOf: url)
        bytes[bytes.startIndex + offset] ^= 1
        try bytes.write(to: url)
    }
}
