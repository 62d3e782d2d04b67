import Canonical

extension FieldReader {
    /// A stable word of the format: 1 to `max` lower-case letters, digits and hyphens, a letter first.
    mutating func word(_ key: String, max: Int = 64) throws(CanonicalError) -> String {
        let word = try string(key, max: max)
        guard isWord(word) else { throw CanonicalError(reason: "`\(key)` is not a word") }
        return word
    }

    /// One of a closed list of words.
    mutating func word<Words: RawRepresentable<String>>(_ key: String, of words: Words.Type) throws(CanonicalError) -> Words {
        guard let value = Words(rawValue: try word(key)) else {
            throw CanonicalError(reason: "`\(key)` is not a known word")
        }
        return value
    }

    mutating func count(_ key: String, in range: ClosedRange<Int64>) throws(CanonicalError) -> Int {
        Int(try integer(key, in: range))
    }

    /// The names of a consultation's parts: one to eight, each once.
    mutating func parts(_ key: String) throws(CanonicalError) -> [String] {
        var parts: [String] = []
        for value in try array(key, max: PartName.most) {
            guard case .string(let part) = value, PartName.isValid(part), !parts.contains(part) else {
                throw CanonicalError(reason: "`\(key)` is not a list of parts")
            }
            parts.append(part)
        }
        guard !parts.isEmpty else { throw CanonicalError(reason: "`\(key)` is empty") }
        return parts
    }

    mutating func part(_ key: String) throws(CanonicalError) -> String {
        let part = try string(key, max: PartName.longest)
        guard PartName.isValid(part) else { throw CanonicalError(reason: "`\(key)` is not a part's name") }
        return part
    }

    /// Different identifiers, in the order given.
    mutating func identifiers(_ key: String, max: Int) throws(CanonicalError) -> [Identifier] {
        var identifiers: [Identifier] = []
        for value in try array(key, max: max) {
            guard case .string(let text) = value else { throw CanonicalError(reason: "`\(key)` is not a list of identifiers") }
            identifiers.append(try Identifier(text))
        }
        guard Set(identifiers).count == identifiers.count else { throw CanonicalError(reason: "`\(key)` repeats one") }
        return identifiers
    }

    /// The quorum k of a committee of n.
    mutating func quorum() throws(CanonicalError) -> (k: Int, n: Int) {
        let n = try count("n", in: 1...255)
        return (try count("k", in: 1...Int64(n)), n)
    }
}

func isWord(_ text: String) -> Bool {
    guard let first = text.utf8.first, (0x61...0x7a).contains(first) else { return false }
    return text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
}

/// The name of a part of a consultation, such as `application`, `offer`, `anonymity`.
public enum PartName {
    public static let longest = 32
    /// Parts of one consultation.
    public static let most = 8

    /// 1 to 32 lower-case letters.
    public static func isValid(_ name: String) -> Bool {
        (1...longest).contains(name.utf8.count) && name.utf8.allSatisfy { (0x61...0x7a).contains($0) }
    }
}
