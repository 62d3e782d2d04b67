internal import Canonical
internal import Merkle
internal import Procurement
internal import SQLite

/// A log verified whole, from its events' bytes up: leaves, tree, tiles, signed heads, what was published of it, and how
/// each generation follows the one before.
struct LogVerification {
    private let connection: Connection
    private let instance: Identifier
    private let log: Log
    private(set) var findings: [String] = []
    private var lastAt = Instant(milliseconds: 0)

    /// - Parameters:
    ///   - mark: what the high-water mark says of the log.
    ///   - publicKey: the key that is to have signed the current generation, where the caller knows it.
    init(
        _ connection: Connection, instance: Identifier, _ log: Log, mark: LogHead, publicKey: [UInt8]?
    ) throws {
        self.connection = connection
        self.instance = instance
        self.log = log
        let generations: [StoredGeneration]
        do { generations = try StoredGeneration.all(connection, log) } catch is MerkleError { throw RegisterError.head(log) }
        guard let current = generations.last else { throw RegisterError.head(log) }
        if let publicKey, current.generation.key.publicKey != publicKey { throw RegisterError.key(log) }
        var before: StoredGeneration?
        for stored in generations {
            try verify(stored, after: before, mark: mark.generation == stored.generation.number ? mark : nil)
            before = stored
        }
        let last = try connection.first("SELECT max(position) FROM event WHERE log = ?", .text(log.rawValue)) {
            $0.optionalInteger(0)
        }
        if let last = last ?? nil, last >= current.count { throw RegisterError.broken(log, position: current.count) }
        guard mark.count <= current.count else {
            throw RegisterError.shorter(log, register: current.count, mark: mark.count)
        }
        guard generations.contains(where: { $0.generation.number == mark.generation }) else {
            throw RegisterError.different(log, position: mark.count)
        }
    }

    private mutating func verify(_ stored: StoredGeneration, after before: StoredGeneration?, mark: LogHead?) throws {
        let generation = stored.generation
        guard generation.number == (before?.generation.number ?? 0) + 1, generation.base == before?.count ?? 0,
            generation.key.name == Generation.origin(instance, log, generation.number)
        else { throw RegisterError.head(log) }
        let published = try publications(of: stored)
        var roots: [Int: Digest] = [:]
        let wanted = Set(published.map(\.size) + [mark.map { Int($0.count - generation.base) } ?? 0])
        var tree = VerifiedTree(TileStore(connection, generation))
        try readEvents(of: stored, after: before) { leaf in
            try tree.append(leaf)
            if wanted.contains(tree.size) { roots[tree.size] = tree.root }
        }
        guard tree.root == stored.root, stored.isSigned else { throw RegisterError.head(log) }
        findings += try tree.finish().map { "\($0) of the log \(log.rawValue) is not that of its events" }
        if let mark, mark.count <= stored.count, roots[Int(mark.count - generation.base)] != mark.root {
            throw RegisterError.different(log, position: mark.count)
        }
        for publication in published {
            let name = "the checkpoint of \(publication.size) leaves published of the log \(log.rawValue)"
            guard let root = roots[publication.size],
                let verified = try? VerifiedCheckpoint(publication.note, keys: [generation.key]),
                verified.checkpoint == generation.checkpoint(size: publication.size, root: root)
            else {
                findings.append("\(name) is not that of its tree, or not signed")
                continue
            }
            findings += try cosignatures(of: publication, in: generation).map { "\(name) is not what \($0) signed" }
        }
    }

    /// Hands over the leaf of every event of a generation.
    private mutating func readEvents(
        of stored: StoredGeneration, after before: StoredGeneration?, _ take: (Digest) throws -> Void
    ) throws {
        let generation = stored.generation
        var next = generation.base
        var lastAt = lastAt
        var last: Event?
        try connection.run(
            "SELECT position, leaf, bytes FROM event WHERE log = ? AND position >= ? AND position < ? ORDER BY position",
            .text(log.rawValue), .integer(generation.base), .integer(stored.count)
        ) { row in
            let bytes = row.blob(2)
            let leaf = LogHead.leaf(bytes)
            guard row.integer(0) == next, row.blob(1) == leaf.bytes, let event = try? Event(canonical: bytes),
                event.log == log, event.at >= lastAt
            else { throw RegisterError.broken(log, position: next) }
            if next == generation.base { try checkFirst(event, of: stored, after: before) }
            try take(leaf)
            (last, lastAt, next) = (event, event.at, next + 1)
        }
        guard next == stored.count else { throw RegisterError.broken(log, position: next) }
        self.lastAt = lastAt
        ended = (last?.fact as? LogEnded)?.key
    }

