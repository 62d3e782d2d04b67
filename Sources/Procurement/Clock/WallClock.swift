public import Canonical

/// The time of day, as a value that enters through initialisers, so that every rule that depends on time can be
/// tried at any instant.
public struct WallClock: Sendable {
    private let read: @Sendable () -> Instant

    public init(_ read: @escaping @Sendable () -> Instant) {
        self.read = read
    }

    public var now: Instant { read() }
}
