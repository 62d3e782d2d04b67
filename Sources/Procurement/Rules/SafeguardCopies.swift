public import Canonical

/// A copy of safeguard as the register knows it.
public struct CopyEntry: Sendable, Equatable {
    public let registered: CopyRegistered
    /// The last decision about it.
    public let decision: CopyDecided.Decision?

    public init(registered: CopyRegistered, decision: CopyDecided.Decision?) {
        self.registered = registered
        self.decision = decision
    }

    public static func == (left: CopyEntry, right: CopyEntry) -> Bool {
        left.registered.canonicalFields == right.registered.canonicalFields && left.decision == right.decision
    }
}

extension CopyRegistered {
    fileprivate var canonicalFields: [UInt8] { JSON.object(fields).encoded() }
}

extension Consultation {
    public static let mostCopies = 1000

    public func registering(
        _ copy: Identifier, depositor: String, medium: String, bearer: String, arrived: Instant, by principal: Principal,
        known: Int, now: Instant
    ) throws(Refusal) -> CopyRegistered {
        try check(principal, may: .registerCopy)
        guard known < Consultation.mostCopies else { throw Refusal(.tooLarge, "There are as many copies here as there may be.") }
        for (text, field) in [(depositor, "depositor"), (medium, "medium"), (bearer, "bearer")] {
            try PlainText.check(text, field, max: CopyRegistered.longestText)
        }
        guard arrived <= now else { throw Refusal(.invalid, "arrived: it is still to come.") }
        return CopyRegistered(
            copy: copy, consultation: id, user: principal.user, depositor: depositor, medium: medium, bearer: bearer, arrived: arrived)
    }

    /// A copy is opened only in place of an electronic bid that is infected, or that is incomplete, late or unreadable and
    /// whose transmission had begun in time (annex 6, article 2); else it is set aside, returned or destroyed.
    ///
    /// - Parameters:
    ///   - copy: of this consultation.
    ///   - started: when the transmission of `bid` began; nil where nothing is known of it.
    public func deciding(
        _ copy: CopyEntry, _ decision: CopyDecided.Decision, cause: CopyDecided.Cause?, bid: Identifier?, started: Instant?,
        grounds: String, by principal: Principal
    ) throws(Refusal) -> CopyDecided {
        try check(principal, may: .decideCopy)
        guard copy.registered.consultation == id else { throw Refusal(.notFound) }
        try Grounds.check(grounds)
        guard copy.decision == nil || copy.decision == .setAside, copy.decision != decision else {
            throw Refusal(.alreadyDone, "It was \(copy.decision?.rawValue ?? "") before.")
        }
        if decision == .opened {
            guard let cause else { throw Refusal(.invalid, "cause: infected, incomplete, late or unreadable.") }
            guard deadline.verdict(received: copy.registered.arrived) == .onTime else {
                throw Refusal(.tooLate, "The copy itself came after the deadline.")
            }
            guard let bid, let started else { throw Refusal(.invalid, "bid: the bid, or the attempt at one, that it stands for.") }
            guard cause == .infected || deadline.verdict(received: started) == .onTime else {
                throw Refusal(.tooLate, "The transmission of \(bid) began after the deadline.")
            }
        } else if cause != nil {
            throw Refusal(.invalid, "cause: of a copy that is opened only.")
        }
        return CopyDecided(
            copy: copy.registered.copy, consultation: id, user: principal.user, decision: decision, cause: cause, bid: bid,
            grounds: grounds)
    }
}
