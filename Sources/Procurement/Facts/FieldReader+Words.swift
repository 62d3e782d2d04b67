import Canonical

extension FieldReader {
    mutating func word(_ key: String) throws(CanonicalError) -> String {
        let word = try string(key, max: Word.longest)
        guard Word.isValid(word) else { throw CanonicalError(reason: "`\(key)` is not a word") }
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

    /// Numbers of members, each once, in the order given.
    mutating func members(_ key: String) throws(CanonicalError) -> [Int] {
        var numbers: [Int] = []
        for value in try array(key, max: 255) {
            guard case .integer(let number) = value, (1...255).contains(number), !numbers.contains(Int(number)) else {
                throw CanonicalError(reason: "`\(key)`: not a member's number")
            }
            numbers.append(Int(number))
        }
        return numbers
    }

    /// The quorum k of a committee of n.
    mutating func quorum() throws(CanonicalError) -> (k: Int, n: Int) {
        let n = try count("n", in: 1...255)
        return (try count("k", in: 1...Int64(n)), n)
    }
}
