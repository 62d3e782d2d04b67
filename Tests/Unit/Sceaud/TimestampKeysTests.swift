import Foundation
import OpenSSL
import Records
import Testing

@testable import sceaud

/// The embedded authority's files as an administrator may leave them.
struct TimestampKeysTests {
    private let now: Int64 = 1_800_000_000

    private struct Files {
        let folder: TemporaryFolder
        let configured: Configuration.Timestamp

        init(now: Int64, usage: CertificateUsage = .timestamping, ends: Int64 = 100, caEnds: Int64 = 100) throws {
            folder = try TemporaryFolder()
            let caKey = try PrivateKey.generateP256()
            let ca = try Certificate.selfSigned(
                caKey, commonName: "Authority", usage: .authority, notBefore: now - 100, notAfter: now + caEnds)
            let key = try PrivateKey.generateP256()
            let certificate = try ca.issue(
                to: key, commonName: "Timestamps", usage: usage, notBefore: now - 100, notAfter: now + ends, signedWith: caKey)
            try folder.write("ca.crt", ca.pem)
            try folder.write("tsa.crt", certificate.pem)
            let pem = try key.pem().withBytes { $0.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) } }
            try folder.write("tsa.key", pem)
            chmod(folder.path + "/tsa.key", 0o600)
            configured = Configuration.Timestamp(
                pair: Configuration.KeyPair(key: .file(folder.path + "/tsa.key"), certificate: folder.path + "/tsa.crt"),
                authority: folder.path + "/ca.crt")
        }
    }

    private func message(_ configured: Configuration.Timestamp, now: Int64? = nil) -> String? {
        do throws(DaemonError) {
            _ = try TimestampKeys(configured, now: now ?? self.now)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func whatInitMakesIsTaken() throws {
        let made = try InitialisedFolder()
        let keys = try TimestampKeys(made.configuration.timestamp, now: Int64(Date().timeIntervalSince1970))
        let instance = try DataFolder(made.data).instance.id
        #expect(keys.ca.commonName == "Agglomération, sceau/\(instance)")
        #expect(keys.certificate.allows(.timestamping) && keys.ca.allows(.authority))
        for name in ["tsa.key", "tsa-ca.key"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: made.data + "/keys/" + name)
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
    }

    @Test func aKeyThatOthersMayReadIsRefused() throws {
        let files = try Files(now: now)
        #expect(message(files.configured) == nil)
        chmod(files.folder.path + "/tsa.key", 0o644)
        #expect(message(files.configured)?.hasPrefix("the timestamp key \(files.folder.path)/tsa.key can be read by others") == true)
    }

    @Test func theUsageMustBeTimestampsAlone() throws {
        for usage in [CertificateUsage.server, .member, .authority] {
            let files = try Files(now: now, usage: usage)
            #expect(message(files.configured)?.contains("timeStamping as its one extended usage, critical") == true, "\(usage)")
        }
    }

    @Test func timesAreChecked() throws {
        let files = try Files(now: now, ends: 50)
        #expect(message(files.configured, now: now + 51)?.hasSuffix("tsa.crt has expired") == true)
        #expect(message(files.configured, now: now - 101)?.hasSuffix("tsa.crt is not valid yet") == true)
        let old = try Files(now: now, caEnds: 50)
        #expect(message(old.configured, now: now + 51)?.hasSuffix("ca.crt has expired") == true)
    }

    @Test func whatDoesNotBelongTogetherIsRefused() throws {
        let one = try Files(now: now)
        let other = try Files(now: now)
        let otherKey = Configuration.Timestamp(
            pair: Configuration.KeyPair(key: other.configured.pair.key, certificate: one.configured.pair.certificate),
            authority: one.configured.authority)
        #expect(message(otherKey)?.contains("does not belong to the key") == true)
        let otherAuthority = Configuration.Timestamp(pair: one.configured.pair, authority: other.configured.authority)
        #expect(message(otherAuthority)?.contains("does not hold under \(other.configured.authority)") == true)
        let noAuthority = Configuration.Timestamp(pair: one.configured.pair, authority: one.configured.pair.certificate)
        #expect(message(noAuthority)?.contains("keyCertSign") == true)
    }
}
