internal import Canonical
internal import Merkle
internal import Procurement

/// A stretch of a log that one key signs, and the tree over it. A log begins a new one at each rotation of its key, and
/// where a restored register lacks events.
struct Generation: Sendable, Equatable {
    let log: Log
    /// From 1.
    let number: Int64
    /// Position of its first event.
    let base: Int64
    /// Named as its checkpoints' origin.
    let key: VerifierKey

    /// `sceau/INSTANCE/LOG`, with `/NUMBER` behind it from the second on.
    static func origin(_ instance: Identifier, _ log: Log, _ number: Int64) -> String {
        "sceau/\(instance)/\(log.rawValue)" + (number == 1 ? "" : "/\(number)")
    }

    init(_ instance: Identifier, _ log: Log, _ number: Int64, base: Int64, publicKey: [UInt8]) throws {
        self.init(
            log: log, number: number, base: base,
            key: try VerifierKey(name: Self.origin(instance, log, number), publicKey: publicKey))
    }

    init(log: Log, number: Int64, base: Int64, key: VerifierKey) {
        self.log = log
        self.number = number
        self.base = base
        self.key = key
    }

    func checkpoint(size: Int, root: Digest) -> Checkpoint { Checkpoint(origin: key.name, size: size, root: root) }
}

/// A log as its writer holds it in memory: where its generation began, and its tree's right edge.
struct GrowingLog: Sendable {
    let generation: Generation
    var edge: RightEdge

    /// Events of the log.
    var count: Int64 { generation.base + Int64(edge.size) }
    var head: LogHead { LogHead(count: count, generation: generation.number, root: edge.root) }
}
