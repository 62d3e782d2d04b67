import Canonical
import Foundation
import OpenSSL
import Procurement
import Records
import Sealing
import Testing

@testable import sceaud

/// Keys and certificates that are weak or out of their time: what stops a start, and what must not.
struct WeakKeyTests {
    private let now = Int64(Date().timeIntervalSince1970)

    /// A pair made by stock OpenSSL.
    private func pair(_ folder: TemporaryFolder, _ key: [String], digest: String) throws -> Configuration.KeyPair {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl", "req", "-x509", "-nodes", "-subj", "/CN=localhost", "-days", "30", "-addext", "extendedKeyUsage=serverAuth",
            "-addext", "keyUsage=critical,digitalSignature,keyAgreement", digest, "-keyout", folder.path + "/weak.key", "-out", folder.path + "/weak.crt"] + key
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        chmod(folder.path + "/weak.key", 0o600)
        return Configuration.KeyPair(key: .file(folder.path + "/weak.key"), certificate: folder.path + "/weak.crt")
    }

    @Test func aWeakKeyOrSignatureIsRefusedByItsRole() throws {
        let folder = try TemporaryFolder()
        let p256 = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        let small = try pair(folder, ["-newkey", "rsa:2048"], digest: "-sha256")
        let weak = #expect(throws: DaemonError.self) { _ = try KeyFiles(small, for: .tls, now: now + 60) }
        #expect(weak?.message.hasPrefix("the TLS certificate \(folder.path)/weak.crt holds an RSA key of 2048 bits") == true)
        let sha1 = try pair(folder, p256, digest: "-sha1")
        for purpose in [KeyFiles.Purpose.tls, .timeLock] {
            let error = #expect(throws: DaemonError.self) { _ = try KeyFiles(sha1, for: purpose, now: now + 60) }
            #expect(error?.message.contains("is signed with SHA-1") == true)
        }
        let good = try pair(folder, p256, digest: "-sha256")
        #expect(try KeyFiles(good, for: .tls, now: now + 60).certificate.keyKind == .p256)
    }

    @Test func aTimeLockOutOfItsTimeIsHeldAllTheSame() throws {
        let folder = try TemporaryFolder()
        let pair = try folder.pair(usage: .sealing, now: 1_800_000_000)
        for second in [1_800_000_000 - 1_000_000, 1_800_000_000, 1_800_000_000 + 1_000_000] as [Int64] {
            #expect(try KeyFiles(pair, for: .timeLock, now: second).certificate.commonName == "test")
        }
    }

    @Test func aPairWhoseReplacementWasCutShortIsEnded() throws {
        let folder = try TemporaryFolder()
        let pair = try folder.pair(usage: .server, now: now)
        let new = try folder.pair("next", usage: .server, now: now)
        let files = FileManager.default
        // Both wait: the old pair is whole, and stays.
        try files.copyItem(atPath: folder.path + "/next.key", toPath: folder.path + "/test.key.new")
        try files.copyItem(atPath: folder.path + "/next.crt", toPath: folder.path + "/test.crt.new")
        let old = try KeyFiles(pair, for: .tls, now: now).certificate
        // The key has moved, its certificate has not.
        try files.removeItem(atPath: folder.path + "/test.key")
        try files.moveItem(atPath: folder.path + "/test.key.new", toPath: folder.path + "/test.key")
        let ended = try KeyFiles(pair, for: .tls, now: now).certificate
        let expected = try KeyFiles(new, for: .tls, now: now).certificate
        #expect(ended != old && ended == expected)
        #expect(!files.fileExists(atPath: folder.path + "/test.crt.new"))
    }

    @Test func theCurrentKeyIsTheLastOfTheLog() throws {
        let made = try InitialisedFolder()
        let configuration = try Configuration.read(made.data + "/sceaud.json5")
        let first = try HostKeyRing(configuration, logged: [], now: now).timeLock.certificate
        let pair = try KeyMaking.timeLock(now: now)
        let second = pair.certificate
        try AddedKeys(configuration).add(timeLock: pair, credential: nil, logged: [])
        func logged(_ certificate: Certificate, retired: Bool = false) -> LoggedHostKey {
            LoggedHostKey(
                kind: .timeLock, certificate: Digest(certificate), added: Instant(milliseconds: 1), notAfter: Instant(milliseconds: 2),
                retired: retired ? Instant(milliseconds: 3) : nil)
        }
        func ring(_ logged: [LoggedHostKey]) throws -> [Certificate] {
            try HostKeyRing(configuration, logged: logged, now: now).timeLock.keys.map(\.certificate)
        }
        #expect(try ring([logged(first), logged(second)]) == [second, first])
        #expect(try ring([logged(second), logged(first)]) == [first, second])
        // What the log does not know came last.
        #expect(try ring([logged(second)]) == [first, second])
        #expect(try ring([logged(first)]) == [second, first])
        #expect(try ring([logged(first, retired: true), logged(second)]) == [second])
        // A retired key is missed by nobody; another is.
        try FileManager.default.removeItem(atPath: made.data + "/keys/timelock.key")
        #expect(try ring([logged(first, retired: true), logged(second)]) == [second])
        let missing = #expect(throws: DaemonError.self) { _ = try ring([logged(first), logged(second)]) }
        #expect(missing?.message.hasPrefix("the time-lock key") == true)
    }
}

/// Nine o'clock in Paris, of a day on which somebody works.
struct WorkingDayTests {
    @Test(arguments: [
        ("2026-11-26T21:00:00.000Z", "2026-11-27T08:00:00.000Z"),  // a Thursday evening
        ("2026-11-27T07:00:00.000Z", "2026-11-30T08:00:00.000Z"),  // a Friday, over the week-end
        ("2026-12-24T12:00:00.000Z", "2026-12-28T08:00:00.000Z"),  // Christmas, and a week-end behind it
        ("2026-04-03T12:00:00.000Z", "2026-04-07T07:00:00.000Z"),  // Easter Monday, in summer time
        ("2026-05-13T12:00:00.000Z", "2026-05-15T07:00:00.000Z"),  // Ascension
        ("2026-05-22T22:30:00.000Z", "2026-05-26T07:00:00.000Z"),  // Whit Monday; already Saturday in Paris
    ]) func next(_ now: String, _ expected: String) throws {
        #expect(try WorkingDays.next(after: Instant(parsing: now)).description == expected)
    }
}
