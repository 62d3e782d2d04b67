/// Why bytes, or a text, were not what the format says.
///
/// The reason names the field and what was expected of it, never the value: it may be shown to whoever
/// sent the bytes and may stand in a log, and a value may be a file name or a price.
public struct CanonicalError: Error, Hashable, Sendable, CustomStringConvertible {
    public let reason: String

    public init(reason: String) { self.reason = reason }

    public var description: String { reason }
}
