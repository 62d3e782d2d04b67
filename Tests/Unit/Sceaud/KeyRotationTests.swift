import Foundation
import Merkle
import Procurement
import Records
import Testing

@testable import sceaud

struct KeyRotationTests {
    /// `sceaud key rotate`, with no daemon.
    private struct Rotation {
        let arguments: Arguments

        func run() throws -> VerifierKey { try VerifierKey(KeyActs.rotate(arguments)) }
    }

    private func rotation(_ made: InitialisedFolder, _ log: String = "real") throws -> Rotation {
        guard case .run(_, let arguments) = try Arguments.read([
            "key", "rotate", "--config", made.data + "/sceaud.json5", "--log", log,
        ]) else { throw DaemonError("not a command") }
        return Rotation(arguments: arguments)
    }

    private func text(_ made: InitialisedFolder, _ name: String) throws -> String {
        try String(contentsOfFile: "\(made.data)/keys/\(name)", encoding: .utf8)
    }

    @Test func theNewKeyTakesThePlaceOfTheOld() throws {
        let made = try InitialisedFolder()
        let (key, published, training) = (
            try text(made, "log-real.key"), try text(made, "log-real.vkey"), try text(made, "log-training.key")
        )
        let verifier = try rotation(made).run()
        #expect(try text(made, "log-real.key") != key)
        #expect(try text(made, "log-real.vkey") == "\(verifier)\n" && published != "\(verifier)\n")
        #expect(try text(made, "log-training.key") == training)
        #expect(verifier.name.hasSuffix("/real/2"))
        #expect(!FileManager.default.fileExists(atPath: made.data + "/keys/log-real.key.new"))
        #expect(try FileState(made.data + "/keys/log-real.key", what: "it").mode == 0o600)
        let (lines, holds) = try made.check()
        #expect(holds, "\(lines)")
        _ = try made.receive(Array("a price".utf8))
        #expect(try made.check().holds)
        #expect(try rotation(made, "training").run().name.hasSuffix("/training/2"))
        #expect(try rotation(made).run().name.hasSuffix("/real/3"))
        #expect(try made.check().holds)
    }

    /// The register has changed, the file has not moved: a start refuses, a second run ends it.
    @Test func aRotationCutShortIsEnded() throws {
        let made = try InitialisedFolder()
        let old = try Data(contentsOf: URL(fileURLWithPath: made.data + "/keys/log-real.key"))
        let verifier = try rotation(made).run()
        let files = (key: made.data + "/keys/log-real.key", new: made.data + "/keys/log-real.key.new")
        try FileManager.default.moveItem(atPath: files.key, toPath: files.new)
        _ = FileManager.default.createFile(atPath: files.key, contents: old, attributes: [.posixPermissions: 0o600])
        #expect(try !made.check().holds)
        #expect(try rotation(made).run() == verifier)
        #expect(try made.check().holds)
        // One that had not come so far leaves a file that is made anew.
        _ = FileManager.default.createFile(atPath: files.new, contents: old, attributes: [.posixPermissions: 0o600])
        #expect(try rotation(made).run().name.hasSuffix("/real/3"))
        #expect(try made.check().holds)
    }

    @Test func aKeyThatIsNoLogsIsRefused() throws {
        let made = try InitialisedFolder()
        try FileManager.default.removeItem(atPath: made.data + "/keys/log-real.key")
        try FileManager.default.copyItem(atPath: made.data + "/keys/tls.key", toPath: made.data + "/keys/log-real.key")
        let error = #expect(throws: DaemonError.self) { _ = try made.surroundings }
        #expect(error?.message.hasSuffix("is of kind P-256; Ed25519 is needed") == true)
    }

    @Test func anotherWordIsNoLog() throws {
        let made = try InitialisedFolder()
        let error = #expect(throws: DaemonError.self) { _ = try rotation(made, "rael").run() }
        #expect(error?.status == .usage)
    }
}
