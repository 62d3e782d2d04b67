/// Takes the fields of an object one by one, each within its bounds, and refuses what is left over.
///
/// Errors name the field by its path (`members.number`), never its value.
public struct FieldReader: Sendable {
    private var fields: [String: JSON]
    private let path: String

    public init(_ json: JSON) throws(CanonicalError) { try self.init(json, path: "") }

    private init(_ json: JSON, path: String) throws(CanonicalError) {
        guard case .object(let fields) = json else {
            throw CanonicalError(reason: path.isEmpty ? "not an object" : "`\(path)` is not an object")
        }
        self.fields = fields
        self.path = path
    }

    /// Refuses fields that nobody took: a reader that ignored one could be told two things by one signature.
    public func finish() throws(CanonicalError) {
        guard let key = fields.keys.min(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) else { return }
        throw CanonicalError(reason: "unknown field `\(name(key))`")
    }

    public func has(_ key: String) -> Bool { fields[key] != nil }

    private func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func wrong(_ key: String, _ what: String) -> CanonicalError {
        CanonicalError(reason: "`\(name(key))` is not \(what)")
    }

    private func required<T>(_ value: T?, _ key: String) throws(CanonicalError) -> T {
        guard let value else { throw CanonicalError(reason: "`\(name(key))` is missing") }
        return value
    }

    private func naming<T>(_ key: String, _ read: () throws(CanonicalError) -> T) throws(CanonicalError) -> T {
        do { return try read() } catch { throw CanonicalError(reason: "`\(name(key))`: \(error.reason)") }
    }
}

extension FieldReader {
    public mutating func optionalJSON(_ key: String) -> JSON? { fields.removeValue(forKey: key) }

    /// At most `max` bytes of UTF-8.
    public mutating func optionalString(_ key: String, max: Int = 1024) throws(CanonicalError) -> String? {
        guard let json = optionalJSON(key) else { return nil }
        guard case .string(let text) = json else { throw wrong(key, "a string") }
        guard text.utf8.count <= max else { throw wrong(key, "at most \(max) bytes long") }
        return text
    }

    public mutating func optionalInteger(_ key: String, in range: ClosedRange<Int64> = 0...JSON.largestInteger)
        throws(CanonicalError) -> Int64?
    {
        guard let json = optionalJSON(key) else { return nil }
        guard case .integer(let number) = json else { throw wrong(key, "an integer") }
        guard range.contains(number) else { throw wrong(key, "from \(range.lowerBound) to \(range.upperBound)") }
        return number
    }

    public mutating func optionalBool(_ key: String) throws(CanonicalError) -> Bool? {
        guard let json = optionalJSON(key) else { return nil }
        guard case .bool(let truth) = json else { throw wrong(key, "true or false") }
        return truth
    }

    public mutating func optionalInstant(_ key: String) throws(CanonicalError) -> Instant? {
        guard let text = try optionalString(key, max: 24) else { return nil }
        return try naming(key) { () throws(CanonicalError) in try Instant(parsing: text) }
    }

    public mutating func optionalDigest(_ key: String) throws(CanonicalError) -> Digest? {
        guard let text = try optionalString(key, max: 64) else { return nil }
        return try naming(key) { () throws(CanonicalError) in try Digest(hex: text) }
    }

    public mutating func optionalIdentifier(_ key: String) throws(CanonicalError) -> Identifier? {
        guard let text = try optionalString(key, max: 32) else { return nil }
        return try naming(key) { () throws(CanonicalError) in try Identifier(text) }
    }

    /// Exactly `count` bytes.
    public mutating func optionalHex(_ key: String, count: Int) throws(CanonicalError) -> [UInt8]? {
        guard let text = try optionalString(key, max: 2 * count) else { return nil }
        let bytes = try naming(key) { () throws(CanonicalError) in try Hex.decode(text) }
        guard bytes.count == count else { throw wrong(key, "\(count) bytes") }
        return bytes
    }

    /// At most `max` bytes once decoded.
    public mutating func optionalBase64(_ key: String, max: Int) throws(CanonicalError) -> [UInt8]? {
        guard let text = try optionalString(key, max: .max) else { return nil }
        // Not decoded at all where it is too long by its length alone.
        let isShort = text.utf8.count <= (max + 2) / 3 * 4
        let bytes = isShort ? try naming(key) { () throws(CanonicalError) in try Base64.decode(text) } : []
        guard isShort, bytes.count <= max else { throw wrong(key, "at most \(max) bytes long") }
        return bytes
    }

    /// At most `max` elements.
    public mutating func optionalArray(_ key: String, max: Int = JSON.mostValues) throws(CanonicalError) -> [JSON]? {
        guard let json = optionalJSON(key) else { return nil }
        guard case .array(let values) = json else { throw wrong(key, "an array") }
        guard values.count <= max else { throw wrong(key, "at most \(max) long") }
        return values
    }

    public mutating func optionalObject(_ key: String) throws(CanonicalError) -> FieldReader? {
        guard let json = optionalJSON(key) else { return nil }
        return try FieldReader(json, path: name(key))
    }
}

extension FieldReader {
    public mutating func json(_ key: String) throws(CanonicalError) -> JSON {
        try required(optionalJSON(key), key)
    }

    /// At most `max` bytes of UTF-8.
    public mutating func string(_ key: String, max: Int = 1024) throws(CanonicalError) -> String {
        try required(optionalString(key, max: max), key)
    }

    public mutating func integer(_ key: String, in range: ClosedRange<Int64> = 0...JSON.largestInteger)
        throws(CanonicalError) -> Int64
    { try required(optionalInteger(key, in: range), key) }

    public mutating func bool(_ key: String) throws(CanonicalError) -> Bool {
        try required(optionalBool(key), key)
    }

    public mutating func instant(_ key: String) throws(CanonicalError) -> Instant {
        try required(optionalInstant(key), key)
    }

    public mutating func digest(_ key: String) throws(CanonicalError) -> Digest {
        try required(optionalDigest(key), key)
    }

    public mutating func identifier(_ key: String) throws(CanonicalError) -> Identifier {
        try required(optionalIdentifier(key), key)
    }

    /// Exactly `count` bytes.
    public mutating func hex(_ key: String, count: Int) throws(CanonicalError) -> [UInt8] {
        try required(optionalHex(key, count: count), key)
    }

    /// At most `max` bytes once decoded.
    public mutating func base64(_ key: String, max: Int) throws(CanonicalError) -> [UInt8] {
        try required(optionalBase64(key, max: max), key)
    }

    /// At most `max` elements.
    public mutating func array(_ key: String, max: Int = JSON.mostValues) throws(CanonicalError) -> [JSON] {
        try required(optionalArray(key, max: max), key)
    }

    public mutating func object(_ key: String) throws(CanonicalError) -> FieldReader {
        try required(optionalObject(key), key)
    }
}
