public import Canonical
import Merkle
import OpenSSL
public import Procurement
import Records

/// An attempt at a deposit: its number is shown with the first answer, and a bid that it becomes has the same.
public struct Attempt: Sendable {
    public let number: Identifier
    public let started: Instant
    /// Bytes that its request announced.
    public let announced: Int64?
    /// In force when it began, by name.
    public let limits: [AttemptTraced.Limit]

    public init(number: Identifier, started: Instant, announced: Int64?, limits: [AttemptTraced.Limit]) {
        self.number = number
        self.started = started
        self.announced = announced
        self.limits = limits
    }

    func traced(
        _ consultation: Identifier?, account: Identifier, user: Identifier, offset: Int64?, cause: String, status: Int64?,
        reference: String?
    ) -> AttemptTraced {
        AttemptTraced(
            attempt: number, consultation: consultation, account: account, user: user, started: started, announced: announced,
            offset: offset, cause: cause, status: status, reference: reference, limits: limits)
    }
}

/// What a refused client was shown.
public struct ShownProblem: Sendable {
    public let status: Int
    public let reference: String

    public init(status: Int, reference: String) {
        self.status = status
        self.reference = reference
    }
}

extension Vault {
    public struct AttemptView: Sendable {
        public let attempt: Identifier
        /// The bid that it became.
        public let bid: BidEntry?
        /// The bid's event; or what is kept of an attempt that ended in none.
        public let events: [AttemptStatement.Entry]
    }

    /// What was kept last of this account's attempts: also of one that was cut before its number had reached anybody.
    public func attempts(for principal: Principal) throws -> [AttemptTraced] {
        try Permission.check(principal, may: .readAttempt)
        return try register.read { try $0.traces(account: principal.account, limit: 100) }
    }

    /// What became of an attempt. Only its own account may ask: for all others there is none.
    public func attempt(_ number: Identifier, for principal: Principal) throws -> AttemptView {
        try Permission.check(principal, may: .readAttempt)
        return try register.read { try self.attempt(number, for: principal, in: $0) }
    }

    private func attempt(_ number: Identifier, for principal: Principal, in register: Snapshot) throws -> AttemptView {
        if let bid = try register.bid(number), bid.depositor == principal.account {
            let consultation = try consultation(bid.consultation, in: register)
            guard let bytes = try register.event(consultation.log, at: bid.position) else {
                throw VaultFailure.register("a bid's event is missing")
            }
            return AttemptView(
                attempt: number, bid: bid, events: [.init(log: consultation.log, position: bid.position, bytes: bytes)])
        }
        let traces = try register.traces(of: number, account: principal.account)
            .map { AttemptStatement.Entry(log: $0.log, position: $0.position, bytes: $0.bytes) }
        guard !traces.isEmpty else { throw Refusal(.notFound) }
        return AttemptView(attempt: number, bid: nil, events: traces)
    }

    /// A statement, and the event that vouches for it.
    public struct Attestation: Sendable {
        public let statement: [UInt8]
        public let log: Log
        public let position: Int64
        public let event: [UInt8]
        /// That the event is in the log (C2SP tlog-proof): the signature.
        public let proof: [UInt8]
    }

    /// The platform's word on an attempt: its events, and the outages while it lasted. Asked again, the same as long as
    /// there is nothing new to say.
    public func attest(attempt number: Identifier, by principal: Principal) throws -> Attestation {
        try Permission.check(principal, may: .readAttempt)
        return try attest(.attempt, by: principal) { register in
            let view = try self.attempt(number, for: principal, in: register)
            let events = try view.events.map { try Event(canonical: $0.bytes) }
            let (consultation, started) = Self.beginning(of: events)
            let ended = events.map(\.at).max() ?? started
            let statement = AttemptStatement(
                instance: platform.instance, attempt: number, account: principal.account, bid: view.bid?.bid,
                events: view.events,
                outages: try register.sampledOutages(from: started, to: max(ended, Instant(milliseconds: started.milliseconds + 1))))
            return (statement.canonicalBytes, view.events.first?.log ?? .real, consultation)
        }
    }

