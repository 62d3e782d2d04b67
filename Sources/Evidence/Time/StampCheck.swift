public import Canonical
internal import OpenSSL

/// What a token says, once it holds.
public struct Stamp: Sendable, Equatable {
    public let instant: Instant
    /// Milliseconds either way; nil where the authority states none.
    public let accuracy: Int64?
    /// Of the certificate that the reader trusts; where none was named, of who issued the signer's.
    public let authority: String
    /// Whether the authority is one that the reader trusts, and not the platform's own.
    public let isOutside: Bool

    /// The last instant at which it may have been made.
    public var latest: Instant { Instant(milliseconds: instant.milliseconds + (accuracy ?? 0)) }

    /// Whether it is older than what it is said to stamp: two clocks may differ by their accuracy and a second of the platform's.
    func isBefore(_ logged: Instant) -> Bool { latest.milliseconds + 1000 < logged.milliseconds }
}

extension Report {
    /// Judges the token over something, offline.
    ///
    /// It *holds* under an authority that is trusted and not the platform's own. It rests *on the operator's word* under the
    /// platform's own, where there is no token yet, and, where the reader named no authority, if everything else about it
    /// holds. It *fails* where anything about it does not hold, where it bears parts that no signature covers, or where the
    /// reader named authorities and it is of another: that one is named.
    ///
    /// - Parameters:
    ///   - token: the DER of its ContentInfo; nil where there is none.
    ///   - digest: SHA-256 of what it is said to stamp.
    ///   - subject: what the lines are about.
    /// - Returns: what it says, as far as the token holds.
    @discardableResult
    public mutating func checkStamp(
        _ token: [UInt8]?, over digest: Digest, of subject: String, by authorities: StampAuthorities
    ) -> Stamp? {
        let name = "timestamp"
        guard let token else {
            restsOnTheOperator(name, subject, "it is provisional: no authority has stamped it yet")
            return nil
        }
        do {
            let (stamp, isOwn) = try Self.judge(token, digest, authorities)
            if stamp.isOutside {
                holds(name, subject, "it existed at \(stamp.instant), says «\(stamp.authority)»")
            } else if isOwn {
                restsOnTheOperator(name, subject, "stamped \(stamp.instant) by the platform's own authority «\(stamp.authority)»")
            } else {
                restsOnTheOperator(
                    name, subject,
                    "stamped \(stamp.instant) by «\(stamp.authority)», which nobody vouches for: name the authorities you trust with --trust FILE")
            }
            return stamp
        } catch TimestampError.untrusted(let authority) {
            fails(name, subject, "its authority «\(authority)» is not among those trusted; --trust FILE names those you trust")
        } catch {
            fails(name, subject, "\(error)")
        }
        return nil
    }

    /// - Returns: what the token says, and whether the platform's own authority says it.
    static func judge(_ der: [UInt8], _ digest: Digest, _ authorities: StampAuthorities) throws -> (Stamp, isOwn: Bool) {
        let token = try TimestampToken(der: der)
        // With no authority named it is held against its own certificates: signature, imprint, usage and times hold, or not;
        // who it is stays unjudged.
        let anchors = authorities.trusted.isEmpty ? token.certificates : authorities.trusted
        let verified = try token.verify(imprint: digest.inline, trust: anchors)
        // Such a part could be altered, and nobody would see it.
        guard verified.unproved == 0 else { throw EvidenceError("it bears parts that no signature covers") }
        let isOwn = authorities.isOwn(token, verified.chain)
        let authority = authorities.trusted.isEmpty ? verified.signer.issuerName : (verified.chain.last ?? verified.signer).shortName
        let stamp = Stamp(
            instant: Instant(milliseconds: token.genTime), accuracy: token.accuracy.map { ($0 + 999) / 1000 },
            authority: authority, isOutside: !authorities.trusted.isEmpty && !isOwn)
        return (stamp, isOwn)
    }
}
