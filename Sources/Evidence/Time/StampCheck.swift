public import Canonical
public import OpenSSL

/// Whose timestamps a verifier takes for what.
public struct StampAuthorities: Sendable {
    /// Independent of the operator: what they say of a time stands by itself.
    public let trusted: [Certificate]
    /// The platform's own: its tokens say no more than the operator does.
    public let own: [Certificate]

    public init(trusted: [Certificate] = [], own: [Certificate] = []) {
        self.trusted = trusted
        self.own = own
    }
}

extension Report {
    /// Judges the token over something, offline.
    ///
    /// It *holds* under a trusted authority. It rests *on the operator's word* under the platform's own, where there is no
    /// token yet, and, with no authority to judge by, where everything else about it holds. It *fails* where anything about
    /// it does not hold, or where there are authorities to judge by and it is of another: that one is named.
    ///
    /// - Parameters:
    ///   - token: the DER of its ContentInfo; nil where there is none.
    ///   - digest: SHA-256 of what it is said to stamp.
    ///   - subject: what the lines are about.
    /// - Returns: the instant at which it existed, as far as the token holds.
    @discardableResult
    public mutating func checkStamp(
        _ token: [UInt8]?, over digest: Digest, of subject: String, by authorities: StampAuthorities
    ) -> Instant? {
        guard let token else {
            restsOnTheOperator(Self.stamp, subject, "there is no timestamp yet: it is provisional, and its time rests on the operator's word")
            return nil
        }
        let read: TimestampToken
        do { read = try TimestampToken(der: token) } catch {
            fails(Self.stamp, subject, error.description)
            return nil
        }
        let instant = Instant(milliseconds: read.genTime)
        do {
            let verified = try judge(read, digest, subject, instant, authorities)
            if verified.unproved > 0 {
                note(Self.stamp, subject, "\(verified.unproved) parts of the token (certificates beside the chain, unsigned attributes, revocation lists) are proved by nothing")
            }
            return instant
        } catch TimestampError.untrusted(let name) {
            fails(
                Self.stamp, subject,
                "its authority is not trusted here: «\(name)». --trust FILE, with that authority's certificate, says that it is")
        } catch {
            fails(Self.stamp, subject, error.description)
        }
        return nil
    }

    /// The authorities that are trusted first; the platform's own only where those do not know the token's.
    private mutating func judge(
        _ token: TimestampToken, _ digest: Digest, _ subject: String, _ instant: Instant, _ authorities: StampAuthorities
    ) throws(TimestampError) -> TimestampToken.Verified {
        if authorities.trusted.isEmpty, authorities.own.isEmpty {
            // Its own certificates as trust: signature, imprint, usage and times hold, or not; who it is stays unjudged.
            let verified = try token.verify(imprint: digest.inline, trust: token.certificates)
            restsOnTheOperator(
                Self.stamp, subject,
                "stamped at \(instant) by «\(verified.signer.issuerName)», which nothing given here says to trust; --trust FILE says so")
            return verified
        }
        do {
            let verified = try token.verify(imprint: digest.inline, trust: authorities.trusted)
            holds(Self.stamp, subject, "it existed at \(instant), says «\(verified.signer.issuerName)»")
            return verified
        } catch TimestampError.untrusted where !authorities.own.isEmpty {
            let verified = try token.verify(imprint: digest.inline, trust: authorities.own)
            restsOnTheOperator(
                Self.stamp, subject, "stamped at \(instant) by the platform's own authority: time on the operator's word")
            return verified
        }
    }

    /// The name of these checks.
    static let stamp = "timestamp"
}
