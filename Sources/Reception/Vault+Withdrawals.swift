public import Canonical
import Linux
import Merkle
public import Procurement
import Records

extension Vault {
    /// What a bidder gets for an act on its bid: the event, and where it stands in the log.
    public struct RecordedAct: Sendable {
        public let event: [UInt8]
        public let log: Log
        public let position: Int64
        /// That the event is in the log (C2SP tlog-proof).
        public let proof: [UInt8]
    }

    /// The consultation of one's own bid. Blocks.
    public func consultation(ofBid bid: Identifier, for principal: Principal, may action: Action) throws -> Identifier {
        try Permission.check(principal, may: action)
        guard let entry = try register.read({ try $0.bid(bid) }), entry.depositor == principal.account else {
            throw Refusal(.notFound)
        }
        return entry.consultation
    }

    /// Withdraws a bid. Asked again, it answers with the same event. Blocks.
    public func withdraw(
        _ bid: Identifier, by principal: Principal, bidCode: String?, ticket: SubmissionTicket
    ) throws -> RecordedAct {
        defer { pending.leave(ticket.ticket) }
        let code = bidCode.flatMap { try? BidCode($0).digest }
        do {
            if let known = try withdrawal(of: bid, by: principal, code: code) { return known }
            let events = try register.commit { [self] transaction in
                let (consultation, entry, kept) = try self.own(bid, in: transaction)
                let fact = try consultation.withdrawing(
                    entry, by: principal, code: code, kept: kept, received: ticket.ticket.received,
                    clock: ticket.ticket.clock)
                return [
                    EventDraft(log: consultation.log, fact: fact),
                    EventDraft(
                        log: consultation.log,
                        fact: NoticeDue(account: principal.account, consultation: consultation.id, bid: bid, kind: .withdrawn)),
                ]
            }
            return try act(events)
        } catch let refusal as Refusal where refusal.kind == .forbidden {
            noticeRefused(bid, of: principal)
            throw refusal
        }
    }

    /// Says what an unstated bid is. Blocks.
    public func state(
        _ intent: Intent, of bid: Identifier, by principal: Principal, bidCode: String?, ticket: SubmissionTicket
    ) throws -> RecordedAct {
        defer { pending.leave(ticket.ticket) }
        let code = bidCode.flatMap { try? BidCode($0).digest }
        let events = try register.commit { [self] transaction in
            let (consultation, entry, kept) = try self.own(bid, in: transaction)
            let fact = try consultation.stating(
                intent, of: entry, by: principal, code: code, kept: kept, received: ticket.ticket.received,
                clock: ticket.ticket.clock)
            return [EventDraft(log: consultation.log, fact: fact)]
        }
        return try act(events)
    }

    /// What the company has to be told, the newest first, at most a hundred.
    public func notices(for principal: Principal) throws -> [Notice] {
        try Permission.check(principal, may: .readNotices)
        return try register.read { try $0.notices(account: principal.account, limit: 100) }
    }

    // MARK: -

    private func own(
        _ bid: Identifier, in register: some RegisterReading
    ) throws -> (Consultation, BidEntry, code: Digest) {
        guard let entry = try register.bid(bid) else { throw Refusal(.notFound) }
        let consultation = try consultation(entry.consultation, in: register)
        guard let bytes = try register.event(consultation.log, at: entry.position),
            let fact = try Event(canonical: bytes).fact as? BidReceived
        else { throw VaultFailure.register("the event of a bid is missing") }
        return (consultation, entry, fact.bidCode)
    }

    /// The withdrawal that is recorded already, for who has the code.
    private func withdrawal(of bid: Identifier, by principal: Principal, code: Digest?) throws -> RecordedAct? {
        try register.read { [self] register in
            guard let entry = try register.bid(bid), entry.isWithdrawn else { return nil }
            let (consultation, _, kept) = try self.own(bid, in: register)
            guard entry.depositor == principal.account else { throw Refusal(.notFound) }
            guard let code, code == kept else { throw Refusal(.forbidden, "The bid code is needed.") }
            guard let found = try register.withdrawal(of: bid) else { return nil }
            return RecordedAct(
                event: found.bytes, log: consultation.log, position: found.position,
                proof: try register.proof(of: consultation.log, position: found.position).encoded)
        }
    }

    func act(_ events: [CommittedEvent]) throws -> RecordedAct {
        guard let event = events.first else { throw VaultFailure.register("an event is missing") }
        return RecordedAct(
            event: event.bytes, log: event.log, position: event.position,
            proof: try register.read { try $0.proof(of: event.log, position: event.position) }.encoded)
    }

    /// A withdrawal without the code is what a stolen session would try: the company is told, once for a few.
    private func noticeRefused(_ bid: Identifier, of principal: Principal) {
        guard refusals.isEvent(principal.user, reason: "withdrawal-notices") else { return }
        trace { [self] transaction in
            guard let entry = try transaction.bid(bid), entry.depositor == principal.account else { return [] }
            let consultation = try self.consultation(entry.consultation, in: transaction)
            return [
                EventDraft(
                    log: consultation.log,
                    fact: NoticeDue(account: principal.account, consultation: consultation.id, bid: bid, kind: .withdrawalRefused))
            ]
        } failed: { [refusals] in
            refusals.count(source: principal.user.text, reason: "withdrawal-notices")
        }
    }
}
