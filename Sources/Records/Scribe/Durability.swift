/// The two moments at which a fault leaves doubt, as closures around what really happens: a test makes either fail
/// before it ("failed and not persisted") or after it ("failed but persisted").
public struct Durability: Sendable {
    /// Around COMMIT.
    public var commit: @Sendable (_ commit: () throws -> Void) throws -> Void
    /// Around the moment at which the high-water mark is put in place.
    public var mark: @Sendable (_ write: () throws -> Void) throws -> Void

    public init(
        commit: @escaping @Sendable (_ commit: () throws -> Void) throws -> Void,
        mark: @escaping @Sendable (_ write: () throws -> Void) throws -> Void
    ) {
        self.commit = commit
        self.mark = mark
    }

    public static let real = Durability(commit: { try $0() }, mark: { try $0() })
}
