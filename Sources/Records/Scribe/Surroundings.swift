internal import Glibc
internal import OpenSSL
public import Procurement

/// What enters the register from outside.
public struct Surroundings: Sendable {
    public let clock: WallClock
    public let keys: LogKeys
    public let blanks: BlankLeaves
    /// As many random bytes as asked for: nonces of events, salts of persons.
    public let randomness: @Sendable (Int) throws -> [UInt8]
    public let durability: Durability
    /// Called when the outcome of a commit is unknown. It ends the process, so that the next start can find out what is
    /// on the disk; if it returns (in a test), the register accepts and tells nothing any more.
    public let fatal: @Sendable (String) -> Void

    public init(
        clock: WallClock, keys: LogKeys, blanks: BlankLeaves = .none,
        randomness: @escaping @Sendable (Int) throws -> [UInt8] = Surroundings.random,
        durability: Durability = .real, fatal: @escaping @Sendable (String) -> Void = Surroundings.exit
    ) {
        self.clock = clock
        self.keys = keys
        self.blanks = blanks
        self.randomness = randomness
        self.durability = durability
        self.fatal = fatal
    }

    /// OpenSSL's generator.
    public static let random: @Sendable (Int) throws -> [UInt8] = { try Random.bytes($0) }

    /// Says why on standard error and ends the process at once with status 70 (EX_SOFTWARE): no handler runs, nobody
    /// is answered.
    public static let exit: @Sendable (String) -> Void = { reason in
        let line = Array("sceaud: fatal: \(reason)\n".utf8)
        _ = write(2, line, line.count)
        _exit(70)
    }
}
