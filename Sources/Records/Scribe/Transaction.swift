public import Canonical
internal import OpenSSL
public import Procurement
internal import SQLite

/// What a decision sees and may do: the register as it stands within the batch (with what the items before it
/// appended), and the objects that its events will name. It lives only while `decide` runs.
public final class Transaction: Snapshot {
    /// The clock, as the scribe read it before the transaction. It may have run back.
    public let now: Instant
    /// What the events of this batch carry: never before an earlier event's.
    public let at: Instant
    private let randomness: @Sendable (Int) throws -> [UInt8]

    init(
        _ connection: Connection, now: Instant, at: Instant, randomness: @escaping @Sendable (Int) throws -> [UInt8]
    ) {
        self.now = now
        self.at = at
        self.randomness = randomness
        super.init(connection)
    }

    /// Keeps an immutable object (a capsule, a signed approval …) that an event of this item names by its SHA-256. What
    /// is there already is kept once. Undone if the item is refused.
    @discardableResult
    public func keep(_ object: [UInt8]) throws -> Digest {
        let digest = Digest(SHA256.hash(object))
        try connection.run(
            "INSERT INTO object(digest, bytes) VALUES(?, ?) ON CONFLICT(digest) DO NOTHING",
            .blob(digest.bytes), .blob(object))
        return digest
    }

    /// Keeps what is about a person, apart and erasable, and gives SHA-256(salt ‖ object) for an event to hold. Without
    /// the salt the digest tells nothing, however few names there are to try.
    public func keep(_ person: Person) throws -> Digest {
        let salt = try randomness(16)
        let bytes = person.canonicalBytes
        let digest = Digest(SHA256.hash(salt + bytes))
        try connection.run(
            "INSERT INTO person(digest, salt, bytes) VALUES(?, ?, ?)", .blob(digest.bytes), .blob(salt), .blob(bytes))
        return digest
    }

    /// Forgets a person. The log still verifies: it held only a digest.
    public func erase(person digest: Digest) throws {
        try connection.run("DELETE FROM person WHERE digest = ?", .blob(digest.bytes))
    }
}
