import Foundation
import OpenSSL

@testable import Sealing

/// Stock commands in a folder of their own.
struct Shell: ~Copyable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sceau-sealing-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: folder.appendingPathComponent(name))
    }
    func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appendingPathComponent(name))) }
    func list() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }

    func run(_ command: String...) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}

extension Secret {
    /// For tests.
    var copied: [UInt8] { withBytes { bytes in bytes.indices.map { bytes[$0] } } }
    init(copying bytes: [UInt8]) {
        self.init(count: bytes.count) { span in for index in bytes.indices { span[index] = bytes[index] } }
    }
}

/// `#expect` takes its arguments apart and copies them, which a key does not allow.
func isTrue(_ condition: () throws -> Bool) throws -> Bool { try condition() }

/// The error that a step throws.
func refusal(_ step: () throws -> Void) -> SealingError? {
    do { try step() } catch { return error as? SealingError }
    return nil
}
