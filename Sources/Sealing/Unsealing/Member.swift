public import Canonical
public import OpenSSL

/// A committee member at its own machine: opens its shares, and signs only what it has checked itself.
public struct Member: ~Copyable, Sendable {
    private let key: PrivateKey
    public let certificate: Certificate
    private let signingKey: PrivateKey?
    private let signing: Certificate?

    public init(key: consuming PrivateKey, certificate: Certificate) throws(SealingError) {
        guard certificate.matches(key) else { throw SealingError(.keys, "the certificate does not belong to the key") }
        self.key = key
        self.certificate = certificate
        signingKey = nil
        signing = nil
    }

    /// With a second key to sign with, where a card has two.
    public init(
        key: consuming PrivateKey, certificate: Certificate, signingKey: consuming PrivateKey, signing: Certificate
    ) throws(SealingError) {
        guard certificate.matches(key), signing.matches(signingKey) else {
            throw SealingError(.keys, "a certificate does not belong to its key")
        }
        self.key = key
        self.certificate = certificate
        self.signingKey = .some(signingKey)
        self.signing = signing
    }

    /// Its number in a committee.
    public func number(in committee: Committee) throws(SealingError) -> Int {
        guard let member = committee.members.first(where: { $0.certificate == certificate }) else {
            throw SealingError(.keys, "this key's certificate is not in the committee")
        }
        guard member.signing == signing else {
            throw SealingError(.keys, "the committee knows member \(member.number) with another signing certificate")
        }
        return member.number
    }

    /// Opens the share of every part and checks that it was dealt for this consultation, part, certificate, time and number.
    ///
    /// - Returns: the member's number.
    @discardableResult
    public func checkShares(in committee: Committee) throws(SealingError) -> Int {
        let number = try number(in: committee)
        for capsule in committee.capsules { _ = try share(number, of: capsule) }
        return number
    }

    /// The acceptance of a key set whose every share was checked.
    ///
    /// - Parameter fingerprint: the one that the member read or pinned, not the daemon's word.
    public func accept(_ committee: Committee, fingerprint: Digest) throws(SealingError) -> Signed {
        guard fingerprint == committee.fingerprint else {
            throw SealingError(.statement, "the key set is not the pinned one: its fingerprint differs")
        }
        let number = try checkShares(in: committee)
        return try sign(
            Acceptance(consultation: committee.keySet.consultation, fingerprint: fingerprint, number: number))
    }

    /// Announces an opening of all parts, or of these.
    ///
    /// - Parameters:
    ///   - session: of the ``OpeningSession`` that will read.
    ///   - closing: SHA-256 of the `closed` event.
    public func announce(
        _ committee: Committee, fingerprint: Digest, log: String, deadline: Instant, closing: Digest,
        session: Certificate,
        parts: [String]? = nil, original: Digest? = nil
    ) throws(SealingError) -> Signed {
        try announce(
            .open, committee, fingerprint: fingerprint, log: log, deadline: deadline, closing: closing, session: session,
            parts: parts, original: original)
    }

    func announce(
        _ purpose: Opening.Purpose, _ committee: Committee, fingerprint: Digest, log: String, deadline: Instant,
        closing: Digest, session: Certificate, parts: [String]?, original: Digest?
    ) throws(SealingError) -> Signed {
        guard fingerprint == committee.fingerprint else {
            throw SealingError(.statement, "the key set is not the pinned one: its fingerprint differs")
        }
        let identifier = try naming(.cryptography, "an opening's identifier") {
            Identifier(random: try Random.sixteen())
        }
        let signed = try sign(
            Opening(
                opening: identifier, log: log, purpose: purpose, consultation: committee.keySet.consultation,
                parts: parts ?? committee.keySet.parts.map(\.part), fingerprint: fingerprint,
                original: original ?? fingerprint,
                deadline: deadline, announcer: try number(in: committee), session: session, closing: closing))
        _ = try committee.opening(signed, fingerprint: fingerprint, original: original)
        return signed
    }

