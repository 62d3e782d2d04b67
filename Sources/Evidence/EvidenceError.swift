/// Why evidence does not hold. The text names a file, an entry, a link of the chain; it never quotes a document.
public struct EvidenceError: Error, Sendable, Equatable, CustomStringConvertible {
    public let reason: String

    public init(_ reason: String) { self.reason = reason }

    public var description: String { reason }
}
