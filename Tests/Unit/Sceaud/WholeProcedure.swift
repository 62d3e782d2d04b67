import Canonical
import Evidence
import Foundation
import Linux
import Merkle
import OpenSSL
import Procurement
import Records
import Sealing

@testable import sceaud

/// What a vault holds of a procedure that is over, put there without a daemon.
extension InitialisedFolder {
    /// A consultation with one bid, closed, the bidder's line drawn, both stamped by the vault's own authority.
    ///
    /// - Returns: the consultation and its bid.
    @discardableResult
    func procedure(_ document: String = "a price") throws -> (consultation: Identifier, bid: Identifier) {
        // Its deadline is its *received*: three seconds ago, so that it is over.
        let keySet = Array("key set of \(document)".utf8)
        let path = try receive(Array(document.utf8), receivedBefore: 3, keys: Digest(SHA256.hash(keySet)))
        let parts = path.split(separator: "/").suffix(2).map(String.init)
        let (consultation, bid) = (try Identifier(parts[0]), try Identifier(parts[1]))
        let user = Identifier(random: try Random.sixteen())
        let secret = try Digest(bytes: Random.bytes(32))
        let register = try Register(data: data, limits: DefaultLimits.register, surroundings)
        defer { register.stop() }
        try register.commit { transaction in
            let fingerprint = try transaction.keep(keySet)
            guard let found = try transaction.consultation(consultation) else { return [] }
            return [
                EventDraft(
                    log: .real,
                    fact: KeysSet(
                        consultation: consultation, user: user, fingerprint: fingerprint, k: 2, n: 3, notBefore: found.deadline.instant,
                        parts: [
                            .init(
                                part: "offer", certificate: .zero, capsule: try transaction.keep(Array("capsule".utf8)), secret: secret)
                        ])),
                EventDraft(
                    log: .real,
                    fact: Published(
                        consultation: consultation, user: user, fingerprint: fingerprint, deadline: found.deadline.instant,
                        deadlineVersion: 1)),
            ]
        }
        let closing = try register.commit { transaction in
            let head = try Checkpoint(transaction.signedHead(.real))
            guard let found = try transaction.consultation(consultation) else { return [] }
            return [
                EventDraft(
                    log: .real,
                    fact: try found.closing(
                        bids: transaction.bids(of: consultation), drafts: 0, attempts: 0, deadlines: transaction.deadlines(of: consultation),
                        outages: [], size: Int64(head.size), root: head.root,
                        now: Instant(milliseconds: Clocks.realtimeMilliseconds())))
            ]
        }[0]
        let statement = Digest(SHA256.hash(closing.bytes))
        try register.commit { _ in
            [
                EventDraft(
                    log: .real,
                    fact: BidJudged(
                        consultation: consultation, bid: bid, verdict: .onTime, deadlineVersion: 1, statement: statement))
            ]
        }
        let leaf = try register.read { read in
            try read.bid(bid).flatMap { try read.event(.real, at: $0.position) } ?? []
        }
        let archive = try SealArchive(parsing: [UInt8](Data(contentsOf: URL(filePath: path + ".seal"))))
        let manifest = try ReceiptManifest(leaf: leaf, seal: archive.seal.canonicalBytes).digest
        for (kind, id, subject) in [(Timestamped.Kind.bid, bid, manifest), (.closing, nil, statement)] as [(Timestamped.Kind, Identifier?, Digest)] {
            let token = try token(over: subject)
            try register.commit { transaction in
                [
                    EventDraft(
                        log: .real,
                        fact: Timestamped(
                            subject: subject, kind: kind, consultation: consultation, bid: id, token: try transaction.keep(token.der),
                            authority: Timestamped.embedded, instant: Instant(milliseconds: token.genTime)))
                ]
            }
        }
        return (consultation, bid)
    }

    /// Of the vault's own authority, now.
    func token(over subject: Digest) throws -> TimestampToken {
        let now = Clocks.realtimeMilliseconds()
        let keys = try TimestampKeys(configuration.timestamp, now: now / 1000)
        return try TimestampResponse(der: keys.authority.answer(TimestampRequest(imprint: subject.inline).der, at: now)).token
    }

    /// Makes the heads public, and has a witness of each log cosign them.
    func publish(seenBy witness: borrowing NoteSigner) throws {
        let register = try Register(data: data, limits: DefaultLimits.register, surroundings)
        defer { register.stop() }
        try register.commit { transaction in
            try transaction.publishHeads()
            return []
        }
        for log in Procurement.Log.allCases {
            let published = try register.read { read in
                try read.generations(log).last.flatMap { try read.publishedCheckpoint(log, generation: $0.number) }
            }
            guard let published else { continue }
            let note = try witness.sign(published.note, seconds: Int(published.at.second) + 5)
            let (key, own) = try (
                witness.verifier, Note(text: note.text, signatures: note.signatures.filter { !published.note.signatures.contains($0) })
            )
            try register.commit { transaction in
                try transaction.keep(own, by: key, of: published)
                return []
            }
        }
    }

    /// A new key for the real log.
    func rotate() throws {
        guard case .run(_, let arguments) = try Arguments.read(["key", "rotate", "--config", data + "/sceaud.json5", "--log", "real"])
        else { throw CocoaError(.featureUnsupported) }
        _ = try KeyActs.rotate(arguments)
    }

    /// A bid that was acknowledged is lost with its event, and the vault goes on from an older register, knowing of a checkpoint that
    /// somebody else had kept.
    func loseOneAndContinue() throws {
        let copy = place.path + "/older"
        try FileManager.default.copyItem(atPath: data + "/register", toPath: copy)
        let lost = try receive(Array("lost".utf8))
        let register = try Register(data: data, limits: DefaultLimits.register, surroundings)
        let head = try register.read { try $0.signedHead(.real) }
        register.stop()
        try place.write("found.checkpoint", String(decoding: head.encoded, as: UTF8.self))
        try FileManager.default.removeItem(atPath: data + "/register")
        try FileManager.default.moveItem(atPath: copy, toPath: data + "/register")
        try FileManager.default.removeItem(atPath: URL(filePath: lost).deletingLastPathComponent().path)
        _ = try Continuing(
            configuration: configuration, checkpoints: [place.path + "/found.checkpoint"], isWhole: false
        ).run()
    }
}
