import Foundation
import OpenSSL
import Testing

@testable import sceaud

/// Pairs of files as an administrator may leave them, and what the start says of each.
struct KeyFilesTests {
    private let now: Int64 = 1_800_000_000

    @Test func aGoodPairIsTaken() throws {
        let folder = try TemporaryFolder()
        let pair = try folder.pair(usage: .sealing, now: now)
        let files = try KeyFiles(pair, for: .timeLock, now: now)
        #expect(files.certificate.commonName == "test")
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o610] as [mode_t])
    func aKeyThatOthersMayTouchIsRefused(mode: mode_t) throws {
        let folder = try TemporaryFolder()
        let pair = try folder.pair(usage: .server, now: now)
        chmod(folder.path + "/test.key", mode)
        let error = #expect(throws: DaemonError.self) { _ = try KeyFiles(pair, for: .tls, now: now) }
        #expect(error?.message.contains("can be read by others") == true)
        #expect(error?.hint?.hasPrefix("chmod 600 \(folder.path)/test.key") == true)
    }

    @Test func theTimeOfACertificateIsChecked() throws {
        let folder = try TemporaryFolder()
        let pair = try folder.pair(usage: .server, now: now)
        let late = #expect(throws: DaemonError.self) { _ = try KeyFiles(pair, for: .tls, now: now + 101) }
        #expect(late?.message == "the TLS certificate \(folder.path)/test.crt has expired")
        let early = #expect(throws: DaemonError.self) { _ = try KeyFiles(pair, for: .tls, now: now - 101) }
        #expect(early?.message.hasSuffix("is not valid yet") == true)
    }

    @Test func theUsageOfACertificateIsChecked() throws {
        let folder = try TemporaryFolder()
        let sealing = try folder.pair("a", usage: .sealing, now: now)
        let server = try folder.pair("b", usage: .server, now: now)
        let tls = #expect(throws: DaemonError.self) { _ = try KeyFiles(sealing, for: .tls, now: now) }
        #expect(tls?.message.contains("serverAuth") == true)
        let timeLock = #expect(throws: DaemonError.self) { _ = try KeyFiles(server, for: .timeLock, now: now) }
        #expect(timeLock?.message.contains("keyAgreement") == true)
    }

    @Test func aCertificateOfAnotherKeyIsRefused() throws {
        let folder = try TemporaryFolder()
        let one = try folder.pair("a", usage: .server, now: now)
        let other = try folder.pair("b", usage: .server, now: now)
        let mixed = Configuration.KeyPair(key: one.key, certificate: other.certificate)
        let error = #expect(throws: DaemonError.self) { _ = try KeyFiles(mixed, for: .tls, now: now) }
        #expect(error?.message.contains("does not belong to the key") == true)
    }

    @Test func aMissingOrEmptyFileIsNamed() throws {
        let folder = try TemporaryFolder()
        let pair = try folder.pair(usage: .server, now: now)
        let nothing = Configuration.KeyPair(key: .file(folder.path + "/none"), certificate: pair.certificate)
        let missing = #expect(throws: DaemonError.self) { _ = try KeyFiles(nothing, for: .tls, now: now) }
        #expect(missing?.message.hasPrefix("the TLS key \(folder.path)/none cannot be read") == true)
        try folder.write("empty", "")
        let empty = Configuration.KeyPair(key: pair.key, certificate: folder.path + "/empty")
        let error = #expect(throws: DaemonError.self) { _ = try KeyFiles(empty, for: .tls, now: now) }
        #expect(error?.message == "the TLS certificate \(folder.path)/empty is not a certificate in PEM")
    }

    @Test func aURIIsNamedByItsSchemeOnly() {
        #expect(KeySource("pkcs11:object=a;pin-value=1234", relativeTo: "/x").name == "pkcs11:…")
        #expect(KeySource("keys/a.key", relativeTo: "/x") == .file("/x/keys/a.key"))
        #expect(KeySource("file:/y/a.key", relativeTo: "/x") == .file("/y/a.key"))
        #expect(KeySource("file:///y/a.key", relativeTo: "/x") == .file("/y/a.key"))
    }
}
