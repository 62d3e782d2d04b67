public import Canonical
public import OpenSSL

/// The opener's side: a key of its own for one opening, to which the others seal, and the rebuilding of the parts' keys.
public struct OpeningSession: ~Copyable, Sendable {
    /// A share that came with an approval.
    public struct ReceivedShare: Sendable {
        /// The member's.
        public let number: Int
        /// The share object sealed to the session.
        public let share: [UInt8]

        public init(number: Int, share: [UInt8]) {
            self.number = number
            self.share = share
        }
    }

    private let key: PrivateKey
    public let certificate: Certificate

    public init(now: Instant) throws(SealingError) {
        let key = try naming(.cryptography, "a session key") { try PrivateKey.generateP256() }
        certificate = try naming(.cryptography, "a session certificate") {
            try Certificate.selfSigned(
                key, commonName: "opening session", usage: .sealing, notBefore: now.second,
                notAfter: now.second + 366 * 86_400)
        }
        self.key = key
    }

    /// Rebuilds a part's private key from what a release brought.
    ///
    /// A share that is not the one dealt is named by its member and left out; where enough others are good the key is
    /// rebuilt all the same (``PartKey/wrongShares``), else the error names the wrong ones, and one more approval for each
    /// of them is needed.
    ///
    /// - Parameters:
    ///   - shares: of this part, at most one a member.
    ///   - secret: T′ sealed to the session.
    public func partKey(_ capsule: Capsule, shares: [ReceivedShare], secret: [UInt8]) throws(SealingError) -> PartKey {
        var wrong: [WrongShare] = []
        let c = try committeeSecret(capsule, shares: shares, &wrong)
        let released = try naming(.platform, "part \(capsule.part): the platform's half") {
            try SealedObject.open(secret, length: 32, certificate: certificate, key: key)
        }
        // C is right by its digest: if this fails, the other half is wrong.
        let encoded = try naming(
            .platform, "part \(capsule.part): the platform's half is wrong, the part's key stays sealed"
        ) {
            try SealedObject.open(capsule.sealedKey, length: nil, under: c.xor(released))
        }
        let rebuilt = try naming(.keys, "part \(capsule.part): the sealed key") { try PrivateKey(pkcs8: encoded) }
        guard capsule.certificate.matches(rebuilt) else {
            throw SealingError(.keys, "part \(capsule.part): the sealed key is not its certificate's")
        }
        return PartKey(part: capsule.part, certificate: capsule.certificate, key: rebuilt, wrongShares: wrong)
    }

    /// The committee's half of a part's key, checked by its digest.
    ///
    /// - Parameter wrong: gets the shares that are not the ones dealt.
    func committeeSecret(
        _ capsule: Capsule, shares: [ReceivedShare], _ wrong: inout [WrongShare]
    ) throws(SealingError) -> Secret {
        let book = ShareBook()
        for share in shares.sorted(by: { $0.number < $1.number }) {
            guard !book.numbers.contains(share.number) else { continue }
            do { book.add(share.number, try open(share, of: capsule)) } catch {
                wrong.append(WrongShare(number: share.number, reason: error.text))
            }
        }
        return try combine(book, of: capsule, &wrong)
    }

    private func combine(_ book: ShareBook, of capsule: Capsule, _ wrong: inout [WrongShare]) throws(SealingError)
        -> Secret
    {
        let named = wrong.map(\.description).joined(separator: "; ")
        guard book.numbers.count >= capsule.k else {
            let missing = capsule.k - book.numbers.count
            throw SealingError(
                wrong.isEmpty ? .quorum : .share,
                "part \(capsule.part): \(missing) more good share\(missing == 1 ? " is" : "s are") needed"
                    + (named.isEmpty ? "" : "; \(named)"))
        }
        // Every share here is the one dealt, by its digest. If they still do not combine, the ceremony dealt a wrong one.
        guard let good = book.combination(of: capsule.k, giving: { $0.digest == capsule.committeeDigest }) else {
            throw SealingError(
                .share,
                "part \(capsule.part): the shares of members \(book.numbers.map(String.init).joined(separator: ", ")) are those dealt, yet do not "
                    + "combine: one was dealt wrong; one more approval is needed to tell which"
                    + (named.isEmpty ? "" : "; \(named)"))
        }
        // Exchange each of the others for a good one: a share that spoils a good quorum was dealt wrong.
        for number in book.numbers where !good.contains(number) {
            if book.combine(good.dropLast() + [number]).digest != capsule.committeeDigest {
                wrong.append(WrongShare(number: number, reason: "it was dealt wrong at the making of the keys"))
            }
        }
        return book.combine(good)
    }

    /// The share, if it is the one that this member was dealt.
    private func open(_ received: ReceivedShare, of capsule: Capsule) throws(SealingError) -> Secret {
        guard let member = capsule.members.first(where: { $0.number == received.number }) else {
            throw SealingError(.share, "there is no such member")
        }
        let expected = capsule.shareObject(received.number)
        let object = try naming(.share, "as it came") {
            try SealedObject.open(received.share, length: expected.length, certificate: certificate, key: key)
        }
        let share = try expected.share(in: object)
        guard object.digest == member.shareDigest else {
            throw SealingError(.share, "it is not the one that was dealt")
        }
        return share
    }
}
