public import Canonical

/// A leaf that says nothing. The scribe adds some at random, so that the length of a log does not tell how many bids came.
public struct Blank: Fact {
    public static let type = "blank"

    public init() {}
    public var fields: [String: JSON] { [:] }
    public init(from reader: inout FieldReader) throws(CanonicalError) {}
}

/// The last leaf of a generation: its key signs no more, and names the one that does.
public struct LogEnded: Fact {
    public static let type = "log-ended"
    /// The next generation's verifier key (C2SP signed-note).
    public let key: String

    public init(key: String) { self.key = key }
    public var fields: [String: JSON] { ["key": .string(key)] }
    public init(from reader: inout FieldReader) throws(CanonicalError) { key = try reader.verifierKey("key") }
}

/// The first leaf of every generation of a log but the first.
public struct LogContinued: Fact {
    public static let type = "log-continued"
    /// Bytes of the quoted checkpoint.
    public static let longestNote = 64 * 1024

    public enum Cause: String, Sendable, CaseIterable {
        /// The log has a new key, which the last leaf before named.
        case rotation
        /// A restored register lacks events that may have been acknowledged.
        case loss
    }

    public let instance: Identifier
    /// From 2.
    public let generation: Int64
    /// Position of this event.
    public let base: Int64
    /// This generation's verifier key (C2SP signed-note).
    public let key: String
    /// The last known checkpoint of the generation before, a signed note.
    public let previous: [UInt8]
    public let cause: Cause
    /// After a loss, the first position that was not recovered.
    public let lost: Int64?

    public init(
        instance: Identifier, generation: Int64, base: Int64, key: String, previous: [UInt8], cause: Cause, lost: Int64? = nil
    ) {
        self.instance = instance
        self.generation = generation
        self.base = base
        self.key = key
        self.previous = previous
        self.cause = cause
        self.lost = lost
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "instance": .identifier(instance), "generation": .integer(generation), "base": .integer(base),
            "key": .string(key), "previous": .base64(previous), "cause": .string(cause.rawValue),
        ]
        fields["lost"] = lost.map { .integer($0) }
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        instance = try reader.identifier("instance")
        generation = try reader.integer("generation", in: 2...JSON.largestInteger)
        base = try reader.integer("base", in: 1...JSON.largestInteger)
        key = try reader.verifierKey("key")
        previous = try reader.base64("previous", max: Self.longestNote)
        cause = try reader.word("cause", of: Cause.self)
        lost = try reader.optionalInteger("lost", in: 0...JSON.largestInteger)
        guard !previous.isEmpty else { throw CanonicalError(reason: "`previous` is empty") }
    }
}

extension FieldReader {
    /// `NAME+0123abcd+BASE64`, as C2SP signed-note writes an Ed25519 key. Whether the identifier is the key's is for
    /// whoever verifies.
    fileprivate mutating func verifierKey(_ name: String) throws(CanonicalError) -> String {
        let text = try string(name, max: 512)
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[1].utf8.count == 8, (try? Hex.decode(parts[1])) != nil,
            (try? Base64.decode(parts[2]))?.count == 33
        else { throw CanonicalError(reason: "`\(name)` is not a verifier key") }
        return text
    }
}
