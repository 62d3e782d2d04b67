public import Canonical
import Linux
public import Procurement
import Records
import Sealing
import Synchronization

/// What the announcer of a released opening may read: the seals of the bids that are given out, and the documents of the parts
/// that were released. Ciphertext all of it.
extension Vault {
    /// Checks that a bid may be read, and makes the event of its first reading.
    private func reading(
        _ bid: Identifier, of id: Identifier, opening openingID: Identifier, by principal: Principal
    ) throws -> (entry: BidEntry, opening: OpeningState) {
        let (entry, state, wasRead) = try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            try Permission.check(principal, may: .readBids)
            let (state, _) = try self.opening(openingID, of: consultation, in: register)
            guard let entry = try register.bid(bid) else { throw Refusal(.notFound) }
            try consultation.checkRead(entry, in: state, by: principal)
            return (entry, state, try register.wasRead(bid, in: openingID))
        }
        if !wasRead {
            _ = try register.commit { [self] transaction in
                let consultation = try self.consultation(id, in: transaction)
                guard try !transaction.wasRead(bid, in: openingID) else { return [] }
                return [
                    EventDraft(
                        log: consultation.log,
                        fact: BidRead(consultation: id, opening: openingID, bid: bid, user: principal.user))
                ]
            }
        }
        return (entry, state)
    }

    public func seal(
        of bid: Identifier, _ id: Identifier, opening: Identifier, by principal: Principal
    ) throws -> EnvelopeFile {
        _ = try reading(bid, of: id, opening: opening, by: principal)
        return try file(EnvelopeStore.sealName(bid), of: id)
    }

    public func document(
        _ number: Int, of bid: Identifier, _ id: Identifier, opening: Identifier, by principal: Principal
    ) throws -> EnvelopeFile {
        let (entry, state) = try reading(bid, of: id, opening: opening, by: principal)
        guard number <= entry.documents else { throw Refusal(.notFound) }
        guard try state.parts.contains(part(number, of: entry)) else {
            throw Refusal(.withheld, "This document is of a part that this opening does not open.")
        }
        return try file(EnvelopeStore.documentName(bid, number), of: id)
    }

    /// The part that a document is of, as the seal has it whose digest is in the register.
    private func part(_ number: Int, of entry: BidEntry) throws -> String {
        let parts = try documentParts.parts(of: entry.bid) ?? readParts(of: entry)
        guard number <= parts.count else { throw Refusal(.notFound) }
        return parts[number - 1]
    }

    private func readParts(of entry: BidEntry) throws -> [String] {
        let archive = try file(EnvelopeStore.sealName(entry.bid), of: entry.consultation)
        let seal: Seal
        do { seal = try Seal(canonical: SealArchive.sealBytes(entry.seal) { try archive.read(max: $0) }) } catch {
            report("the seal of bid \(entry.bid) cannot be read: \(error)")
            throw Refusal(.notFound, "The seal is missing from the envelope, or altered.")
        }
        let parts = seal.documents.map(\.part)
        documentParts.keep(parts, of: entry.bid)
        return parts
    }

    private func file(_ name: String, of id: Identifier) throws -> EnvelopeFile {
        do {
            return try EnvelopeFile(envelopes.read(name, of: id))
        } catch {
            // The opener's tool must be able to name a missing file and go on.
            report("a file of an envelope cannot be read: \(name): \(error)")
            throw Refusal(.notFound, "The file is missing from the envelope.")
        }
    }
}

/// Of which part each document of a bid is: asked for each document, written in a seal of up to 10,000. The last few bids'.
final class DocumentParts: Sendable {
    private static let most = 32
    private let known = Mutex<[Identifier: [String]]>([:])

    func parts(of bid: Identifier) -> [String]? { known.withLock { $0[bid] } }

    func keep(_ parts: [String], of bid: Identifier) {
        known.withLock { known in
            if known.count >= Self.most { known.removeAll() }
            known[bid] = parts
        }
    }
}
