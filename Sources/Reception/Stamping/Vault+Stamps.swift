public import Canonical
import Evidence
import Linux
import OpenSSL
import Procurement
public import Records
import Sealing

extension Vault {
    /// What a bid's or a closing's token is: for its receipt.
    ///
    /// - Returns: nil while the stamp is still to come.
    public func stamp(
        ofBid bid: Identifier, in snapshot: Snapshot
    ) throws -> (token: [UInt8], stamp: StampEntry.Stamp)? {
        guard let stamp = try snapshot.stamp(.bid, bid.text)?.stamp else { return nil }
        guard let token = try snapshot.object(stamp.token) else {
            throw VaultFailure.register("the timestamp of \(bid) is missing")
        }
        return (token, stamp)
    }

    /// The token over a closing, by its digest; nil while it is still to come.
    func token(ofClosing digest: Digest, in snapshot: Snapshot) throws -> [UInt8]? {
        guard let stamp = try snapshot.stamp(.closing, digest.hex)?.stamp else { return nil }
        guard let token = try snapshot.object(stamp.token) else {
            throw VaultFailure.register("the timestamp of the closing \(digest) is missing")
        }
        return token
    }

    /// Waits for a bid's stamp where the embedded authority makes it, which takes a moment; never for an external one, nor
    /// for a clock to be believed.
    /// Blocks: on the pool or a writer.
    public func awaitStamp(ofBid bid: Identifier, milliseconds: Int64) throws -> (token: [UInt8], stamp: StampEntry.Stamp)? {
        let isSoon = stamping.external.isEmpty && stampingInstant != nil
        let end = Clocks.monotonicMilliseconds() + (isSoon ? milliseconds : 0)
        while true {
            let rounds = stamper.rounds
            if let found = try register.read({ try self.stamp(ofBid: bid, in: $0) }) { return found }
            let rest = end - Clocks.monotonicMilliseconds()
            guard rest > 0, stamper.awaitRound(after: rounds, milliseconds: rest) else { return nil }
        }
    }

    /// Publication of a real consultation, where this vault needs an external authority and has none.
    func checkAuthorities(for consultation: Consultation) throws(Refusal) {
        guard stamping.isExternalRequired, stamping.external.isEmpty, consultation.log == .real else { return }
        throw Refusal(.timestamps, "This vault publishes real consultations only with an external time-stamping authority.")
    }

    /// One round of the stamper. Whether something is left that could be stamped at once.
    func stampSome(_ stamper: Stamper) -> Bool {
        do {
            let lacking = try register.read { [unstampable] snapshot in
                try snapshot.unstamped(limit: Stamper.batch + unstampable.count).filter { !unstampable.contains($0.id) }
            }
            var made: [Made] = []
            for entry in lacking {
                let subject: Digest
                do { subject = try self.subject(of: entry) } catch {
                    unstampable.insert(entry.id)
                    report("no timestamp can be made for the \(entry.kind.rawValue) \(entry.id): \(error)")
                    continue
                }
                guard let (token, authority) = stamper.token(over: subject) else { break }
                made.append(Made(entry: entry, subject: subject, token: token, authority: authority))
            }
            guard !made.isEmpty else { return false }
            try keep(made)
            return lacking.count >= Stamper.batch
        } catch {
            report("timestamps could not be kept and will be asked again: \(error)")
            return false
        }
    }

    private struct Made: Sendable {
        let entry: StampEntry
        let subject: Digest
        let token: TimestampToken
        let authority: String
    }

    /// By the lane of traces, which never takes a bid's place; waits for the commit.
    private func keep(_ made: [Made]) throws {
        for log in Log.allCases {
            let own = made.filter { $0.entry.log == log }
            guard !own.isEmpty else { continue }
            try register.commit(.trace) { transaction in
                try own.compactMap { made in
                    guard let entry = try transaction.stamp(made.entry.kind, made.entry.id), entry.stamp == nil else {
                        return nil
                    }
                    let fact = Timestamped(
                        subject: made.subject, kind: entry.kind, consultation: entry.consultation,
                        bid: entry.kind == .bid ? try Identifier(entry.id) : nil, token: try transaction.keep(made.token.der),
                        authority: made.authority, instant: Instant(milliseconds: made.token.genTime))
                    return EventDraft(log: entry.log, fact: fact)
                }
            }
        }
    }

    /// What the token is to be over: SHA-256 of a bid's ASiC manifest, or of a closing's event.
    private func subject(of entry: StampEntry) throws -> Digest {
        let leaf = try register.read { try $0.event(entry.log, at: entry.position) }
        guard let leaf else { throw VaultFailure.register("its event is missing") }
        switch entry.kind {
        case .closing: return Digest(SHA256.hash(leaf))
        case .bid:
            let bid = try Identifier(entry.id)
            let archive = try SealArchive(
                parsing: envelopes.seal(of: bid, in: entry.consultation, max: SealingLimits.archive))
            return try ReceiptManifest(leaf: leaf, seal: archive.seal.canonicalBytes).digest
        }
    }
}
