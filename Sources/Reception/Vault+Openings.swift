public import Canonical
import Linux
import OpenSSL
public import Procurement
import Records
import Sealing

/// The unsealing protocol, as the daemon sees it. It checks and keeps what members sign, and adds the platform's half once
/// the rules hold, in the scribe; it never sees a share in the clear, nor a plaintext.
extension Vault {
    public struct OpeningView: Sendable {
        public let state: OpeningState
        public let signed: [UInt8]
        public let needed: Int
    }

    public struct ReleasedApproval: Sendable {
        public let number: Int
        public let signed: [UInt8]
        public let shares: [(part: String, share: [UInt8])]
    }

    public struct ListedBid: Sendable {
        public let entry: BidEntry
        public let event: [UInt8]
        /// The `verdict-given` event of a bid whose own verdict was `pending`.
        public let verdict: [UInt8]?
        public let isWithheld: Bool
        /// What was said of it later: `intent-stated`, `bid-withdrawn` and `late-bid-admitted` events.
        public let changes: [[UInt8]]
    }

    // MARK: 1 announce

    public func announce(
        _ id: Identifier, by principal: Principal, signed: [UInt8]
    ) throws -> (opening: Identifier, digest: Digest) {
        let material = try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            // The rules' own order: role, time, phase; a signature is looked at last.
            try Permission.check(principal, may: .announce)
            try consultation.checkAnnouncing(principal, now: clock.sound())
            return try self.material(of: consultation, in: register)
        }
        let opening = try Vault.refusing(.signature) {
            try material.committee.opening(
                Signed(canonical: signed), fingerprint: material.keySet.fingerprint)
        }
        guard opening.consultation == id else { throw Refusal(.invalid, "consultation: another one.") }
        guard opening.purpose == .open else { throw Refusal(.unsupported, "purpose: only open is possible.") }
        guard let log = Log(rawValue: opening.log) else { throw Refusal(.invalid, "log: not a known log.") }
        let digest = Digest(SHA256.hash(opening.canonicalBytes))
        let announcement = Consultation.Announcement(
            opening: opening.opening, log: log, fingerprint: opening.fingerprint, deadline: opening.deadline,
            closing: opening.closing, parts: opening.parts, announcer: opening.announcer,
            session: Digest(opening.session), digest: digest, signed: Digest(SHA256.hash(signed)))
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            let fact = try consultation.announcing(
                announcement, among: transaction.openings(of: id),
                isTaken: transaction.opening(opening.opening) != nil, by: principal, now: clock.sound())
            _ = try transaction.keep(signed)
            return [EventDraft(log: consultation.log, fact: fact)]
        }
        return (opening.opening, digest)
    }

    public func openings(of id: Identifier, for principal: Principal) throws -> [OpeningView] {
        try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            try consultation.checkListing(principal)
            return try register.openings(of: id).map { state in
                guard let signed = try register.object(state.announcement) else {
                    throw VaultFailure.register("an announcement is missing")
                }
                return OpeningView(state: state, signed: signed, needed: consultation.keys?.k ?? 0)
            }
        }
    }

    /// What some opener could not open, and no other has opened.
    public func failed(of id: Identifier, for principal: Principal) throws -> [FailedPart] {
        try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            try consultation.checkListing(principal)
            return FailedPart.all(in: try register.findings(of: id))
        }
    }

    // MARK: 2 approve

    public func approve(
        _ id: Identifier, opening openingID: Identifier, by principal: Principal, signed: [UInt8],
        shares: [(part: String, share: [UInt8])]
    ) throws -> (approvals: [Int], needed: Int) {
        let (material, announcement) = try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            try consultation.check(principal, may: .approve)
            let (_, signed) = try self.opening(openingID, of: consultation, in: register)
            return (try self.material(of: consultation, in: register), signed)
        }
        let parts = shares.map { PartShare(part: $0.part, share: $0.share) }
        let approval = try Vault.refusing(.signature) {
            let opening = try material.committee.opening(
                Signed(canonical: announcement), fingerprint: material.keySet.fingerprint)
            let digest = Digest(SHA256.hash(opening.canonicalBytes))
            return try material.committee.approval(
                Signed(canonical: signed), shares: parts, opening: opening, digest: digest)
        }
        let isPaper = material.isPaper(approval.number)
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            let (state, _) = try self.opening(openingID, of: consultation, in: transaction)
            let kept = try shares.map { OpeningApproved.Share(part: $0.part, share: try transaction.keep($0.share)) }
            let fact = try consultation.approving(
                state, member: approval.number, memberInstant: approval.at, approval: transaction.keep(signed),
                shares: kept, isPaper: isPaper, by: principal, now: clock.sound())
            return [EventDraft(log: consultation.log, fact: fact)]
        }
        return try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            let (state, _) = try self.opening(openingID, of: consultation, in: register)
            return (state.approvals.map(\.member), consultation.keys?.k ?? 0)
        }
    }

    // MARK: 3 release

    /// The approvals with their shares, and each part's T′ sealed to the session certificate.
    public func release(
        _ id: Identifier, opening openingID: Identifier, by principal: Principal
    ) throws -> (approvals: [ReleasedApproval], parts: [(part: String, secret: [UInt8])]) {
        // The decision first, in the scribe: time, quorum, announcer. It is on record before anything leaves.
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            let (state, _) = try self.opening(openingID, of: consultation, in: transaction)
            guard let fact = try consultation.releasing(state, by: principal, now: clock.sound()) else { return [] }
            return [EventDraft(log: consultation.log, fact: fact)]
        }
        let (material, announcement, approvals) = try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            let (state, signed) = try self.opening(openingID, of: consultation, in: register)
            let approvals = try state.approvals.map { approval in
                guard let signed = try register.object(approval.approval) else {
                    throw VaultFailure.register("an approval is missing")
                }
                let shares = try approval.shares.map { share in
                    guard let bytes = try register.object(share.share) else {
                        throw VaultFailure.register("a share is missing")
                    }
                    return (part: share.part, share: bytes)
                }
                return ReleasedApproval(number: approval.member, signed: signed, shares: shares)
            }
            return (try self.material(of: consultation, in: register), signed, approvals)
        }
        let opening = try material.committee.opening(
            Signed(canonical: announcement), fingerprint: material.keySet.fingerprint)
        var parts: [(part: String, secret: [UInt8])] = []
        for capsule in material.capsules where opening.parts.contains(capsule.part) {
            parts.append((capsule.part, try timeLock.release(capsule, to: opening.session)))
        }
        return (approvals, parts)
    }

    // MARK: 4 read

    /// The bids of the closing, and those that came late after it.
    public func bids(
        of id: Identifier, opening openingID: Identifier, by principal: Principal
    ) throws -> [ListedBid] {
        try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            try consultation.check(principal, may: .readBids)
            let (state, _) = try self.opening(openingID, of: consultation, in: register)
            try consultation.checkReading(state, by: principal)
            return try register.bids(of: id).map { entry in
                guard let event = try register.event(consultation.log, at: entry.position) else {
                    throw VaultFailure.register("the event of a bid is missing")
                }
                let isWithheld = entry.isWithheld(in: state)
                var changes = try register.changes(of: entry.bid)
                // An opening that was announced before the decision knows nothing of it.
                if !isWithheld, let admission = try register.admission(of: entry.bid) { changes.append(admission) }
                return ListedBid(
                    entry: entry, event: event, verdict: try register.verdict(on: entry.bid), isWithheld: isWithheld,
                    changes: changes)
            }
        }
    }

    // MARK: 5 conclude

    /// - Parameter extract: what may be communicated of minutes in full; nil with minutes of version 1, which have none.
    public func conclude(
        _ id: Identifier, opening openingID: Identifier, by principal: Principal, signed: [UInt8], extract: [UInt8]?
    ) throws {
        let (material, state, closed) = try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            try consultation.check(principal, may: .conclude)
            let (state, _) = try self.opening(openingID, of: consultation, in: register)
            return (try self.material(of: consultation, in: register), state, consultation.closed)
        }
        let found = try Vault.refusing(.signature) {
            try ConcludedMinutes(signed, extract: extract, of: material.committee, announcer: state.announcer)
        }
        guard found.consultation == id, found.opening == state.digest, found.statement == closed,
            found.fingerprint == material.keySet.fingerprint
        else { throw Refusal(.invalid, "The minutes are of another opening.") }
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            let (state, _) = try self.opening(openingID, of: consultation, in: transaction)
            let minutes = try transaction.keep(signed)
            let fact = try consultation.concluding(
                state, minutes: minutes, announcer: state.announcer, opened: found.opened, failed: found.failed,
                bids: try transaction.bids(of: id), by: principal)
            var drafts = [EventDraft(log: consultation.log, fact: fact)]
            if let extract {
                drafts.append(
                    EventDraft(
                        log: consultation.log,
                        fact: MinutesExtracted(
                            consultation: id, opening: openingID, minutes: minutes, extract: try transaction.keep(extract))))
            }
            return drafts
        }
    }

    func opening(
        _ id: Identifier, of consultation: Consultation, in register: some RegisterReading
    ) throws -> (OpeningState, signed: [UInt8]) {
        guard let state = try register.opening(id), state.consultation == consultation.id else {
            throw Refusal(.notFound)
        }
        guard let signed = try register.object(state.announcement) else {
            throw VaultFailure.register("an announcement is missing")
        }
        return (state, signed)
    }
}
