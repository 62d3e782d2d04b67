internal import Canonical
internal import Procurement
internal import SQLite

// How the project's own values stand in columns: identifiers as their text, digests as 32 bytes, instants as
// milliseconds, short lists as canonical JSON.

extension Value {
    static func identifier(_ identifier: Identifier) -> Value { .text(identifier.text) }
    static func digest(_ digest: Digest) -> Value { .blob(digest.bytes) }
    static func instant(_ instant: Instant) -> Value { .integer(instant.milliseconds) }
    static func list(_ texts: [String]) -> Value {
        .text(String(decoding: JSON.array(texts.map(JSON.string)).encoded(), as: UTF8.self))
    }
}

extension Row {
    func identifier(_ column: Int) throws(CanonicalError) -> Identifier { try Identifier(text(column)) }
    func digest(_ column: Int) throws(CanonicalError) -> Digest { try Digest(bytes: blob(column)) }
    func optionalDigest(_ column: Int) throws(CanonicalError) -> Digest? {
        isNull(column) ? nil : try digest(column)
    }
    func instant(_ column: Int) -> Instant { Instant(milliseconds: integer(column)) }
    func bool(_ column: Int) -> Bool { integer(column) != 0 }

    func list(_ column: Int) throws(CanonicalError) -> [String] {
        guard case .array(let values) = try JSON(canonical: Array(text(column).utf8)) else {
            throw CanonicalError(reason: "a column is not a list")
        }
        var texts: [String] = []
        for value in values {
            guard case .string(let text) = value else {
                throw CanonicalError(reason: "a column is not a list of texts")
            }
            texts.append(text)
        }
        return texts
    }

    /// A word of an enumeration.
    func word<Word: RawRepresentable<String>>(_ column: Int) throws(CanonicalError) -> Word {
        guard let word = Word(rawValue: text(column)) else {
            throw CanonicalError(reason: "a column holds no known word")
        }
        return word
    }
}
