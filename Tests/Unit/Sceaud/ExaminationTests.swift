import Foundation
import Testing

@testable import sceaud

/// What `sceaud check` says of a folder in which one thing was changed.
struct ExaminationTests {
    private func alter(_ path: String, at offset: Int, by change: (UInt8) -> UInt8 = { $0 ^ 1 }) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[offset] = change(bytes[offset])
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    /// The one line that is neither "ok" nor a note.
    private func finding(_ made: InitialisedFolder) throws -> String {
        let (lines, holds) = try made.check()
        #expect(!holds)
        let others = lines.filter { !$0.hasPrefix("ok: ") && !$0.hasPrefix("note: ") }
        #expect(others.count == 1, "\(others)")
        return others.first ?? ""
    }

    @Test func aBidThatIsAsSealedHolds() throws {
        let made = try InitialisedFolder()
        _ = try made.receive(Array("a price".utf8))
        _ = try made.receive([])
        let (lines, holds) = try made.check()
        #expect(holds, "\(lines)")
        #expect(lines.contains("ok: envelopes: 2 bids, 7 bytes of ciphertext, as sealed"))
        #expect(lines.contains("note: 2 bids and closings still lack their timestamp"))
    }

    @Test func aFlippedByteIsNamed() throws {
        let made = try InitialisedFolder()
        let bid = try made.receive(Array("a price".utf8))
        try alter(bid + ".1", at: 3)
        let identifier = bid.split(separator: "/").last ?? ""
        #expect(
            try finding(made)
                == "does not hold: bid \(identifier): document 1, segment 1: its bytes are not those that were sealed")
    }

    @Test func aCutOrLongerFileIsNamed() throws {
        let made = try InitialisedFolder()
        let bid = try made.receive(Array("a price".utf8))
        let file = URL(fileURLWithPath: bid + ".1")
        let whole = try Data(contentsOf: file)
        try whole.dropLast().write(to: file)
        #expect(try finding(made).hasSuffix("document 1, segment 1: the file is cut off"))
        try (whole + [0]).write(to: file)
        #expect(try finding(made).hasSuffix("document 1: the file goes on behind its last segment"))
    }

    @Test(arguments: [40, 200, 500, 1200])
    func anAlteredArchiveIsNamed(offset: Int) throws {
        let made = try InitialisedFolder()
        let bid = try made.receive(Array("a price".utf8))
        try alter(bid + ".seal", at: offset)
        #expect(try finding(made).hasPrefix("does not hold: bid "))
    }

    @Test func aMissingFileIsNamed() throws {
        for ending in [".1", ".seal"] {
            let made = try InitialisedFolder()
            let bid = try made.receive(Array("a price".utf8))
            try FileManager.default.removeItem(atPath: bid + ending)
            #expect(try finding(made).contains("No such file"))
        }
    }

    @Test func anotherBidsWholeEnvelopeIsNamed() throws {
        let made = try InitialisedFolder()
        let one = try made.receive(Array("a price".utf8))
        let other = try made.receive(Array("another".utf8))
        for ending in [".1", ".seal"] {
            try FileManager.default.removeItem(atPath: one + ending)
            try FileManager.default.copyItem(atPath: other + ending, toPath: one + ending)
        }
        #expect(try finding(made).hasSuffix("seal.json is not the one in the log"))
    }

    @Test func aFileThatNoEventNamesIsNamed() throws {
        let made = try InitialisedFolder()
        let bid = try made.receive(Array("a price".utf8))
        try made.place.write("data/envelopes/stray", "")
        #expect(try finding(made).hasPrefix("does not hold: stray is named by no event"))
        try FileManager.default.removeItem(atPath: made.data + "/envelopes/stray")
        try FileManager.default.copyItem(atPath: bid + ".1", toPath: bid + ".2")
        #expect(try finding(made).contains(".2 is named by no event"))
    }

    @Test func aLostHighWaterMarkIsNamed() throws {
        let made = try InitialisedFolder()
        try FileManager.default.removeItem(atPath: made.data + "/high-water/mark.json")
        #expect(try finding(made).hasPrefix("does not hold: register: "))
    }

    @Test func aRegisterPutBackIsNamed() throws {
        let made = try InitialisedFolder()
        let copy = made.place.path + "/register"
        try FileManager.default.copyItem(atPath: made.data + "/register", toPath: copy)
        let envelope = try made.receive([1])
        try FileManager.default.removeItem(atPath: made.data + "/register")
        try FileManager.default.moveItem(atPath: copy, toPath: made.data + "/register")
        let (lines, holds) = try made.check()
        #expect(!holds)
        #expect(lines.contains { $0.hasPrefix("does not hold: register: the log real has ") })
        #expect(lines.contains { $0.contains(String(envelope.suffix(32))) && $0.contains("is named by no event") })
    }

    @Test func aFolderOfANewerVersionIsRefused() throws {
        let made = try InitialisedFolder()
        let file = URL(fileURLWithPath: made.data + "/instance.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacingOccurrences(of: "\"layout\":2", with: "\"layout\":3").utf8).write(to: file)
        let error = #expect(throws: DaemonError.self) { _ = try made.check() }
        #expect(error?.message.contains("newer than this program's") == true)
    }

    @Test func whatIsNoDataFolderIsRefused() throws {
        let place = try TemporaryFolder()
        let error = #expect(throws: DaemonError.self) { _ = try DataFolder(place.path) }
        #expect(error?.message.contains("instance.json is missing") == true)
        let nothing = #expect(throws: DaemonError.self) { _ = try DataFolder(place.path + "/none") }
        #expect(nothing?.hint?.contains("sceaud init") == true)
    }

    @Test func aKeyOpenToOthersIsNamed() throws {
        let made = try InitialisedFolder()
        chmod(made.data + "/keys/timelock.key", 0o644)
        #expect(try finding(made).hasPrefix("does not hold: keys: the time-lock key"))
    }
}
