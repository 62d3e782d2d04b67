internal import Canonical
internal import OpenSSL

/// Why something sealed, signed or dealt was refused. The text names what and whose (a part, a member's number, a field),
/// never a value of a document or a secret: it may be shown to whoever sent it and may stand in the minutes.
public struct SealingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// For callers that branch.
    public enum Code: String, Sendable {
        /// Not the canonical bytes of the format, or a field out of its bounds.
        case format
        /// A key set, a capsule or a certificate that does not hold together.
        case keys
        /// A member's share: wrong, of another consultation, unreadable.
        case share
        /// The platform's secret T or T′.
        case platform
        /// A signature that does not hold, or is of somebody else.
        case signature
        /// A signed statement whose content is not what was expected.
        case statement
        /// The member's own clock says that it is too early.
        case tooEarly
        /// Not enough good shares.
        case quorum
        /// An envelope's file.
        case envelope
        /// A bound of ``SealingLimits``.
        case limit
        /// OpenSSL failed.
        case cryptography
    }

    public let code: Code
    public let text: String

    public init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }

    public var description: String { text }

    /// Names what failed below: `what` comes before the reason.
    init(_ code: Code, _ what: String, _ error: any Error) {
        switch error {
        case let error as SealingError: self = error
        case let error as CanonicalError: self.init(.format, "\(what): \(error.reason)")
        case let error as OpenSSLError: self.init(.cryptography, "\(what): \(error)")
        default: self.init(code, "\(what): \(error)")
        }
    }
}

/// Runs a step, and names it where it fails.
func naming<R: ~Copyable>(
    _ code: SealingError.Code, _ what: @autoclosure () -> String, _ step: () throws -> R
) throws(SealingError) -> R {
    do { return try step() } catch { throw SealingError(code, what(), error) }
}
