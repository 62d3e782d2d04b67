import OpenSSL

/// The key under which an answer is stored for whoever repeats the request, derived from the bearer token that made it.
/// The token itself is not kept past the head of the request.
public final class OutcomeKey: Sendable {
    private let secret: Secret

    /// - Parameter token: the bearer token as it came.
    init(token: borrowing Secret) throws {
        secret = try HKDF.sha256(token, salt: [], info: Array(Outcome.format.utf8), count: 32)
    }

    func lend<Result>(_ body: (borrowing Secret) throws -> Result) rethrows -> Result {
        try body(secret)
    }
}
