/// A strict reader of DER (X.690): definite lengths in their shortest form, tags of one byte, every byte accounted for.
///
/// It walks; it knows no types. Each element is given as the range of its content in ``bytes``.
struct DERReader {
    let bytes: [UInt8]
    private(set) var rest: Range<Int>

    /// Why the bytes are not what was asked for.
    struct Failure: Error { let reason: String }

    init(_ bytes: [UInt8], _ range: Range<Int>? = nil) {
        self.bytes = bytes
        rest = range ?? bytes.indices
    }

    var isAtEnd: Bool { rest.isEmpty }
    var tag: UInt8? { rest.isEmpty ? nil : bytes[rest.lowerBound] }

    /// The next element, which has this tag: its content.
    mutating func content(_ wanted: UInt8, _ what: StaticString) throws(Failure) -> Range<Int> {
        guard tag == wanted else { throw Failure(reason: "no \(what) where it should stand") }
        return try element(what).content
    }

    /// The same, of an element that may be absent.
    mutating func optional(_ wanted: UInt8, _ what: StaticString) throws(Failure) -> Range<Int>? {
        tag == wanted ? try content(wanted, what) : nil
    }

    /// The next element, whatever its tag.
    mutating func element(_ what: StaticString) throws(Failure) -> (whole: Range<Int>, content: Range<Int>) {
        let start = rest.lowerBound
        guard rest.count >= 2, bytes[start] & 0x1f != 0x1f else { throw Failure(reason: "\(what) is cut short") }
        var next = start + 2
        var count = Int(bytes[start + 1])
        if count >= 0x80 {
            let lengthBytes = count & 0x7f
            // Three bytes of length are 16 MiB, far beyond any bound of ours; none is the indefinite form of BER.
            guard (1...3).contains(lengthBytes), rest.upperBound - next >= lengthBytes, bytes[next] != 0 else {
                throw Failure(reason: "the length of \(what) is not DER's")
            }
            count = bytes[next..<(next + lengthBytes)].reduce(0) { $0 << 8 | Int($1) }
            guard count >= 0x80 else { throw Failure(reason: "the length of \(what) is not DER's") }
            next += lengthBytes
        }
        guard count <= rest.upperBound - next else { throw Failure(reason: "\(what) is cut short") }
        rest = (next + count)..<rest.upperBound
        return (start..<(next + count), next..<(next + count))
    }

    func inside(_ range: Range<Int>) -> DERReader { DERReader(bytes, range) }

    func end(of what: StaticString) throws(Failure) {
        guard isAtEnd else { throw Failure(reason: "something stands behind \(what)") }
    }

    /// The content of an INTEGER that is not negative, in its shortest form, without the sign's zero byte.
    mutating func natural(_ what: StaticString, max: Int) throws(Failure) -> [UInt8] {
        let range = try content(0x02, what)
        var digits = bytes[range]
        guard let first = digits.first, first < 0x80 else { throw Failure(reason: "\(what) is not a natural number") }
        if digits.count > 1, first == 0 {
            digits = digits.dropFirst()
            guard digits.first! >= 0x80 else { throw Failure(reason: "\(what) is not in its shortest form") }
        }
        guard digits.count <= max else { throw Failure(reason: "\(what) is too long") }
        return Array(digits)
    }

    /// The same, as a small number.
    mutating func smallNatural(_ what: StaticString) throws(Failure) -> Int {
        try natural(what, max: 4).reduce(0) { $0 << 8 | Int($1) }
    }
}
