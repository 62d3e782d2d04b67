import Foundation
import OpenSSL

/// An offline key as its holder has it: outside every folder of the host's.
public struct RecoveryHolder {
    public let folder: TemporaryFolder
    public var certificate: String { folder.path("recovery.crt") }
    public var key: String { folder.path("recovery.pem") }
    public var passphrase: String { folder.path("passphrase") }

    public init(_ words: String = "babab-cacac-dadad") throws {
        folder = try TemporaryFolder()
        let key = try PrivateKey.generateP256()
        let now = Int64(Date().timeIntervalSince1970)
        let made = try Certificate.selfSigned(
            key, commonName: "Archives", usage: .sealing, notBefore: now - 60, notAfter: now + 86_400 * 3000)
        let secret = Secret(count: words.utf8.count) { span in
            for (index, byte) in words.utf8.enumerated() { span[index] = byte }
        }
        try folder.write("recovery.crt", Data(made.pem.utf8))
        try folder.write("recovery.pem", Data(key.encryptedPEM(passphrase: secret)))
        try folder.write("passphrase", words + "\n")
    }

    /// Of the commands that use it.
    public var arguments: [String] { ["--recovery", key, "--passphrase-file", passphrase] }
}
