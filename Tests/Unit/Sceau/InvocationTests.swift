import Canonical
import Testing

@testable import sceau

@Suite struct InstantFormTests {
    @Test(arguments: [
        ("2026-11-23T17:00:00Z", "2026-11-23T17:00:00.000Z"),
        ("2026-11-23T17:00:00.000Z", "2026-11-23T17:00:00.000Z"),
        ("2026-11-23T17:00Z", "2026-11-23T17:00:00.000Z"),
        ("2026-11-23t17:00:00.5z", "2026-11-23T17:00:00.500Z"),
        ("2026-11-23T18:00:00+01:00", "2026-11-23T17:00:00.000Z"),
        ("2026-11-23T18:00+01:00", "2026-11-23T17:00:00.000Z"),
        ("2026-11-23T01:30:00.250-05:30", "2026-11-23T07:00:00.250Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"),
    ])
    func theUsualFormsAreTaken(text: String, instant: String) {
        #expect(Instant(anyForm: text)?.description == instant)
    }

    @Test(arguments: [
        "", "T", "2026-11-23", "2026-11-23T17:00:00", "2026-11-23 17:00:00Z", "2026-02-30T17:00:00Z",
        "2026-11-23T25:00:00Z",
        "2026-11-23T17:00:00.1234Z", "2026-11-23T17:00:00.Z", "2026-11-23T17:00:00+1:00", "2026-11-23T17:00:00+0100",
        "2026-11-23T17:00:00+99:00", "2026-11-23T17:00:00+01:٠٠", "tomorrow", "2026-11-23T17:00:00+01:00Z",
    ])
    func anythingElseIsNot(text: String) { #expect(Instant(anyForm: text) == nil) }
}

@Suite struct InvocationTests {
    private func invocation(_ words: [String]) throws -> Invocation {
        guard case .run(let arguments) = try Arguments.read(words) else { throw CommandError("help") }
        return Invocation(
            arguments: arguments, environment: [:], terminal: Terminal(showsProgress: false),
            clock: { Instant(milliseconds: 0) })
    }

    @Test func fingerprintsAreReadAsPeopleWriteThem() throws {
        let hex = String(repeating: "0a1B", count: 16)
        let grouped = stride(from: 0, to: 64, by: 8).map { start in
            String(hex.dropFirst(start).prefix(8))
        }.joined(separator: " ")
        let read = try invocation(["share", "accept", "x", "--key", "k", "--fingerprint", grouped])
        #expect(try read.fingerprint("fingerprint")?.hex == hex.lowercased())
        #expect(throws: CommandError.self) {
            try invocation(["share", "accept", "x", "--key", "k", "--fingerprint", "abc"]).fingerprint("fingerprint")
        }
    }

    @Test func identifiersAndNumbersAreChecked() throws {
        #expect(throws: CommandError.self) {
            try invocation(["open", "../../x", "--key", "k", "--out", "o"]).consultation()
        }
        #expect(throws: CommandError.self) {
            try invocation(["open", "x", "--key", "k", "--out", "o", "--wait", "-1"]).integer("wait", in: 0...9)
        }
        #expect(
            try invocation(["open", "x", "--key", "k", "--out", "o", "--wait", "9"]).integer("wait", in: 0...9) == 9)
    }
}
