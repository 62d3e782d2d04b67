public import Canonical
internal import OpenSSL

/// The members of a key set, and what each of them may have signed. Daemon and tools check statements here alike.
public struct Committee: Sendable {
    public let keySet: KeySet
    public let capsules: [Capsule]
    public let fingerprint: Digest

    /// Refuses capsules that are not the key set's or do not hold together.
    public init(_ keySet: KeySet, _ capsules: [Capsule]) throws(SealingError) {
        try keySet.check(capsules)
        self.keySet = keySet
        self.capsules = capsules
        fingerprint = keySet.fingerprint
    }

    /// For tests of this target: what ``init(_:_:)`` would refuse.
    init(keySet: KeySet, capsules: [Capsule], fingerprint: Digest) {
        self.keySet = keySet
        self.capsules = capsules
        self.fingerprint = fingerprint
    }

    /// The same in every part but for their shares.
    public var members: [Capsule.Member] { capsules[0].members }
    /// How many open.
    public var k: Int { capsules[0].k }
    /// How many acceptances publication takes: one more than open, so that one may be lost; all where k = n.
    public var needed: Int { min(k + 1, members.count) }
    public var notBefore: Instant { capsules[0].notBefore }

    public func capsule(_ part: String) -> Capsule? { capsules.first { $0.part == part } }

    public func acceptance(_ signed: Signed, fingerprint: Digest) throws(SealingError) -> Acceptance {
        let acceptance = try signed.verified(as: Acceptance.self)
        try check(signed, number: acceptance.number)
        try check(acceptance.consultation, fingerprint: acceptance.fingerprint, fingerprint)
        return acceptance
    }

    /// - Parameters:
    ///   - fingerprint: of the key set in force, as its reader pinned it.
    ///   - original: of the key set first published, where a re-share came between.
    public func opening(_ signed: Signed, fingerprint: Digest, original: Digest? = nil) throws(SealingError) -> Opening
    {
        let opening = try signed.verified(as: Opening.self)
        try check(signed, number: opening.announcer)
        try check(opening.consultation, fingerprint: opening.fingerprint, fingerprint)
        guard opening.original == original ?? fingerprint else {
            throw SealingError(.statement, "the opening names another original fingerprint")
        }
        // In opening order, and at least one.
        guard keySet.parts.map(\.part).filter(opening.parts.contains) == opening.parts else {
            throw SealingError(.statement, "the opening's parts are not the key set's, in their order")
        }
        // Members, k and numbers are the same in all capsules of a set.
        guard opening.purpose == .open || opening.parts == keySet.parts.map(\.part) else {
            throw SealingError(.statement, "a re-share is of every part")
        }
        guard opening.deadline >= notBefore else {
            throw SealingError(.statement, "the opening's deadline is before `notBefore`")
        }
        guard opening.session.keyKind == .p256 else {
            throw SealingError(.statement, "the session's certificate holds \(opening.session.keyKind), not P-256")
        }
        return opening
    }

    /// - Parameters:
    ///   - shares: as they came with the approval.
    ///   - digest: of the opening object, as it was announced.
    public func approval(_ signed: Signed, shares: [PartShare], opening: Opening, digest: Digest) throws(SealingError)
        -> Approval
    {
        let approval = try approval(signed, opening: opening, digest: digest)
        guard shares.map(\.part) == opening.parts else { throw approval.lacksParts }
        for (share, promised) in zip(shares, approval.shares) {
            func wrong(_ reason: String) -> SealingError {
                SealingError(.share, "member \(approval.number), part \(share.part): \(reason)")
            }
            guard Digest(of: share.share) == promised.digest else {
                throw wrong("the share is not the one that was signed")
            }
            guard let capsule = capsule(share.part) else { throw wrong("no such part") }
            do {
                try SealedObject.check(
                    share.share, length: capsule.shareObject(approval.number).length, for: opening.session)
            } catch { throw wrong("the share: \(error)") }
        }
        return approval
    }

    /// What was signed alone, for who has not the shares that came with it.
    public func approval(_ signed: Signed, opening: Opening, digest: Digest) throws(SealingError) -> Approval {
        let approval = try signed.verified(as: Approval.self)
        try check(signed, number: approval.number)
        guard approval.opening == digest else {
            throw SealingError(.statement, "the approval of member \(approval.number) is of another opening")
        }
        guard approval.shares.map(\.part) == opening.parts else { throw approval.lacksParts }
        return approval
    }

    public func minutes(_ signed: Signed, announcer: Int) throws(SealingError) -> Minutes {
        let minutes = try signed.verified(as: Minutes.self)
        try check(signed, number: announcer)
        try check(minutes.consultation, fingerprint: minutes.fingerprint, fingerprint)
        return minutes
    }

    /// What this member signed, of whatever format. What it says of consultation and keys is the caller's to check.
    public func statement<Object: CanonicalObject>(
        _ signed: Signed, by number: Int, as type: Object.Type = Object.self
    ) throws(SealingError) -> Object {
        let object = try signed.verified(as: type)
        try check(signed, number: number)
        return object
    }

    /// The member with this number signed it, and nobody else.
    private func check(_ signed: Signed, number: Int) throws(SealingError) {
        guard let member = members.first(where: { $0.number == number }) else {
            throw SealingError(.signature, "there is no member \(number)")
        }
        guard member.signer == signed.certificate else {
            throw SealingError(.signature, "it is signed by somebody else than member \(number)")
        }
    }

    private func check(_ consultation: Identifier, fingerprint: Digest, _ expected: Digest) throws(SealingError) {
        guard consultation == keySet.consultation else {
            throw SealingError(.statement, "it is of another consultation")
        }
        guard fingerprint == expected, expected == self.fingerprint else {
            throw SealingError(.statement, "it is for another key set: the fingerprint differs")
        }
    }
}

extension Approval {
    fileprivate var lacksParts: SealingError {
        SealingError(.share, "member \(number): one share for each part of the opening, in its order, is needed")
    }
}
