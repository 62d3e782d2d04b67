import Canonical
import Foundation

/// The committed bytes of events: `Vectors/NAME.json`, canonical JSON without a line's end.
///
/// They are the published format. A change here is a leaf of somebody's log that no longer reads.
enum Vector {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors")

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: "\(name).json")))
    }

    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
            .map { String($0.dropLast(5)) }.sorted()
    }
}

/// Every way to change one place of a value.
struct Place {
    /// Keys from the outermost object on; `#0` is the first element of an array.
    let path: [String]

    /// `parts.#0.secretHash`
    var name: String { path.joined(separator: ".") }

    /// The places of `json`, itself not included.
    static func all(in json: JSON, below path: [String] = []) -> [Place] {
        switch json {
        case .object(let fields):
            fields.keys.sorted().flatMap { key in
                [Place(path: path + [key])] + (fields[key].map { all(in: $0, below: path + [key]) } ?? [])
            }
        case .array(let values):
            values.indices.flatMap { all(in: values[$0], below: path + ["#\($0)"]) }
        default: []
        }
    }

    static func objects(in json: JSON, below path: [String] = []) -> [Place] {
        switch json {
        case .object(let fields):
            [Place(path: path)] + fields.keys.sorted().flatMap { key in fields[key].map { objects(in: $0, below: path + [key]) } ?? [] }
        case .array(let values): values.indices.flatMap { objects(in: values[$0], below: path + ["#\($0)"]) }
        default: []
        }
    }

    /// `json` with what stands here replaced; nil removes it.
    func changing(_ json: JSON, _ change: (JSON?) -> JSON?) -> JSON { Place.changing(json, path[...], change) ?? json }

    private static func changing(_ json: JSON?, _ path: ArraySlice<String>, _ change: (JSON?) -> JSON?) -> JSON? {
        guard let key = path.first else { return change(json) }
        switch json {
        case .object(var fields):
            fields[key] = changing(fields[key], path.dropFirst(), change)
            return .object(fields)
        case .array(var values):
            guard let index = Int(key.dropFirst()), values.indices.contains(index),
                let value = changing(values[index], path.dropFirst(), change)
            else { return json }
            values[index] = value
            return .array(values)
        default: return json
        }
    }
}
