import Foundation

/// A value of a JSON5 text, before anybody asks what it means.
///
/// Foundation reads the syntax; a tree of our own is what lets an unknown key be an error at every level.
enum JSON5: Decodable, Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case fraction(Double)
    case string(String)
    case array([JSON5])
    case object([String: JSON5])

    /// A configuration is a page or two.
    static let longest = 1 << 20

    init(reading bytes: [UInt8]) throws(DaemonError) {
        guard bytes.count <= Self.longest else { throw DaemonError("the configuration is longer than 1 MiB") }
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        do {
            self = try decoder.decode(JSON5.self, from: Data(bytes))
        } catch {
            // Foundation does not say where.
            throw DaemonError(
                "the configuration is not JSON5", hint: "a comma, a quote or a bracket is missing, or one is too many")
        }
        try JSON5Keys.check(bytes)
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let fields = try? decoder.container(keyedBy: Key.self) {
            var object: [String: JSON5] = [:]
            for key in fields.allKeys { object[key.stringValue] = try fields.decode(JSON5.self, forKey: key) }
            self = .object(object)
            return
        }
        if var values = try? decoder.unkeyedContainer() {
            var array: [JSON5] = []
            while !values.isAtEnd { array.append(try values.decode(JSON5.self)) }
            self = .array(array)
            return
        }
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let truth = try? value.decode(Bool.self) {
            self = .bool(truth)
        } else if let number = try? value.decode(Int64.self) {
            self = .integer(number)
        } else if let number = try? value.decode(Double.self) {
            self = .fraction(number)
        } else {
            self = .string(try value.decode(String.self))
        }
    }
}
