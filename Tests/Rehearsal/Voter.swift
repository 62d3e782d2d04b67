public import Canonical
import Foundation
public import OpenSSL
public import Sealing

/// A committee member whose tool is Sealing's own code, so that a test can also do what the tool would refuse.
public final class Voter {
    public let name: String
    public let certificate: Certificate
    public let member: Member
    private let signingKey: PrivateKey

    public init(_ name: String) throws {
        self.name = name
        let key = try PrivateKey.generateP256()
        let now = Int64(Date().timeIntervalSince1970)
        certificate = try Certificate.selfSigned(
            key, commonName: name, usage: .member, notBefore: now - 3600, notAfter: now + 86_400)
        signingKey = try PrivateKey(pkcs8: key.pkcs8())
        member = try Member(key: key, certificate: certificate)
    }

    /// Signs whatever it is given.
    public func sign(_ object: some CanonicalObject) throws -> [UInt8] {
        try Signed.make(object, key: signingKey, certificate: certificate).canonicalBytes
    }

    /// The key as a PEM file, for tools that are not ours.
    public func write(to path: String) throws {
        let pem = try signingKey.pem().withBytes { bytes in
            var data = Data()
            for index in bytes.indices { data.append(bytes[index]) }
            return data
        }
        try pem.write(to: URL(filePath: path))
    }
}