    /// The platform's word on its own health between two instants, at most a year apart.
    public func attestHealth(from: Instant, to: Instant, by principal: Principal) throws -> Attestation {
        try Permission.check(principal, may: .attestHealth)
        guard from < to, to.milliseconds - from.milliseconds <= 366 * 86_400_000 else {
            throw Refusal(.invalid, "from, to: two instants in order, at most a year apart.")
        }
        return try attest(.health, by: principal) { register in
            let statement = HealthStatement(
                instance: platform.instance, from: from, to: to,
                hours: try register.health(from: from, to: to, limit: 10_000).map {
                    .init(hour: $0.health.hour, samples: $0.health.samples, count: $0.health.count, position: $0.position)
                },
                outages: Array(try register.sampledOutages(from: from, to: to).prefix(10_000)))
            return (statement.canonicalBytes, .real, nil)
        }
    }

    /// A request that ended before its end, of a deposit or of an upload: kept, and never anybody's delay.
    ///
    /// - Parameter offset: bytes that had come.
    func traceFailed(
        _ attempt: Attempt, _ consultation: Consultation, _ principal: Principal, offset: Int64, cause: String
    ) {
        guard refusals.isEvent(principal.user, reason: cause) else { return }
        let fact = AttemptFailed(
            consultation: consultation.id, account: principal.account, user: principal.user, started: attempt.started,
            announced: attempt.announced, offset: offset, cause: cause)
        let traced = attempt.traced(
            fact.consultation, account: fact.account, user: fact.user, offset: offset, cause: cause, status: nil, reference: nil)
        let log = consultation.log
        trace({ _ in [EventDraft(log: log, fact: fact), EventDraft(log: log, fact: traced)] }) { [refusals] in
            refusals.count(source: fact.user.text, reason: cause)
        }
    }

    private static func beginning(of events: [Event]) -> (Identifier?, Instant) {
        for event in events {
            switch event.fact {
            case let fact as AttemptTraced: return (fact.consultation, fact.started)
            case let fact as BidReceived: return (fact.consultation, fact.started)
            default: continue
            }
        }
        return (nil, Instant(milliseconds: 0))
    }

    private func attest(
        _ subject: Attested.Subject, by principal: Principal,
        saying: (Snapshot) throws -> (statement: [UInt8], log: Log, consultation: Identifier?)
    ) throws -> Attestation {
        let (statement, log, consultation) = try register.read(saying)
        let digest = Digest(SHA256.hash(statement))
        if let known = try register.read({ try $0.attestation(of: digest) }) {
            return try attestation(statement, known.log, known.position, known.bytes)
        }
        // Each is an event for ever: no more of them than refusals may be.
        guard refusals.isEvent(principal.user, reason: "attestations") else {
            throw Refusal(.busy, "Attestations are rationed; try again in a minute.")
        }
        let committed = try register.commit { transaction in
            guard try transaction.attestation(of: digest) == nil else { return [] }
            return [
                EventDraft(
                    log: log,
                    fact: Attested(
                        subject: subject, statement: try transaction.keep(statement), account: principal.account,
                        user: principal.user, consultation: consultation))
            ]
        }
        if let event = committed.first {
            return try attestation(statement, event.log, event.position, event.bytes)
        }
        guard let known = try register.read({ try $0.attestation(of: digest) }) else {
            throw VaultFailure.register("an attestation is missing")
        }
        return try attestation(statement, known.log, known.position, known.bytes)
    }

    private func attestation(_ statement: [UInt8], _ log: Log, _ position: Int64, _ event: [UInt8]) throws -> Attestation {
        let proof = try register.read { try $0.proof(of: log, position: position) }
        return Attestation(statement: statement, log: log, position: position, event: event, proof: proof.encoded)
    }
}
