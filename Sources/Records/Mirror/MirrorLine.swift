internal import Linux
internal import SQLite

/// The scribe's side of a mirror: hands each transaction's changes on, or keeps them while a copy is made. Owned by the
/// scribe's thread.
struct MirrorLine {
    /// Bytes of changes that are kept while a copy is made.
    static let mostKept = 64 << 20

    private let mirror: Mirror?
    private let path: String
    private var copy: MirrorCopy?
    private var kept: [[UInt8]]?
    private var count = 0
    private var recording: Recording?
    private var changes: [UInt8] = []

    /// - Parameter path: of the register.
    init(_ mirror: Mirror?, path: String, copy: MirrorCopy?) {
        self.mirror = mirror
        self.path = path
        self.copy = copy
    }

    /// Whether nothing may be decided now.
    var isHeld: Bool { mirror.map { !$0.allowsDecisions } ?? false }

    /// Between two batches.
    mutating func serve() {
        guard let mirror else { return }
        if copy != nil, !mirror.isFollowing { copy = nil }
        for request in mirror.requests.take() {
            switch request {
            case .keep(let answer):
                copy = nil
                (kept, count) = ([], 0)
                let result = snapshot()
                answer.change { $0 = result }
            case .follow(let made, let answer):
                let result = follow(made, mirror)
                answer.change { $0 = result }
            case .forget: kept = nil
            }
        }
    }

    private func snapshot() -> Result<MirrorRequests.Handed, any Error> {
        do {
            let connection = try Connection(path: path, .readOnly)
            try connection.beginReading()
            // A snapshot is fixed by its first read.
            _ = try StoredGeneration.heads(connection)
            return .success(MirrorRequests.Handed(connection: connection))
        } catch {
            return .failure(error)
        }
    }

    private mutating func follow(_ made: MirrorCopy, _ mirror: Mirror) -> Result<Void, any Error> {
        guard let kept else { return .failure(MirrorError.overtaken) }
        self.kept = nil
        do {
            for changes in kept {
                try made.begin(changes)
                try made.commit()
            }
        } catch {
            return .failure(error)
        }
        copy = made
        mirror.begin(made)
        return .success(())
    }

    // MARK: A transaction

    /// After BEGIN, before its first change.
    mutating func begin(_ connection: Connection) throws {
        changes = []
        recording = copy != nil || kept != nil ? try Recording(connection, tables: Schema.tables) : nil
    }

    /// Before COMMIT: the mirror's own transaction is made, all but its COMMIT.
    ///
    /// - Throws: `RegisterFailure.mirror` where the mirror fails and nothing is to be acknowledged without it.
    mutating func prepare() throws {
        defer { recording = nil }
        changes = try recording?.changes() ?? []
        guard let copy, let mirror else { return }
        do { try copy.begin(changes) } catch {
            self.copy = nil
            mirror.lose(error)
            if mirror.policy == .stop { throw RegisterFailure.mirror }
        }
    }

    /// After the register's COMMIT.
    ///
    /// - Returns: false where nobody may be told what was committed.
    mutating func commit() -> Bool {
        if kept != nil, !changes.isEmpty {
            count += changes.count
            if count > Self.mostKept { kept = nil } else { kept?.append(changes) }
        }
        changes = []
        guard let copy, let mirror else { return true }
        do { try copy.commit() } catch {
            self.copy = nil
            mirror.lose(error)
            return mirror.policy == .alarm
        }
        return true
    }

    /// The transaction came to nothing.
    mutating func undo() {
        recording = nil
        changes = []
        copy?.undo()
    }
}
