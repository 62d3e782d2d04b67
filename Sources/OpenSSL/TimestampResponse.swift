/// An authority's answer (TimeStampResp, RFC 3161, 2.4.2).
public struct TimestampResponse: Sendable {
    /// The token, granted (status 0) or granted with modifications (1).
    public let token: TimestampToken

    /// RFC 3161, 3.4.
    public static let mediaType = "application/timestamp-reply"

    /// A token of 64 KiB and the status around it.
    public static let maximumCount = TimestampToken.maximumCount + 4096

    /// - Throws: ``TimestampError/notGranted(status:text:)`` where the authority refused, as it says.
    public init(der: [UInt8]) throws(TimestampError) {
        guard der.count <= Self.maximumCount else { throw .malformed("the answer is longer than 68 KiB") }
        let (status, text, range) = try walking { () throws(DERReader.Failure) in
            var file = DERReader(der)
            var response = file.inside(try file.content(0x30, "the answer"))
            try file.end(of: "the answer")
            var information = file.inside(try response.content(0x30, "the status"))
            let status = try information.smallNatural("the status")
            var text: String?
            if let words = try information.optional(0x30, "the status text") {
                var list = file.inside(words)
                if !list.isAtEnd { text = Self.printable(der[try list.content(0x0c, "the status text")]) }
            }
            _ = try information.optional(0x03, "the failure")
            try information.end(of: "the status")
            let token = response.isAtEnd ? nil : try response.element("the token").whole
            try response.end(of: "the answer")
            return (status, text, token)
        }
        guard status == 0 || status == 1 else { throw .notGranted(status: status, text: text) }
        guard let range else { throw .malformed("it is granted, and there is no token") }
        token = try TimestampToken(der: Array(der[range]))
    }

    /// Reads an answer and checks that it answers this request and holds under this trust.
    ///
    /// - Parameter policies: those that are taken; empty takes any, or the request's own where it asked for one.
    public static func token(
        of der: [UInt8], to request: TimestampRequest, trust: [Certificate], policies: [ObjectIdentifier] = []
    ) throws(TimestampError) -> (token: TimestampToken, verified: TimestampToken.Verified) {
        let token = try TimestampResponse(der: der).token
        guard token.nonce == request.nonce else { throw .nonce }
        let wanted = request.policy.map { [$0] } ?? policies
        guard wanted.isEmpty || wanted.contains(token.policy) else { throw .policy(token.policy.description) }
        return (token, try token.verify(imprint: request.imprint, trust: trust))
    }

    /// A stranger's words, as a log takes them.
    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix(200).map { (0x20...0x7e).contains($0) ? $0 : 0x3f }, as: UTF8.self)
    }
}
