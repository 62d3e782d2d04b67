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
        /// What its bidder said of it later: `intent-stated` and `bid-withdrawn` events.
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
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            let (state, _) = try self.opening(openingID, of: consultation, in: transaction)
            let kept = try shares.map { OpeningApproved.Share(part: $0.part, share: try transaction.keep($0.share)) }
            let fact = try consultation.approving(
                state, member: approval.number, memberInstant: approval.at, approval: transaction.keep(signed),
                shares: kept, by: principal, now: clock.sound())
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
        let (material, announcement, approvals, restored) = try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            let (state, signed) = try self.opening(openingID, of: consultation, in: register)
            let material = try self.material(of: consultation, in: register)
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
            return (material, signed, approvals, try restoredCopies(of: material, in: register))
        }
        let timeLock = timeLock
        let opening = try material.committee.opening(
            Signed(canonical: announcement), fingerprint: material.keySet.fingerprint)
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
                return ListedBid(
                    entry: entry, event: event, verdict: try register.verdict(on: entry.bid), isWithheld: entry.isWithheld,
                    changes: try register.changes(of: entry.bid))
            }
        }
    }

    /// Checks that a bid may be read, and makes the event of its first reading.
    private func reading(
        _ bid: Identifier, of id: Identifier, opening openingID: Identifier, by principal: Principal
    ) throws -> BidEntry {
        let (entry, wasRead) = try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            try Permission.check(principal, may: .readBids)
            let (state, _) = try self.opening(openingID, of: consultation, in: register)
            guard let entry = try register.bid(bid) else { throw Refusal(.notFound) }
            try consultation.checkRead(entry, in: state, by: principal)
            return (entry, try register.wasRead(bid, in: openingID))
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
        return entry
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
        let entry = try reading(bid, of: id, opening: opening, by: principal)
        guard number <= entry.documents else { throw Refusal(.notFound) }
        return try file(EnvelopeStore.documentName(bid, number), of: id)
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

    private func opening(
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
