public import Canonical
public import Evidence
import Merkle
public import Procurement
import Records

/// A receipt brought back to the vault that made it, as it was answered.
public struct PresentedReceipt: Sendable {
    public let bid: BidReceived
    public let log: Log
    /// RFC 6962 leaf hash.
    public let leaf: Digest
    public let generation: Int64
    public let position: Int64
    public let checks: [ReceiptPresented.Check]
    /// nil where the register has the bid, and nothing was recorded.
    public let recorded: Recorded?
    /// Of the consultation; nil where that is lost itself.
    public let phase: Phase?

    public struct Recorded: Sendable {
        public let standing: ReceiptPresented.Standing
        public let at: Instant
        /// Of the event, in the log.
        public let position: Int64
    }
}

extension Vault {
    /// Holds a receipt against this vault's keys and its register, and records it where the register lacks the bid.
    ///
    /// - Parameter file: as it came.
    /// - Throws: 422 `receipt` naming the check that fails; 403 for who may not bring it.
    public func present(_ file: [UInt8], by principal: Principal) throws -> PresentedReceipt {
        try Permission.check(principal, may: .present)
        let held = try HeldReceipt(file, keys: register.read { register in try Log.allCases.flatMap { try register.verifierKeys($0) } })
        _ = try register.commit { [self] transaction in
            guard try transaction.presented(leaf: held.leaf) == nil else { return [] }
            let place = try place(of: held, in: transaction)
            try Presenting.check(held.bid, of: transaction.consultation(held.bid.consultation), by: principal)
            guard let standing = Presenting.standing(of: held.leaf, at: place.place) else { return [] }
            if standing == .contradicting {
                report("the receipt of bid \(held.bid.bid) holds and contradicts the register: see its receipt-presented")
            }
            return [
                EventDraft(
                    log: held.log,
                    fact: ReceiptPresented(
                        of: held.leaf, held.bid, by: principal, generation: place.generation, position: place.place.position,
                        size: Int64(held.proof.checkpoint.size), root: held.proof.checkpoint.root, standing: standing,
                        checks: held.checks, container: try transaction.keep(held.bare)))
            ]
        }
        return try register.read { [self] register in
            let place = try place(of: held, in: register)
            let consultation = try register.consultation(held.bid.consultation)
            try Presenting.check(held.bid, of: consultation, by: principal)
            let entry = try register.presented(leaf: held.leaf)
            return PresentedReceipt(
                bid: held.bid, log: held.log, leaf: held.leaf, generation: place.generation, position: place.place.position,
                checks: entry?.fact.checks ?? held.checks,
                recorded: entry.map { .init(standing: $0.fact.standing, at: $0.at, position: $0.position) },
                phase: consultation?.phase)
        }
    }

    /// Those that were presented of a consultation, each with its leaf.
    public func presented(
        in id: Identifier, for principal: Principal
    ) throws -> [(fact: ReceiptPresented, at: Instant, bid: BidReceived)] {
        try register.read { [self] register in
            try consultation(id, in: register).check(principal, may: .readPresented)
            return try register.presented(in: id).map { entry in
                let container = try kept(entry.fact, in: register)
                guard let bid = try Event(canonical: container.leaf).fact as? BidReceived else {
                    throw VaultFailure.register("a presented receipt is of no bid")
                }
                return (entry.fact, entry.at, bid)
            }
        }
    }

    /// One of them, as it is kept.
    public func presentedReceipt(of bid: Identifier, in id: Identifier, for principal: Principal) throws -> ReceiptContainer {
        try register.read { [self] register in
            try consultation(id, in: register).check(principal, may: .readPresented)
            guard let entry = try register.presented(in: id).first(where: { $0.fact.bid == bid }) else {
                throw Refusal(.notFound)
            }
            return try kept(entry.fact, in: register)
        }
    }

    private func kept(_ fact: ReceiptPresented, in register: some RegisterReading) throws -> ReceiptContainer {
        guard let bytes = try register.object(fact.container) else {
            throw VaultFailure.register("a presented receipt is missing")
        }
        return try ReceiptContainer(parsing: bytes)
    }

    /// What the register has where the receipt's leaf stood.
    private func place(of held: HeldReceipt, in register: Snapshot) throws -> (generation: Int64, place: Presenting.Place) {
        let generations = try register.generations(held.log)
        guard let index = generations.firstIndex(where: { $0.key.name == held.proof.checkpoint.origin }) else {
            throw VaultFailure.register("a receipt is of a generation that is not there")
        }
        let generation = generations[index]
        let position = generation.base + Int64(held.proof.index)
        var lost: Int64?
        if index + 1 < generations.count, let next = try register.event(held.log, at: generations[index + 1].base),
            let fact = try Event(canonical: next).fact as? LogContinued
        {
            lost = fact.lost
        }
        let leaf = position < generation.count ? try register.event(held.log, at: position).map { MerkleTree.leaf($0) } : nil
        return (generation.number, Presenting.Place(position: position, count: generation.count, leaf: leaf, lost: lost))
    }
}
