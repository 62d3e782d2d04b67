import Foundation
import Merkle
import Testing

/// Files made by others: `Vectors/README.md` says by whom.
enum Vectors {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors")

    static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }

    static func note(_ name: String) throws -> Note { try Note(bytes(name)) }

    static func keys(_ name: String) throws -> [VerifierKey] {
        try String(decoding: bytes(name), as: UTF8.self).split(separator: "\n").map { try VerifierKey(String($0)) }
    }
}
