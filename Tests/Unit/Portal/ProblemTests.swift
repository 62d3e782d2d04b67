import Canonical
import Foundation
import HTTP
import Procurement
import Testing

@testable import Portal

@Suite("Problems, as API.md says them")
struct ProblemTests {
    private func text(_ response: Response) -> String {
        guard case .bytes(let bytes) = response.body else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func eachKindHasItsRowAndItsStatus() throws {
        let rows = try Specification().rows(under: "| type | status |")
        let said = Dictionary(uniqueKeysWithValues: rows.map { (Specification.words($0[0])[0], Int($0[1])) })
        for kind in Refusal.Kind.allCases { #expect(said[kind.rawValue] == Problem.status(kind), "\(kind)") }
        #expect(said["internal"] == Problem(internalUnder: "r").status)
        #expect(said.count == Refusal.Kind.allCases.count + 1)
    }

    @Test func theExampleIsWhatIsAnswered() throws {
        let example = try #require(try Specification().text.components(separatedBy: "```json\n").dropFirst().first)
        let refusal = Refusal(
            .notYet, "The deadline has not passed.", possibleAt: try Instant(parsing: "2026-11-23T12:00:01.000Z"))
        let response = Problem(refusal, reference: "1y2p0ij32e8e7").response(in: .english)
        #expect(text(response) == example.components(separatedBy: "```")[0])
        #expect(response.status == 409)
        #expect(response.fields.contains { $0 == ("Content-Type", "application/problem+json") })
    }

    @Test func anInternalErrorSaysNothing() {
        let response = Problem(internalUnder: "r").response(in: .english)
        #expect(text(response) == #"{"reference":"r","status":500,"title":"Something went wrong inside.","type":"/problems/internal"}"# + "\n")
    }

    @Test(arguments: Refusal.Kind.allCases)
    func isSaidInBothLanguages(_ kind: Refusal.Kind) throws {
        let english = Language.english.title(kind)
        let french = Language.french.title(kind)
        #expect(!english.isEmpty && !french.isEmpty && english != french)
        let response = Problem(Refusal(kind), reference: "r").response(in: .french)
        #expect(text(response).contains(french))
        #expect(response.fields.contains { $0 == ("Content-Language", "fr") })
        let retries = try Specification().rows(under: "| type | status |").filter { $0[2].contains("Retry-After") }.map { Specification.words($0[0])[0] }
        #expect(response.fields.contains { $0.0 == "Retry-After" } == retries.contains(kind.rawValue))
        #expect(response.fields.contains { $0.0 == "WWW-Authenticate" } == (kind == .unauthenticated))
    }

    @Test(arguments: [
        (nil, Language.english), ("", .english), ("fr", .french), ("fr-FR,fr;q=0.9,en;q=0.8", .french), ("en-US,fr", .english),
        ("de, fr", .french), ("de", .english), ("FR", .french), ("*", .english), (",;,fr", .french),
    ] as [(String?, Language)])
    func theFirstLanguageOfOursIsChosen(_ accepted: String?, _ language: Language) {
        #expect(Language(accepting: accepted) == language)
    }
}
