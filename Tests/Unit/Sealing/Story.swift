import Canonical
import OpenSSL

@testable import Sealing

/// A committee of three of whom two open, a platform, a recovery key, and the keys of one consultation.
final class Story: Sendable {
    static let consultation = try! Identifier("00112233445566778899aabbccddeeff")
    static let depositor = try! Identifier("0d000000000000000000000000000001")
    static let deadline = try! Instant(parsing: "2026-11-23T12:00:00.000Z")
    static let after = try! Instant(parsing: "2026-11-23T12:00:01.000Z")
    static let closing = Digest(of: Array("closed".utf8))

    final class Holder: Sendable {
        let pkcs8: Secret
        let certificate: Certificate
        init(_ name: String, _ key: consuming PrivateKey) {
            certificate = try! Certificate.selfSigned(
                key, commonName: name, usage: .member, notBefore: 0, notAfter: 4_102_444_800)
            pkcs8 = try! key.pkcs8()
        }
        convenience init(_ name: String) { self.init(name, try! PrivateKey.generateP256()) }
        var key: PrivateKey { try! PrivateKey(pkcs8: pkcs8) }
        var member: Member { try! Member(key: key, certificate: certificate) }
    }

    static let members = [Holder("Alice"), Holder("Bob"), Holder("Chloé", try! PrivateKey.generateRSA(bits: 3072))]
    static let platform = Holder("time lock")
    static let recovery = Holder("recovery")

    let keySet: KeySet
    let capsules: [Capsule]
    let committee: Committee
    let k: Int

    init(
        consultation: Identifier = Story.consultation, notBefore: Instant = Story.deadline, parts: [String] = ["offer"],
        members: [Holder] = Story.members,
        k: Int = 2
    ) {
        let made = try! Ceremony.make(
            consultation: consultation, notBefore: notBefore, parts: parts,
            members: members.map { CommitteeMember(name: $0.certificate.commonName!, certificate: $0.certificate) },
            k: k,
            timeLock: Story.platform.certificate, recovery: Story.recovery.certificate,
            now: notBefore.advanced(bySeconds: -86_400))
        keySet = made.keySet
        capsules = made.capsules
        committee = try! Committee(made.keySet, made.capsules)
        self.k = k
    }

    static let shared = Story()

    var timeLock: TimeLock {
        try! TimeLock(
            key: Story.platform.key, certificate: Story.platform.certificate, recovery: Story.recovery.certificate)
    }

    /// An opening announced by the first member and approved by these (from 1).
    func open(approvedBy numbers: [Int], session: borrowing OpeningSession) throws -> (
        announcement: Signed, approvals: [(signed: Signed, shares: [PartShare])]
    ) {
        let announcement = try Story.members[0].member.announce(
            committee, fingerprint: committee.fingerprint, log: "real", deadline: Story.deadline,
            closing: Story.closing, session: session.certificate)
        let approvals = try numbers.map { number in
            try Story.members[number - 1].member.approve(
                announcement, committee: committee, fingerprint: committee.fingerprint, latestDeadline: Story.deadline,
                now: Story.after)
        }
        return (announcement, approvals)
    }

    /// The key of a part, as an opener gets it.
    func partKey(_ part: String = "offer") throws -> PartKey {
        let session = try OpeningSession(now: Story.after)
        let capsule = committee.capsule(part)!
        let (_, approvals) = try open(approvedBy: [1, 3], session: session)
        let shares = zip([1, 3], approvals).map { number, approval in
            OpeningSession.ReceivedShare(number: number, share: approval.shares.first { $0.part == part }!.share)
        }
        return try session.partKey(capsule, shares: shares, secret: timeLock.release(capsule, to: session.certificate))
    }
}

/// A sealed bid in memory: what would lie in the folder.
struct SealedBid {
    let bid: Identifier
    var archive: [UInt8]
    var ciphertexts: [[UInt8]]
    let seal: Seal
    var logged: EnvelopeReader.Logged

    /// Documents by part, name and contents, sealed in segments of this many bytes.
    init(
        _ documents: [(part: String, name: String, bytes: [UInt8])], of story: Story = .shared, bid: String = "b1",
        depositor: Identifier = Story.depositor,
        segment: Int = 1000
    ) throws {
        self.bid = try Identifier(String(repeating: "0", count: 32 - bid.utf8.count) + bid)
        var builder = EnvelopeBuilder(
            consultation: story.keySet.consultation, bid: self.bid, keys: story.committee.fingerprint,
            sealedBy: .platform, depositor: depositor)
        ciphertexts = []
        for document in documents {
            let part = try story.committee.capsule(document.part)!.partCertificate
            var sealer = DocumentSealer(to: part, segment: segment)
            var pieces: [SealedPiece] = []
            for start in stride(from: 0, to: document.bytes.count, by: 700) {
                try sealer.seal(document.bytes[start..<min(start + 700, document.bytes.count)].span) {
                    pieces.append($0)
                }
            }
            let sealed = try sealer.finish { pieces.append($0) }
            var table = try SegmentTable()
            var ciphertext: [UInt8] = []
            for piece in pieces {
                switch piece {
                case .ciphertext(let bytes):
                    try table.ciphertext(bytes.span)
                    ciphertext += bytes
                case .segmentEnd(let header, _): try table.segmentEnd(header: header)
                }
            }
            try builder.add(
                part: part,
                document: ManifestDocument(name: document.name, length: sealed.length, sha256: sealed.sha256),
                files: try table.finish())
            ciphertexts.append(ciphertext)
        }
        let envelope = try builder.finish()
        seal = envelope.seal
        archive = envelope.archived(
            with: Received(
                consultation: story.keySet.consultation, bid: self.bid, depositor: depositor, user: depositor,
                seal: envelope.seal.digest, intent: "unstated",
                bidCodeHash: Digest.zero, deadline: Story.deadline, deadlineVersion: 1, started: Story.deadline,
                firstByte: Story.deadline,
                received: Story.deadline, clock: "sound"))
        logged = EnvelopeReader.Logged(
            bid: self.bid, consultation: story.keySet.consultation, depositor: depositor, seal: envelope.seal.digest,
            keys: story.committee.fingerprint)
    }

    /// Every document of the key's part, or the first error.
    func read(_ key: borrowing PartKey, seen: inout Set<Digest>) throws -> [[UInt8]] {
        let reader = try EnvelopeReader(logged, archive: archive)
        let manifest = try reader.manifest(key, seen: &seen)
        return try reader.documents(of: key.part).map { try read($0, reader, manifest, key) }
    }

    func read(_ key: borrowing PartKey) throws -> [[UInt8]] {
        var seen: Set<Digest> = []
        return try read(key, seen: &seen)
    }

    func read(_ number: Int, _ reader: EnvelopeReader, _ manifest: Manifest, _ key: borrowing PartKey) throws -> [UInt8]
    {
        var rest = ciphertexts[number - 1][...]
        var plaintext: [UInt8] = []
        try reader.read(document: number, of: manifest, with: key) { max in
            defer { rest = rest.dropFirst(max) }
            return Array(rest.prefix(max))
        } to: { bytes in
            for index in bytes.indices { plaintext.append(bytes[index]) }
        }
        return plaintext
    }
}