    /// The key that the generation read last named as its successor's.
    private var ended: String?

    private func checkFirst(_ event: Event, of stored: StoredGeneration, after before: StoredGeneration?) throws {
        let generation = stored.generation
        guard let before else {
            guard (event.fact as? LogOpened)?.instance == instance else { throw RegisterError.broken(log, position: 0) }
            return
        }
        guard let fact = event.fact as? LogContinued, fact.instance == instance, fact.generation == generation.number,
            fact.base == generation.base, fact.key == generation.key.description
        else { throw RegisterError.broken(log, position: generation.base) }
        // After a loss the checkpoint quoted may be of events that are no longer there.
        guard fact.cause == .rotation else { return }
        guard ended == fact.key, fact.previous == before.note.encoded else {
            throw RegisterError.broken(log, position: generation.base)
        }
    }

    private struct Publication {
        let size: Int
        let note: Note
    }

    private func publications(of stored: StoredGeneration) throws -> [Publication] {
        do {
            return try connection.all(
                "SELECT size, note FROM publication WHERE log = ? AND generation = ? ORDER BY size",
                .text(log.rawValue), .integer(stored.generation.number)
            ) { Publication(size: Int($0.integer(0)), note: try Note($0.blob(1))) }
        } catch is MerkleError { throw RegisterError.head(log) }
    }

    /// Names of the witnesses whose kept cosignature is not theirs.
    private func cosignatures(of publication: Publication, in generation: Generation) throws -> [String] {
        try connection.all(
            "SELECT witness, note FROM cosignature WHERE log = ? AND generation = ? AND size = ? ORDER BY witness",
            .text(log.rawValue), .integer(generation.number), .integer(Int64(publication.size))
        ) { row -> String? in
            let witness = row.text(0)
            guard let key = try? VerifierKey(witness), let note = try? Note(row.blob(1)),
                note.text == publication.note.text, (try? note.verify([key])) != nil
            else { return witness }
            return nil
        }.compactMap { $0 }
    }
}

/// A generation's tree built anew, beside the tiles that the register keeps of it.
private struct VerifiedTree {
    private let tiles: TileStore
    private var edge = RightEdge()
    /// Tiles that are not yet full, by level, as they were last seen.
    private var open: [Int: (path: TilePath, bytes: [UInt8])] = [:]
    private var wrong: [String] = []

    init(_ tiles: TileStore) { self.tiles = tiles }

    var size: Int { edge.size }
    var root: Digest { edge.root }

    mutating func append(_ leaf: Digest) throws {
        edge.append(leaf)
        if edge.size % TilePath.fullWidth == 0 { try compare() }
    }

    private mutating func compare() throws {
        for change in edge.takeChanges() {
            if change.path.isFull {
                open[change.path.level] = nil
                try compare(change)
            } else {
                open[change.path.level] = change
            }
        }
    }

    private mutating func compare(_ tile: (path: TilePath, bytes: [UInt8])) throws {
        if (try? tiles.read(tile.path)) != tile.bytes { wrong.append("\(tile.path)") }
    }

    /// - Returns: paths of tiles that are missing, altered, or too many.
    mutating func finish() throws -> [String] {
        try compare()
        for tile in open.values { try compare(tile) }
        let kept = try tiles.connection.first(
            "SELECT sum(length(hashes)) FROM tile WHERE log = ? AND generation = ?",
            .text(tiles.log.rawValue), .integer(tiles.generation)
        ) { $0.optionalInteger(0) ?? 0 }
        let bytes = TilePath.all(size: edge.size).reduce(0) { $0 + 32 * $1.width }
        if wrong.isEmpty, kept != Int64(bytes) { wrong.append("a tile more than there are") }
        return wrong.sorted()
    }
}
