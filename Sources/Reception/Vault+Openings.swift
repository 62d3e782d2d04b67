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
        /// Of a re-share: to whom it deals.
        public let committee: [UInt8]?
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

    /// - Parameter committee: to whom a re-share deals; nil with an opening.
    public func announce(
        _ id: Identifier, by principal: Principal, signed: [UInt8], committee: [UInt8]? = nil
    ) throws -> (opening: Identifier, digest: Digest) {
        let isReshare = committee != nil
        let sets = try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            // The rules' own order: role, time, phase; a signature is looked at last.
            try Permission.check(principal, may: .announce)
            if isReshare {
                try consultation.checkResharing(principal)
            } else {
                try consultation.checkAnnouncing(principal, now: clock.sound())
            }
            return try consultation.keySets.map { (try keyRing.material(for: $0.keys, in: register), $0.keys.original) }
        }
        let opening = try Vault.refusing(.signature) {
            let signed = try Signed(canonical: signed)
            // Of the set that it names; where it names none of ours, the last says so.
            let said = try signed.verified(as: Opening.self).fingerprint
            guard let (material, original) = sets.first(where: { $0.0.keySet.fingerprint == said }) ?? sets.last else {
                throw Refusal(.phase, "There is no key set yet.")
            }
            return try material.committee.opening(signed, fingerprint: material.keySet.fingerprint, original: original)
        }
        guard opening.consultation == id else { throw Refusal(.invalid, "consultation: another one.") }
        guard (opening.purpose == .reshare) == isReshare else {
            throw Refusal(.invalid, "committee: of a re-share, and of nothing else.")
        }
        let proposed = try committee.map { bytes in
            try Vault.refusing(.keys) {
                let proposed = try ProposedCommittee(canonical: bytes)
                try proposed.check()
                // Now, not only when it is dealt to: by then the quorum has lent its shares.
                try CommitteeMember.check(proposed.members, k: proposed.k, at: clock.now)
                return proposed.digest
            }
        }
        guard let log = Log(rawValue: opening.log) else { throw Refusal(.invalid, "log: not a known log.") }
        let digest = Digest(SHA256.hash(opening.canonicalBytes))
        let announcement = Consultation.Announcement(
            opening: opening.opening, log: log, fingerprint: opening.fingerprint, deadline: opening.deadline,
            closing: opening.closing, parts: opening.parts, announcer: opening.announcer,
            session: Digest(opening.session), digest: digest, signed: Digest(SHA256.hash(signed)))
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            let openings = try transaction.openings(of: id)
            let isTaken = try transaction.opening(opening.opening) != nil
            let fact =
                if let proposed {
                    try consultation.announcingReshare(
                        announcement, to: proposed, among: openings, isTaken: isTaken, by: principal)
                } else {
                    try consultation.announcing(
                        announcement, among: openings, isTaken: isTaken, by: principal, now: clock.sound())
                }
            for object in [signed, committee].compactMap({ $0 }) { _ = try transaction.keep(object) }
            return [EventDraft(log: consultation.log, fact: fact)]
        }
        return (opening.opening, digest)
    }

    /// All of a consultation, in the order of their announcements, and what some opener could not open and no other has.
    public func openings(of id: Identifier, for principal: Principal) throws -> (openings: [OpeningView], failed: [FailedPart]) {
        try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            try consultation.checkListing(principal)
            let states = try register.openings(of: id)
            let views = try states.map { state in
                guard let signed = try register.object(state.announcement) else {
                    throw VaultFailure.register("an announcement is missing")
                }
                let keys = try register.keys(state.keys, of: id)
                return OpeningView(
                    state: state, signed: signed, committee: try state.committee.flatMap { try register.object($0) },
                    needed: keys?.k ?? 0)
            }
            return (views, FailedPart.all(in: try register.findings(among: states)))
        }
    }

    // MARK: 2 approve

    public func approve(
        _ id: Identifier, opening openingID: Identifier, by principal: Principal, signed: [UInt8],
        shares: [(part: String, share: [UInt8])]
    ) throws -> (approvals: [Int], needed: Int) {
        let (material, announcement, original) = try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            try Permission.check(principal, may: .approve)
            let found = try register.opening(openingID)
            try consultation.check(principal, may: found?.isReshare == true ? .reshare : .approve)
            let (state, signed) = try self.opening(openingID, of: consultation, in: register)
            let keys = try consultation.checkInForce(state)
            return (try keyRing.material(for: keys, in: register), signed, keys.original)
        }
        let parts = shares.map { PartShare(part: $0.part, share: $0.share) }
        let approval = try Vault.refusing(.signature) {
            let opening = try material.committee.opening(
                Signed(canonical: announcement), fingerprint: material.keySet.fingerprint, original: original)
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
            let (state, _) = try self.opening(openingID, of: self.consultation(id, in: register), in: register)
            return (state.approvals.map(\.member), try register.keys(state.keys, of: id)?.k ?? 0)
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
            let fact: (any Fact)? =
                if state.isReshare {
                    try consultation.releasingShares(state, by: principal)
                } else {
                    try consultation.releasing(state, by: principal, now: clock.sound())
                }
            return fact.map { [EventDraft(log: consultation.log, fact: $0)] } ?? []
        }
        let (state, material, announcement, original, approvals, restored) = try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            let (state, signed) = try self.opening(openingID, of: consultation, in: register)
            let material = try self.material(state.keys, of: id, in: register)
            return (
                state, material, signed, try register.keys(state.keys, of: id)?.original,
                try self.approvals(of: state, in: register), try restoredCopies(of: material, in: register)
            )
        }
        // To a re-share nothing of the platform's half goes out, whatever was decided.
        guard !state.isReshare else { return (approvals, []) }
        let timeLock = timeLock
        let opening = try material.committee.opening(
            Signed(canonical: announcement), fingerprint: material.keySet.fingerprint, original: original)
        var parts: [(part: String, secret: [UInt8])] = []
        for capsule in material.capsules where opening.parts.contains(capsule.part) {
            parts.append((capsule.part, try timeLock.release(capsule, restored: restored[capsule.platformDigest] ?? [], to: opening.session)))
        }
        return (approvals, parts)
    }

    /// By the digest of T, the newest first.
    private func restoredCopies(
        of material: KeyMaterial, in register: Snapshot
    ) throws -> [Digest: [Capsule.SealedPlatformSecret]] {
        var copies: [Digest: [Capsule.SealedPlatformSecret]] = [:]
        for capsule in material.capsules {
            copies[capsule.platformDigest] = try register.restoredCopies(of: capsule.platformDigest).map { copy in
                guard let sealed = try register.object(copy.sealed) else {
                    throw VaultFailure.register("a restored secret is missing")
                }
                return Capsule.SealedPlatformSecret(certificate: copy.certificate, secret: sealed)
            }
        }
        return copies
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
            return (try self.material(state.keys, of: id, in: register), state, consultation.closed)
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

    func approvals(of state: OpeningState, in register: some RegisterReading) throws -> [ReleasedApproval] {
        try state.approvals.map { approval in
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
