import Canonical
import OpenSSL
public import Procurement

extension Vault {
    /// Bytes of a request at `POST /tsa`.
    public static let longestTimestampRequest = Int64(TimestampRequest.maximumCount)

    /// `POST /tsa`: the embedded authority's answer to a request of RFC 3161, of any signed-in account.
    ///
    /// What the standard refuses (another policy, a digest that is none of SHA-2, bytes that are no request, no trusted time)
    /// is refused in the answer itself, which then bears no token.
    ///
    /// - Returns: TimeStampResp in DER.
    public func timestamp(_ request: [UInt8], for principal: Principal) throws -> [UInt8] {
        try Permission.check(principal, may: .timestamp)
        try stampRate.take(for: principal.account, at: clock.now)
        let instant = stampingInstant
        return try stamping.authority.answer(request, at: instant?.milliseconds)
    }

    /// What a token would say now; nil while the clock is known to be wrong.
    var stampingInstant: Instant? { try? clock.sound() }
}
