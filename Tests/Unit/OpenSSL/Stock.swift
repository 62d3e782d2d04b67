import Foundation

@testable import OpenSSL

/// The stock `openssl` command in a folder of its own: what somebody without Sceau has.
struct Stock: ~Copyable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sceau-openssl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: folder.appendingPathComponent(name))
    }

    func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appendingPathComponent(name))) }

    /// Runs `openssl` in the folder; its exit status.
    @discardableResult
    func openssl(_ arguments: String...) throws -> Int32 { try openssl(arguments) }

    @discardableResult
    func openssl(_ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// A key and its certificate, shared by tests: keys are slow to make.
final class Holder: Sendable {
    let key: PrivateKey
    let certificate: Certificate

    init(_ key: consuming PrivateKey, _ name: String) {
        certificate = try! Certificate.selfSigned(
            key, commonName: name, usage: .member, notBefore: 0, notAfter: 4_102_444_800)
        self.key = key
    }

    static let alice = Holder(try! PrivateKey.generateP256(), "Alice")
    static let bob = Holder(try! PrivateKey.generateP256(), "Bob")
    static let rsa = Holder(try! PrivateKey.generateRSA(bits: 3072), "Rosa")
}

/// `#expect` takes its arguments apart and copies them, which a key does not allow.
func isTrue(_ condition: () throws -> Bool) throws -> Bool { try condition() }
