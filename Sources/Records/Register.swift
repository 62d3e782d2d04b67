internal import Linux
internal import SQLite

/// The register: the logs' events, the objects and persons they name, and the views folded from them.
///
/// Whoever decides hands a closure to the one scribe and is told after the commit; whoever reads gets a snapshot.
/// Nothing is told before it is on the disk and below the high-water mark.
public final class Register: Sendable {
    public let instance: Instance
    /// What the start found and did.
    public let recovery: Recovery
    /// nil where there is none.
    public let mirror: Mirror?

    private let queue: ScribeQueue
    private let readers: Readers
    private let thread: OSThread

    /// Opens a register, brings it to a state that is known to be on the disk, and starts the scribe. The caller holds
    /// the data folder's lock.
    ///
    /// - Parameters:
    ///   - data: the data folder.
    ///   - highWater: the folder of the high-water mark; `high-water` of the data folder where nil.
    ///   - mirror: the second folder, where there is one; that it cannot be used now is no error, but a loss.
    /// - Throws: ``RegisterError`` where what was acknowledged may be at stake, ``MirrorError`` where the mirror is not one of this register.
    public init(
        data: String, highWater: String? = nil, mirror: Mirror? = nil, limits: RegisterLimits, _ surroundings: Surroundings
    ) throws {
        let opened = try OpenedRegister(data: data, highWater: highWater, keys: surroundings.keys)
        instance = opened.instance
        recovery = opened.recovery
        self.mirror = mirror
        let copy = try mirror.flatMap { try Register.startMirror($0, opened.connection, instance: opened.instance) }
        let line = MirrorLine(mirror, path: Register.path(data), copy: copy)
        queue = ScribeQueue(limits)
        readers = try Readers(path: Register.path(data), count: limits.readers)
        let scribe = Scribe(
            opened.connection, instance: opened.instance.id, highWater: opened.highWater, logs: opened.logs,
            lastAt: opened.lastAt, queue: queue, mirror: line, surroundings: surroundings)
        thread = try OSThread.start(name: "scribe") { scribe.run() }
    }

    /// Hands an item to the scribe. The order of events is the order of submission within a lane.
    ///
    /// - Parameters:
    ///   - folders: what must be on the disk before the commit.
    ///   - decide: runs on the scribe's thread, within the batch's transaction; what it throws (a `Refusal`) undoes
    ///     this item alone. It must not block.
    ///   - completion: called once: after the commit with the events, or with what `decide` threw, or with a
    ///     ``RegisterFailure``. On the scribe's thread, where it must not block; or, where the item is not taken
    ///     (`overloaded`, `stopping`), on the caller's before this returns. *Never* called if the outcome is unknown.
    public func submit(
        _ lane: Lane = .decision, after folders: [FolderSync] = [],
        decide: @escaping @Sendable (Transaction) throws -> [EventDraft],
        completion: @escaping @Sendable (Result<[CommittedEvent], any Error>) -> Void = { _ in }
    ) {
        let item = Item(lane: lane, folders: folders, decide: decide, completion: completion)
        if let failure = queue.add(item, lane) { completion(.failure(failure)) }
    }

    func submit(rotation: LogRotation, completion: @escaping @Sendable (Result<[CommittedEvent], any Error>) -> Void) {
        let item = Item(lane: .decision, folders: [], decide: { _ in [] }, completion: completion, rotation: rotation)
        if let failure = queue.add(item, .decision) { completion(.failure(failure)) }
    }

    /// The same, waiting for the outcome. Not on an event loop, not on the scribe.
    @discardableResult
    public func commit(
        _ lane: Lane = .decision, after folders: [FolderSync] = [], decide: @escaping @Sendable (Transaction) throws -> [EventDraft]
    ) throws -> [CommittedEvent] {
        let outcome = Monitor<Result<[CommittedEvent], any Error>?>(nil)
        submit(lane, after: folders, decide: decide) { result in outcome.change { $0 = result } }
        return try outcome.wait { $0 }.get()
    }

    /// Calls `done` once every decision submitted before it is committed, refused or failed, and was told so; with an
    /// error where the barrier itself could not be set. On the scribe's thread.
    public func barrier(_ done: @escaping @Sendable (RegisterFailure?) -> Void) {
        submit(decide: { _ in [] }) { result in
            if case .failure(let error) = result {
                done(error as? RegisterFailure ?? .storage("\(error)"))
            } else {
                done(nil)
            }
        }
    }

    /// Runs `body` on the calling thread over a snapshot of what is committed. Waits for a free connection: not on an
    /// event loop.
    public func read<Result>(_ body: (Snapshot) throws -> Result) throws -> Result { try readers.read(body) }

    /// Drops the views and folds every event anew, as one item of the scribe.
    public func rebuildViews() throws {
        try commit { transaction in
            try Views.rebuild(transaction.connection)
            return []
        }
    }

    /// How the views differ from what the events give. Empty if they do not.
    public func differences() throws -> [String] { try read { try ViewComparison.differences($0.connection) } }

    /// Takes nothing more, commits what was taken, tells everybody, and closes.
    public func stop() {
        queue.stop()
        thread.join()
        readers.close()
    }

    /// Where the high-water mark lies unless a configuration says otherwise.
    public static func highWaterFolder(_ data: String) -> String { highWater(data) }

    static func highWater(_ data: String) -> String { "\(data)/high-water" }
    static func path(_ data: String) -> String { "\(data)/register/register.sqlite" }
}
