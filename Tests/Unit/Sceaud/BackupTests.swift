import Canonical
import Foundation
import SQLite
import Testing

@testable import sceaud

/// What a backup and a restore refuse, name, and leave alone.
struct BackupTests {
    private func backUp(_ made: InitialisedFolder, to target: String? = nil) throws -> Backup.Result {
        try Backup(made.configuration, file: made.data + "/sceaud.json5", to: target ?? made.place.path + "/backup") { _ in }.run()
    }

    /// Restores into a folder whose keys are there already, as after a first run.
    private func restore(_ made: InitialisedFolder, acceptsDamage: Bool = false, notes: inout [String]) throws -> Restoration.Result {
        let data = made.place.path + "/restored"
        nonisolated(unsafe) var lines: [String] = []
        defer { notes = lines }
        let restoration = Restoration(from: made.place.path + "/backup", to: data, acceptsDamage: acceptsDamage) { lines.append($0) }
        do {
            return try restoration.run()
        } catch let error as DaemonError where error.message.contains("all is restored but the private keys") {
            for key in ["timelock.key", "tls.key"] {
                try FileManager.default.copyItem(atPath: "\(made.data)/keys/\(key)", toPath: "\(data)/keys/\(key)")
            }
            for key in try FileManager.default.contentsOfDirectory(atPath: made.data + "/keys") where key.hasSuffix(".key") {
                try? FileManager.default.copyItem(atPath: "\(made.data)/keys/\(key)", toPath: "\(data)/keys/\(key)")
            }
            return try restoration.run()
        }
    }

