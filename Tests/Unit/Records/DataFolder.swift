import Canonical
import Foundation
import Linux
import OpenSSL
import Procurement
import Records
import SQLite
import Synchronization

/// A data folder with a fresh register, gone with the test, and the surroundings to open it in.
final class DataFolder: Sendable {
    let url: URL
    let clock = TestClock()
    let instance: Instance
    let keys: LogKeys
    private let training: Secret
    var path: String { url.path }
    var database: String { url.appendingPathComponent("register/register.sqlite").path }
    var mark: URL { url.appendingPathComponent("high-water/mark.json") }

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("register-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        let key = try PrivateKey.generateEd25519()
        training = try key.pkcs8()
        keys = LogKeys(real: try PrivateKey.generateEd25519(), training: key)
        instance = Instance(id: id(1), name: "Agglomération", created: clock.now)
        try Register.create(data: url.path, instance: instance, surroundings())
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The keys with another one for the real log.
    func rotatedKeys() throws -> LogKeys {
        LogKeys(real: try PrivateKey.generateEd25519(), training: try PrivateKey(pkcs8: training))
    }

    func surroundings(
        _ durability: Durability = .real, fatal: @escaping @Sendable (String) -> Void = { fatalError($0) }
    ) -> Surroundings {
        Surroundings(clock: WallClock { [clock] in clock.now }, keys: keys, durability: durability, fatal: fatal)
    }

    func open(
        _ surroundings: Surroundings? = nil, decisions: Int = 1000, traces: Int = 1000, batch: Int = 64,
        gathering: Int64 = 0
    ) throws -> Register {
        try Register(
            data: path,
            limits: RegisterLimits(decisions: decisions, traces: traces, batch: batch, readers: 2, gathering: gathering),
            surroundings ?? self.surroundings())
    }

    /// What someone with a shell on the host could do to the register.
    func tamper(_ change: (Connection) throws -> Void) throws {
        let connection = try Connection(path: database, .readWrite)
        for trigger: StaticString in [
            "DROP TRIGGER IF EXISTS event_changed", "DROP TRIGGER IF EXISTS event_deleted",
            "DROP TRIGGER IF EXISTS object_changed", "DROP TRIGGER IF EXISTS object_deleted",
            "DROP TRIGGER IF EXISTS tile_changed", "DROP TRIGGER IF EXISTS tile_deleted",
            "DROP TRIGGER IF EXISTS publication_changed", "DROP TRIGGER IF EXISTS publication_deleted",
        ] { try connection.execute(trigger) }
        try connection.execute("PRAGMA foreign_keys=OFF")
        try change(connection)
        try connection.checkpoint()
    }

    /// Makes a copy of the register's file, to be put back later: an older backup.
    func backup() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: database)) }
    func restore(_ data: Data) throws { try data.write(to: URL(fileURLWithPath: database)) }
}

final class TestClock: Sendable {
    private let instant = Mutex(Instant(milliseconds: 1_795_453_200_000))
    var now: Instant {
        get { instant.withLock { $0 } }
        set { instant.withLock { $0 = newValue } }
    }
    func advance(milliseconds: Int64) { now = Instant(milliseconds: now.milliseconds + milliseconds) }
}

/// The scribe is held in a decision until it is let go, so that what is submitted meanwhile makes one batch.
final class Gate: Sendable {
    private let state = Monitor((isEntered: false, isOpen: false))

    init(_ register: Register) {
        register.submit { [state] _ in
            state.change { $0.isEntered = true }
            _ = state.wait { $0.isOpen ? true : nil }
            return []
        }
        _ = state.wait { $0.isEntered ? true : nil }
    }

    func open() { state.change { $0.isOpen = true } }
}

/// Outcomes as they are told, in the order in which they are.
final class Told: Sendable {
    typealias Outcome = Result<[CommittedEvent], any Error>
    private let outcomes = Monitor<[(Int, Outcome)]>([])

    func completion(_ number: Int) -> @Sendable (Outcome) -> Void {
        { [outcomes] outcome in outcomes.change { $0.append((number, outcome)) } }
    }

    var now: [(Int, Outcome)] { outcomes.change { $0 } }
    func wait(_ count: Int) -> [(Int, Outcome)] { outcomes.wait { $0.count >= count ? $0 : nil } }
}

extension Result where Success == [CommittedEvent], Failure == any Error {
    var events: [CommittedEvent] { (try? get()) ?? [] }
    var failure: RegisterFailure? { if case .failure(let error) = self { error as? RegisterFailure } else { nil } }
    var refusal: Refusal? { if case .failure(let error) = self { error as? Refusal } else { nil } }
}

func id(_ number: Int) -> Identifier {
    var bytes = InlineArray<16, UInt8>(repeating: 0)
    bytes[14] = UInt8(number >> 8 & 255)
    bytes[15] = UInt8(number & 255)
    return Identifier(random: bytes)
}

func digest(_ number: Int) -> Digest {
    var bytes = InlineArray<32, UInt8>(repeating: 0xd0)
    bytes[30] = UInt8(number >> 8 & 255)
    bytes[31] = UInt8(number & 255)
    return Digest(bytes)
}

func digestOf(_ bytes: [UInt8]) -> Digest { Digest(SHA256.hash(bytes)) }

/// The plainest event: it speaks of nothing that must be there.
func counted(_ number: Int, _ log: Log = .real) -> EventDraft {
    EventDraft(
        log: log,
        fact: RefusalsCounted(source: "\(number)", reason: "test", minute: Instant(milliseconds: 0), count: 1))
}

func number(_ event: CommittedEvent) -> Int? { (event.fact as? RefusalsCounted).flatMap { Int($0.source) } }

extension DataFolder {
    /// Opens, looks, stops.
    func opened<Result>(_ look: (Register) throws -> Result) throws -> Result {
        let register = try open()
        defer { register.stop() }
        return try look(register)
    }
}

/// A value that a decision and its test share.
final class Mutexed<Value: Sendable>: Sendable {
    private let held: Mutex<Value>
    init(_ value: Value) { held = Mutex(value) }
    var value: Value {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}
