import Foundation
import Rehearsal
import Testing

/// The tools that other tests stand on.
@Suite struct RehearsalTests {
    @Test func aProgramsWordsAndEnd() throws {
        let outcome = try Shell.run(
            "sh", ["-c", "cat; echo $WORD >&2; exit 7"], environment: ["WORD": "heard"], stdin: Data("given\n\n".utf8))
        #expect(outcome.status == 7 && outcome.text == "given\n\n" && outcome.line == "given" && outcome.err == "heard\n")
        let ended = try Shell.run("sh", ["-c", "kill -TERM $$"])
        #expect(ended.status == 128 + 15, "\(ended)")
        #expect(throws: Shell.Failed.self) { try Shell.check("false") }
    }

    @Test func moreThanAPipeHolds() throws {
        let outcome = try Shell.run("sh", ["-c", "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2"])
        #expect(outcome.out.count == 1_000_000 && outcome.err.utf8.count == 1_000_000)
    }

    @Test func oneThatHangsIsEnded() throws {
        #expect(throws: Shell.Failed.self) { try Shell.run("sleep", ["600"], timeout: 0.2) }
    }

    @Test func foldersGoWithTheirOwner() throws {
        let path = try TemporaryFolder().url.path(percentEncoded: false)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func namesBecomeOnePathSegment() {
        #expect(Curl.encoded("mémoire n° 2 🏗️.pdf") == "m%C3%A9moire%20n%C2%B0%202%20%F0%9F%8F%97%EF%B8%8F.pdf")
        #expect(Curl.encoded("../a/b") == "..%2Fa%2Fb")
    }

    @Test func deadlinesAreWholeSeconds() {
        #expect(Consultation.instant(seconds: 5).wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z/#) != nil)
    }
}