    private func flip(_ file: String) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: file))
    }

    /// Public keys of the logs too: whoever restores publishes them again, and old receipts are read by them.
    @Test func theLogsPublicKeysAreInIt() throws {
        let made = try InitialisedFolder()
        let record = try backUp(made).record
        #expect(record.files.map(\.path).filter { $0.hasSuffix(".vkey") } == ["keys/log-real.vkey", "keys/log-training.vkey"])
        #expect(!record.files.contains { $0.path.hasSuffix(".key") })
        var notes: [String] = []
        _ = try restore(made, notes: &notes)
        let file = made.place.path + "/restored/sceaud.json5"
        for name in ["log-real.vkey", "log-training.vkey"] {
            #expect(try Data(contentsOf: URL(fileURLWithPath: "\(made.place.path)/restored/keys/\(name)"))
                == Data(contentsOf: URL(fileURLWithPath: "\(made.data)/keys/\(name)")))
        }
        // A log that goes on after a loss has another key's name: the text says so at once.
        _ = try Continuing(configuration: Configuration.read(file), checkpoints: [], isWhole: false).run()
        #expect(try String(contentsOfFile: made.place.path + "/restored/keys/log-real.vkey", encoding: .utf8).contains("/real/2+"))
    }

    @Test func restoredIsWhatWasBackedUp() throws {
        let made = try InitialisedFolder()
        _ = try made.receive(Array("a price".utf8))
        #expect(try backUp(made).copied == 1)
        var notes: [String] = []
        #expect(try restore(made, notes: &notes).findings.isEmpty)
        // Nothing starts on it before somebody has decided what the backup lacks.
        let file = made.place.path + "/restored/sceaud.json5"
        let started = #expect(throws: DaemonError.self) { _ = try OpenedVault(Configuration.read(file), file: file, DataFolder(made.place.path + "/restored"), log: Log(.error)) }
        #expect(started?.message.contains("was restored from the backup of") == true)
        let whole = Continuing(configuration: try Configuration.read(file), checkpoints: [], isWhole: true)
        #expect(try whole.run().isEmpty)
        #expect(throws: DaemonError.self) { try whole.run() }
        var examination = Examination(try Configuration.read(made.place.path + "/restored/sceaud.json5")) { notes.append($0) }
        try examination.run()
        #expect(examination.holds, "\(notes)")
        // It is a data folder now, and nothing is restored over one.
        let error = #expect(throws: DaemonError.self) { _ = try restore(made, notes: &notes) }
        #expect(error?.message.contains("is not empty") == true)
    }

    @Test func anAlteredFileOfTheStateIsNamed() throws {
        let made = try InitialisedFolder()
        _ = try made.receive([1])
        let record = try backUp(made).record
        #expect(record.files.count >= 6)
        for file in record.files {
            let path = "\(made.place.path)/backup/\(record.state)/\(file.path)"
            try flip(path)
            var notes: [String] = []
            let error = #expect(throws: DaemonError.self) { _ = try restore(made, notes: &notes) }
            #expect(error?.message.hasPrefix("\(file.path) of the backup is not what was backed up") == true, "\(file.path)")
            try flip(path)
        }
    }

    @Test(arguments: [".1", ".seal"]) func anEnvelopeDamagedInTheBackupIsNamed(ending: String) throws {
        let made = try InitialisedFolder()
        let bid = try made.receive(Array("a price".utf8))
        _ = try made.receive(Array("another".utf8))
        _ = try backUp(made)
        try flip(made.place.path + "/backup" + bid.dropFirst(made.data.count) + ending)
        var notes: [String] = []
        let error = #expect(throws: DaemonError.self) { _ = try restore(made, notes: &notes) }
        #expect(error?.status == .unsound && notes.contains { $0.hasPrefix("does not hold: bid \(bid.suffix(32)): ") }, "\(notes)")
        let result = try restore(made, acceptsDamage: true, notes: &notes)
        #expect(result.findings.count == 1 && result.bids == 2)
    }

    @Test func anEnvelopeDamagedAtHomeIsNamedAndTheRestIsBackedUp() throws {
        let made = try InitialisedFolder()
        let bid = try made.receive(Array("a price".utf8))
        _ = try made.receive(Array("another".utf8))
        try flip(bid + ".1")
        let result = try backUp(made)
        #expect(result.findings.count == 1 && result.findings[0].contains(String(bid.suffix(32))))
        #expect(result.copied == 1)
    }

    /// A backup that took a cut register would throw the good one away.
    @Test func aRegisterThatDoesNotHoldIsNotBackedUp() throws {
        let made = try InitialisedFolder()
        _ = try made.receive([1])
        let first = try backUp(made).record
        try Connection(path: made.data + "/register/register.sqlite", .readWrite)
            .execute("DROP TRIGGER event_deleted; DELETE FROM event WHERE sequence = 3")
        let error = #expect(throws: DaemonError.self) { _ = try backUp(made) }
        #expect(error?.message.contains("does not hold") == true)
        var notes: [String] = []
        guard case .backup(let restored) = try restore(made, notes: &notes).origin else {
            Issue.record("it is a backup")
            return
        }
        #expect(restored == first)
    }

    @Test func foldersAreNotMixed() throws {
        let made = try InitialisedFolder()
        _ = try backUp(made)
        let other = try InitialisedFolder()
        let stranger = #expect(throws: DaemonError.self) { _ = try backUp(other, to: made.place.path + "/backup") }
        #expect(stranger?.message.contains("another vault") == true)
        let inside = #expect(throws: DaemonError.self) { _ = try backUp(made, to: made.data + "/backup") }
        #expect(inside?.message.contains("lies in the data folder") == true)
        try FileManager.default.createDirectory(atPath: made.place.path + "/photos", withIntermediateDirectories: false)
        chmod(made.place.path + "/photos", 0o700)
        try made.place.write("photos/cat.jpg", "")
        let photos = #expect(throws: DaemonError.self) { _ = try backUp(made, to: made.place.path + "/photos") }
        #expect(photos?.message.contains("something else") == true)
    }

    /// The mark on a disk of its own survives the data folder, and knows what the backup does not.
    @Test func aMarkThatSurvivedTellsWhatIsLost() throws {
        let made = try InitialisedFolder()
        let mark = made.place.path + "/mark"
        try FileManager.default.moveItem(atPath: made.data + "/high-water", toPath: mark)
        let file = made.data + "/sceaud.json5"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try text.replacing("highWater: \"high-water\"", with: "highWater: \"\(mark)\"").write(toFile: file, atomically: false, encoding: .utf8)
        _ = try backUp(made)
        _ = try UserAddition(Self.addition(file)).run()
        #expect(try Configuration.read(file).highWater == mark)
        var notes: [String] = []
        let error = #expect(throws: DaemonError.self) { _ = try restore(made, notes: &notes) }
        #expect(error?.status == .unsound && notes.contains { $0.contains("had been acknowledged") }, "\(notes)")
    }

    private static func addition(_ file: String) throws -> Arguments {
        guard case .run(_, let arguments) = try Arguments.read(["admin", "user", "add", "--config", file, "--name", "n", "--role", "auditor"])
        else { throw CocoaError(.featureUnsupported) }
        return arguments
    }

    @Test func theSpecificationsExampleReads() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Sources/Records/Records.docc/Backup.md")
        let line = try #require(
            String(contentsOf: page, encoding: .utf8).split(separator: "\n").first { $0.contains("\"format\":\"sceau/backup/1\"") })
        let record = try BackupRecord(canonical: Array(line.utf8))
        #expect(record.canonicalBytes == Array(line.utf8) && record.files[0].path == "instance.json")
        let climbing = line.replacing("\"path\":\"instance.json\"", with: "\"path\":\"../instance.json\"")
        #expect(throws: CanonicalError.self) { _ = try BackupRecord(canonical: Array(climbing.utf8)) }
    }

    @Test func aPrivateKeyBesideACertificateStaysBehind() {
        let pem = "x\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nBBBB\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\nCCCC\n-----END CERTIFICATE-----\n"
        let kept = String(decoding: Backup.certificatesAlone(Array(pem.utf8)), as: UTF8.self)
        #expect(kept == "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nCCCC\n-----END CERTIFICATE-----\n")
    }
}