    /// Approves an opening: checks who announced it and for which keys, and that *this member's own clock* has passed the
    /// deadline; then re-seals each share to the session.
    ///
    /// - Parameters:
    ///   - fingerprint: the pinned one.
    ///   - latestDeadline: the latest that this member has ever seen for the consultation.
    ///   - closing: SHA-256 of the closing that this member was given, if it was.
    ///   - now: the member's own clock.
    public func approve(
        _ announcement: Signed, committee: Committee, fingerprint: Digest, original: Digest? = nil,
        latestDeadline: Instant,
        closing: Digest? = nil, now: Instant
    ) throws(SealingError) -> (signed: Signed, shares: [PartShare]) {
        let opening = try committee.opening(announcement, fingerprint: fingerprint, original: original)
        guard opening.purpose == .open else {
            throw SealingError(.statement, "what was announced is a re-share, not an opening")
        }
        guard opening.deadline >= latestDeadline else {
            throw SealingError(
                .statement, "the opening names \(opening.deadline) as deadline; this member has seen \(latestDeadline)")
        }
        if let closing, closing != opening.closing {
            throw SealingError(.statement, "the opening names another closing than the one this member was given")
        }
        // A consultation closes when the second of its deadline is over; `notBefore` is never later than that deadline.
        let possible = max(opening.deadline, committee.notBefore).second + 1
        guard now.second >= possible else {
            throw SealingError(
                .tooEarly,
                "by this machine's clock it is \(now); approving is possible from \(Instant(milliseconds: possible * 1000))"
            )
        }
        return try lend(opening, committee, now: now)
    }

    /// The member's shares re-sealed to the session, and its signature under them. Whoever calls this has checked the opening.
    func lend(
        _ opening: Opening, _ committee: Committee, now: Instant
    ) throws(SealingError) -> (signed: Signed, shares: [PartShare]) {
        let number = try number(in: committee)
        var shares: [PartShare] = []
        for part in opening.parts {
            guard let capsule = committee.capsule(part) else {
                throw SealingError(.statement, "there is no part \(part)")
            }
            let object = try shareObject(number, of: capsule)
            shares.append(
                PartShare(
                    part: part,
                    share: try naming(.share, "part \(part)") { try SealedObject.seal(object, to: opening.session) }))
        }
        let approval = Approval(
            opening: opening.digest, number: number, at: now,
            shares: shares.map { .init(part: $0.part, digest: Digest(of: $0.share)) })
        return (try sign(approval), shares)
    }

    /// Minutes, of whatever version, and what may be communicated of them.
    public func sign(minutes: any CanonicalObject) throws(SealingError) -> Signed { try sign(minutes) }

    func sign(_ object: any CanonicalObject) throws(SealingError) -> Signed {
        switch signingKey {
        case .some(let signingKey): try Signed.make(object, key: signingKey, certificate: signing ?? certificate)
        case .none: try Signed.make(object, key: key, certificate: certificate)
        }
    }

    /// The member's share object of a part, opened and checked.
    private func shareObject(_ number: Int, of capsule: Capsule) throws(SealingError) -> Secret {
        let what = "part \(capsule.part): the share of member \(number)"
        guard let member = capsule.members.first(where: { $0.number == number }) else {
            throw SealingError(.share, "\(what) is not there")
        }
        let expected = capsule.shareObject(number)
        let object = try naming(.share, what) {
            try SealedObject.open(member.share, length: expected.length, certificate: certificate, key: key)
        }
        do { _ = try expected.share(in: object) } catch { throw SealingError(.share, "\(what): \(error.text)") }
        guard object.digest == member.shareDigest else {
            throw SealingError(.share, "\(what) is not the one whose digest stands in the capsule")
        }
        return object
    }

    private func share(_ number: Int, of capsule: Capsule) throws(SealingError) -> Secret {
        let object = try shareObject(number, of: capsule)
        return try capsule.shareObject(number).share(in: object)
    }
}
