/// Takes the keys of one object of the configuration, each with its type and bounds, and refuses what is left over.
///
/// Every error names the key by its path, `keys.timeLock.certificate` or `listen[1]`, and what was expected of it.
struct Settings {
    private var fields: [String: JSON5]
    private let path: String
    /// What was asked for, so that the error about an unknown key can say what there is.
    private var known: [String] = []

    init(_ value: JSON5) throws(DaemonError) { try self.init(value, at: "") }

    private init(_ value: JSON5, at path: String) throws(DaemonError) {
        guard case .object(let fields) = value else {
            throw DaemonError(path.isEmpty ? "the configuration is not an object" : "\(path): an object is expected")
        }
        self.fields = fields
        self.path = path
    }

    func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// A bad value of `key`.
    func bad(_ key: String, _ what: String, hint: String? = nil) -> DaemonError {
        DaemonError("\(name(key)): \(what)", hint: hint)
    }

    /// Refuses keys that nobody took: a limit misspelt is a limit not set.
    func finish() throws(DaemonError) {
        guard let key = fields.keys.min() else { return }
        throw DaemonError(
            "\(name(key)): there is no such key",
            hint: "keys \(path.isEmpty ? "at the top" : "of \(path)") are \(known.sorted().joined(separator: ", "))")
    }

    private mutating func take(_ key: String) -> JSON5? {
        known.append(key)
        return fields.removeValue(forKey: key)
    }

    private func required<T>(_ value: T?, _ key: String) throws(DaemonError) -> T {
        guard let value else { throw bad(key, "this key is required") }
        return value
    }

    mutating func optionalString(_ key: String) throws(DaemonError) -> String? {
        guard let value = take(key) else { return nil }
        guard case .string(let text) = value, !text.isEmpty, !text.utf8.contains(0), text.utf8.count <= 4096 else {
            throw bad(key, "a text is expected, not empty and at most 4096 bytes long")
        }
        return text
    }

    mutating func string(_ key: String) throws(DaemonError) -> String { try required(optionalString(key), key) }

    mutating func integer(_ key: String, in range: ClosedRange<Int64>, default value: Int64) throws(DaemonError) -> Int64 {
        guard let found = take(key) else { return value }
        guard case .integer(let number) = found, range.contains(number) else {
            throw bad(key, "a whole number from \(range.lowerBound) to \(range.upperBound) is expected")
        }
        return number
    }

    mutating func word<W: RawRepresentable & CaseIterable>(_ key: String, default value: W) throws(DaemonError) -> W
    where W.RawValue == String {
        guard let text = try optionalString(key) else { return value }
        guard let word = W(rawValue: text) else {
            let all = W.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw bad(key, "one of \(all) is expected")
        }
        return word
    }

    /// A list of texts; `read` gives nil for one that is not `what`.
    mutating func list<T>(_ key: String, of what: String, max: Int, _ read: (String) -> T?) throws(DaemonError) -> [T]? {
        guard let value = take(key) else { return nil }
        guard case .array(let values) = value, values.count <= max else {
            throw bad(key, "a list of at most \(max) is expected")
        }
        var found: [T] = []
        for (index, value) in values.enumerated() {
            guard case .string(let text) = value, let item = read(text) else {
                throw bad("\(key)[\(index)]", "\(what) is expected")
            }
            found.append(item)
        }
        return found
    }

    mutating func bool(_ key: String, default value: Bool) throws(DaemonError) -> Bool {
        guard let found = take(key) else { return value }
        guard case .bool(let bool) = found else { throw bad(key, "true or false is expected") }
        return bool
    }

    /// A list of objects, each read whole; empty where there is no such key.
    mutating func objects<T>(
        _ key: String, max: Int, _ read: (inout Settings) throws(DaemonError) -> T
    ) throws(DaemonError) -> [T] {
        guard let value = take(key) else { return [] }
        guard case .array(let values) = value, values.count <= max else {
            throw bad(key, "a list of at most \(max) is expected")
        }
        var found: [T] = []
        for (index, value) in values.enumerated() {
            var one = try Settings(value, at: "\(name(key))[\(index)]")
            found.append(try read(&one))
        }
        return found
    }

    mutating func optionalObject(_ key: String) throws(DaemonError) -> Settings? {
        guard let value = take(key) else { return nil }
        return try Settings(value, at: name(key))
    }

    mutating func object(_ key: String) throws(DaemonError) -> Settings { try required(optionalObject(key), key) }
}
