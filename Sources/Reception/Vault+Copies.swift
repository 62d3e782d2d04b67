public import Canonical
import OpenSSL
public import Procurement
import Records

extension Vault {
    /// Registers a copy of safeguard that reached the buyer. Blocks.
    public func registerCopy(
        of id: Identifier, depositor: String, medium: String, bearer: String, arrived: Instant, by principal: Principal
    ) throws -> CopyEntry {
        let copy = Identifier(random: try Random.sixteen())
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            let fact = try consultation.registering(
                copy, depositor: depositor, medium: medium, bearer: bearer, arrived: arrived, by: principal,
                known: transaction.copies(of: id).count, now: clock.now)
            return [EventDraft(log: consultation.log, fact: fact)]
        }
        return try self.copy(copy, of: id)
    }

    /// What becomes of it. Blocks.
    public func decideCopy(
        _ copy: Identifier, of id: Identifier, _ decision: CopyDecided.Decision, cause: CopyDecided.Cause?, bid: Identifier?,
        grounds: String, by principal: Principal
    ) throws -> CopyEntry {
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            guard let entry = try transaction.copies(of: id).first(where: { $0.registered.copy == copy }) else {
                try Permission.check(principal, may: .decideCopy)
                throw Refusal(.notFound)
            }
            let fact = try consultation.deciding(
                entry, decision, cause: cause, bid: bid, started: try bid.flatMap { try started($0, of: id, in: transaction) },
                grounds: grounds, by: principal)
            return [EventDraft(log: consultation.log, fact: fact)]
        }
        return try self.copy(copy, of: id)
    }

    public func copies(of id: Identifier, for principal: Principal) throws -> [CopyEntry] {
        try register.read { [self] register in
            try self.consultation(id, in: register).check(principal, may: .registerCopy)
            return try register.copies(of: id)
        }
    }

    private func copy(_ copy: Identifier, of id: Identifier) throws -> CopyEntry {
        guard let entry = try register.read({ try $0.copies(of: id) }).first(where: { $0.registered.copy == copy }) else {
            throw VaultFailure.register("a copy of safeguard is missing")
        }
        return entry
    }

    /// When the transmission of a bid, a draft or an attempt of this consultation began.
    private func started(_ number: Identifier, of id: Identifier, in register: Snapshot) throws -> Instant? {
        if let bid = try register.bid(number) {
            guard bid.consultation == id, let consultation = try register.consultation(id),
                let bytes = try register.event(consultation.log, at: bid.position)
            else { return nil }
            return (try Event(canonical: bytes).fact as? BidReceived)?.started
        }
        if let draft = try register.draft(number) { return draft.consultation == id ? draft.started : nil }
        return try register.traces(of: number, account: nil).compactMap { trace in
            (try Event(canonical: trace.bytes).fact as? AttemptTraced).flatMap { $0.consultation == id ? $0.started : nil }
        }.min()
    }
}
