public import Canonical
import Merkle
public import Procurement
import Records

extension Vault {
    /// The closing statement, and what the buyer decided about it.
    public struct StatementView: Sendable {
        /// The `closing-stated` event's.
        public let bytes: [UInt8]
        public let digest: Digest
        public let log: Log
        public let position: Int64
        /// Events of the deadline's extensions, of reopenings, waivers and late bids that were admitted, in the order of the log.
        public let decisions: [[UInt8]]
        /// Requests about this consultation that were refused since the closing.
        public let refusals: Int64
        /// That the event is in the log (C2SP tlog-proof).
        public let proof: [UInt8]
        /// The timestamp over the event (RFC 3161); nil while it is still to come.
        public let token: [UInt8]?
    }

    /// A bidder's own line of it.
    public struct LineView: Sendable {
        /// The `bid-judged` event's.
        public let bytes: [UInt8]
        public let log: Log
        public let position: Int64
        /// That the event is in the log (C2SP tlog-proof).
        public let proof: [UInt8]
    }

    /// Before it is there, the buyer's side is told when; bidders read it once it is disclosed.
    public func statement(of id: Identifier, for principal: Principal) throws -> StatementView {
        try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            if consultation.phase == .published, principal.account == consultation.account {
                try Permission.check(principal, may: .readClosing)
                try consultation.checkPast(clock.sound())
            }
            try consultation.checkReadingStatement(
                principal, own: register.standing(of: principal.account, in: id).own)
            guard let bytes = try register.closing(of: id), let digest = consultation.closed,
                let position = try register.closingPosition(of: id)
            else { throw VaultFailure.register("the closing statement of \(id) is missing") }
            return StatementView(
                bytes: bytes, digest: digest, log: consultation.log, position: position,
                decisions: try register.decisions(on: id), refusals: try register.refusals(about: id, after: position),
                proof: try register.proof(of: consultation.log, position: position).encoded,
                token: try token(ofClosing: digest, in: register))
        }
    }

    public func line(of bid: Identifier, for principal: Principal) throws -> LineView {
        try register.read { [self] register in
            try Permission.check(principal, may: .readLine)
            guard let entry = try register.bid(bid) else { throw Refusal(.notFound) }
            let consultation = try self.consultation(entry.consultation, in: register)
            try consultation.checkReadingLine(principal, of: entry)
            guard let line = try register.line(of: bid) else {
                throw Refusal(.notYet, "The list of bids is not closed, or was closed before this one came.")
            }
            return LineView(
                bytes: line.bytes, log: line.log, position: line.position,
                proof: try register.proof(of: line.log, position: line.position).encoded)
        }
    }

    // MARK: The buyer's decisions

    public func reopen(
        _ id: Identifier, by principal: Principal, until deadline: Instant, grounds: String
    ) throws -> ConsultationView {
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            try Permission.check(principal, may: .reopen)
            let fact = try consultation.reopening(
                by: principal, until: deadline, grounds: grounds, among: transaction.openings(of: id), now: clock.sound())
            return [EventDraft(log: consultation.log, fact: fact)]
        }
        return try watch(id, for: principal)
    }

    public func waive(_ id: Identifier, by principal: Principal, grounds: String) throws -> ConsultationView {
        try decide(id, for: principal) { try $0.waiving(by: principal, grounds: grounds) }
    }

    public func disclose(
        _ id: Identifier, by principal: Principal, on occasion: StatementDisclosed.Occasion
    ) throws -> ConsultationView {
        try decide(id, for: principal) { try $0.disclosing(by: principal, on: occasion) }
    }

    /// Lets openings to come read a late bid; its company is told.
    public func admit(
        late bid: Identifier, of id: Identifier, on ground: LateBidAdmitted.Ground, grounds: String, by principal: Principal
    ) throws -> RecordedAct {
        let events = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            // Role and phase first: who may not ask learns of no bid.
            try consultation.check(principal, may: .admitLate)
            guard let entry = try transaction.bid(bid) else { throw Refusal(.notFound) }
            let fact = try consultation.admitting(late: entry, on: ground, grounds: grounds, by: principal)
            return [
                EventDraft(log: consultation.log, fact: fact),
                EventDraft(
                    log: consultation.log,
                    fact: NoticeDue(account: entry.depositor, consultation: id, bid: bid, kind: .lateAdmitted)),
            ]
        }
        return try act(events)
    }

    private func decide(
        _ id: Identifier, for principal: Principal, _ rule: @escaping @Sendable (Consultation) throws -> any Fact
    ) throws -> ConsultationView {
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            return [EventDraft(log: consultation.log, fact: try rule(consultation))]
        }
        return try consultation(id, for: principal)
    }
}
