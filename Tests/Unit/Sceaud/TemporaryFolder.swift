import Foundation
import OpenSSL

@testable import sceaud

/// A folder of its own for a test, gone with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array((NSTemporaryDirectory() + "/sceaud-test-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    /// `NAME.key` and `NAME.crt`, valid a hundred seconds either side of `now`.
    func pair(_ name: String = "test", usage: CertificateUsage, now: Int64) throws -> Configuration.KeyPair {
        let key = try PrivateKey.generateP256()
        let certificate = try Certificate.selfSigned(
            key, commonName: "test", usage: usage, notBefore: now - 100, notAfter: now + 100)
        try write(name + ".crt", certificate.pem)
        let pem = try key.pem().withBytes { $0.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) } }
        try write(name + ".key", pem)
        chmod(path + "/" + name + ".key", 0o600)
        return Configuration.KeyPair(key: .file(path + "/\(name).key"), certificate: path + "/\(name).crt")
    }
}
