import Foundation
import Linux

/// An empty folder that goes with its object.
final class TemporaryFolder {
    let path: String
    let folder: DurableFolder

    init() throws {
        path = NSTemporaryDirectory() + "sceau-linux-\(UUID().uuidString)"
        folder = try DurableFolder.make(path: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func mode(_ name: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")[.posixPermissions] as? Int ?? -1
    }
}
