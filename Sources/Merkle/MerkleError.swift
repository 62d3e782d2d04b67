/// A proof, a tile or a note that does not hold, or is not written as its format says. The reason is ours, never a
/// stranger's bytes: it may stand in a log.
public struct MerkleError: Error, Sendable, Equatable, CustomStringConvertible {
    public let reason: String

    public init(reason: String) { self.reason = reason }

    public var description: String { reason }
}
