import Canonical
import Evidence
import Foundation
import OpenSSL
import Procurement
import Sealing
import Testing

@testable import sceaud

/// Closing statements and timestamps of an export, held to what they say, although whoever has the log's key signed all of it anew.
struct ProcedureInExportTests {
    private let made: InitialisedFolder
    private let export: ExportInMemory
    private let entries: [[UInt8]]
    private let instance: Identifier

    init() throws {
        made = try InitialisedFolder()
        try made.procedure()
        try made.procedure("another")
        let target = made.place.path + "/export"
        #expect(try Exportation(configuration: made.configuration, target: target).run().report.isGood)
        export = try ExportInMemory(target)
        let index = try ExportIndex(canonical: export.files["export.json"] ?? [])
        instance = index.instance
        let size = try #require(index.generations.first { $0.log == .real }?.size)
        entries = (export.files["log/real/" + ExportLayout.entries(0, width: Int(size))] ?? []).split(separator: 0x0a).map { Array($0) }
    }

    /// The log's own: who has it signs what it likes.
    private func key() throws -> PrivateKey { try KeyFiles.key(made.configuration.logs.real, named: "log") }

    private func position(_ type: String, last: Bool = false) throws -> Int {
        let isIt: ([UInt8]) -> Bool = { String(decoding: $0, as: UTF8.self).contains("\"type\":\"\(type)\"") }
        return try #require(last ? entries.lastIndex(where: isIt) : entries.firstIndex(where: isIt))
    }

    /// What is said of the event at a position that was rewritten.
    private func said(_ name: String, of position: Int, _ change: (String) throws -> String) throws -> [String] {
        let changed = try export.rewritten(key()) { entries in
            let text = String(decoding: entries[position], as: UTF8.self)
            let other = try change(text)
            #expect(other != text)
            entries[position] = Array(other.utf8)
        }
        return changed.failures().filter { $0.hasPrefix("FAILS: \(name): the event at position \(position) of the log real: ") }
            .map { String($0.split(separator: "log real: ").last ?? "") }
    }

    // MARK: Closing statements

    @Test func aStatementSaysWhatTheEventsSay() throws {
        let position = try position("closing-stated")
        func said(_ change: (String) throws -> String) throws -> [String] { try self.said("closing", of: position, change) }
        let list = #/"onTime":\[(\{.*?\})\]/#
        // The bid left out; put among the late; under another leaf, position, or as somebody else's.
        #expect(try said { $0.replacing(list) { _ in "\"onTime\":[]" } } == ["its on-time bids are not those of the events"])
        #expect(
            try said { text in text.replacing("\"late\":[]", with: "\"late\":[\(text.firstMatch(of: list)?.1 ?? "")]").replacing(list) { _ in "\"onTime\":[]" } }
                == ["its on-time bids are not those of the events"])
        for field in [#/"leaf":"../#, #/"bid":"../#] {
            #expect(try said { $0.replacing(field) { $0.0.dropLast(2) + "00" } } == ["its on-time bids are not those of the events"])
        }
        #expect(try said { $0.replacing(#/"position":/#) { _ in "\"position\":1" } } == ["its on-time bids are not those of the events"])
        #expect(try said { $0.replacing("\"attempts\":0", with: "\"attempts\":1") } == ["it counts 1 failed attempts, the events 0"])
        #expect(try said { $0.replacing("\"drafts\":0", with: "\"drafts\":1") } == ["it counts 1 drafts, the events 0"])
        #expect(try said { $0.replacing("\"k\":2", with: "\"k\":3") } == ["its key sets or quorums are not those that the events set"])
        #expect(try said { $0.replacing(#/"deadline":"..../#) { _ in "\"deadline\":\"2020" } } == ["its deadlines are not those that the events set"])
        #expect(try said { $0.replacing(#/"consultation":"../#) { _ in "\"consultation\":\"00" } } == ["it is of a consultation that the log does not have"])
        let root = try said { $0.replacing(#/"root":"../#) { $0.0.dropLast(2) + "00" } }
        #expect(root.count == 1 && root[0].hasPrefix("the head that it quotes, of "), "\(root)")
        let size = try said { $0.replacing(#/"size":/#) { _ in "\"size\":9" } }
        #expect(size.count == 1 && size[0].hasPrefix("the head that it quotes, of 9"), "\(size)")
    }

    @Test func aSecondStatementOfOneDeadlineIsNamed() throws {
        let position = try position("closing-stated")
        let changed = try export.rewritten(key()) { $0.insert($0[position], at: position + 1) }
        #expect(changed.failures().contains { $0.contains("position \(position + 1) of the log real: this version of the deadline had its statement before") })
    }

    /// A bid with an instant of before the closing, put in behind it.
    @Test func aBidInsertedWithAPastDateIsNamed() throws {
        let (bid, closing) = try (position("bid-received", last: true), position("closing-stated", last: true))
        let changed = try export.rewritten(key()) { entries in
            let copy = String(decoding: entries[bid], as: UTF8.self)
                .replacing(#/"bid":"../#) { _ in "\"bid\":\"00" }
            entries.insert(Array(copy.utf8), at: closing + 1)
        }
        #expect(changed.failures().contains { $0.contains("is dated") && $0.contains("before the one in front of it") })
        // Before the closing it is a bid that the statement does not have.
        let earlier = try export.rewritten(key()) { entries in
            entries.insert(Array(String(decoding: entries[bid], as: UTF8.self).replacing(#/"bid":"../#) { _ in "\"bid\":\"00" }.utf8), at: bid + 1)
        }
        #expect(earlier.failures().contains { $0.contains("position \(closing + 1) of the log real: its on-time bids are not those of the events") })
    }

    @Test func aBiddersLineSaysWhatTheStatementSays() throws {
        let position = try position("bid-judged")
        #expect(
            try said("closing", of: position) { $0.replacing("\"verdict\":\"on-time\"", with: "\"verdict\":\"late\"") }
                == ["a bidder's line says late, the statement on-time"])
        #expect(
            try said("closing", of: position) { $0.replacing(#/"statement":"../#) { _ in "\"statement\":\"00" } }
                == ["a bidder's line of a statement that the log does not have"])
        #expect(
            try said("closing", of: position) { $0.replacing(#/"bid":"../#) { _ in "\"bid\":\"00" } }
                == ["a bidder's line says on-time, the statement nothing"])
    }

    // MARK: Timestamps

    @Test func aTokenIsHeldToWhatItsEventSays() throws {
        for last in [false, true] {
            let position = try position("timestamped", last: last)
            let kind = last ? "closing" : "bid"
            // The token of the other consultation's: true, and of something else.
            let other = try String(decoding: entries[self.position("timestamped", last: !last)], as: UTF8.self).firstMatch(of: #/"token":"(.*?)"/#)
            let token = String(try #require(other).1)
            #expect(try said("timestamp", of: position) { $0.replacing(#/"token":"(.*?)"/#) { _ in "\"token\":\"\(token)\"" } } == ["it is over something else (wrong imprint)"], "\(kind)")
            let instant = try said("timestamp", of: position) { $0.replacing(#/"instant":"..../#) { _ in "\"instant\":\"2020" } }
            #expect(instant.count == 1 && instant[0].hasPrefix("the event says 2020"), "\(instant)")
            let subject = try said("timestamp", of: position) { $0.replacing(#/"subject":"../#) { _ in "\"subject\":\"00" } }
            #expect(subject == [last ? "it is of a closing that the log does not have" : "the event names another subject than what it is said to stamp"])
            let twice = try export.rewritten(key()) { $0.insert($0[position], at: position + 1) }
            #expect(twice.failures().contains { $0.hasPrefix("FAILS: timestamp: the event at position \(position + 1)") && $0.contains("a second timestamp") })
        }
        #expect(
            try said("timestamp", of: position("timestamped")) { $0.replacing(#/"bid":"../#) { _ in "\"bid\":\"00" } }
                == ["it is of a bid that the log does not have"])
    }

    /// A token of an authority that nobody heard of, kept as an object under its true digest.
    @Test func aStrangeAuthorityIsNamed() throws {
        // Another vault's own, as its name says.
        let name = StampAuthorities.ownName("Voisine", instance: Identifier(random: InlineArray(repeating: 7)))
        let notary = try Notary(name)
        let position = try position("timestamped")
        let fact = try #require(try Event(canonical: entries[position]).fact as? Timestamped)
        let token = try TimestampResponse(der: notary.answer(TimestampRequest(imprint: fact.subject.inline).der)).token
        let instant = Instant(milliseconds: token.genTime)
        var changed = try export.rewritten(key()) { entries in
            entries[position] = Array(
                String(decoding: entries[position], as: UTF8.self)
                    .replacing(fact.token.hex, with: Digest(SHA256.hash(token.der)).hex)
                    .replacing("\"instant\":\"\(fact.instant)\"", with: "\"instant\":\"\(instant)\"").utf8)
        }
        changed.files["objects/\(fact.token)"] = nil
        changed.files["objects/\(Digest(SHA256.hash(token.der)))"] = token.der
        func lines(_ trust: [Certificate], _ outcome: Check.Outcome) -> [String] {
            changed.report(trust: trust).checks.filter { $0.name == "timestamp" && $0.outcome == outcome }.map(\.text)
        }
        #expect(lines([], .fails) == [] && lines([], .operatorsWord).contains { $0.contains("«\(name)», which nobody vouches for") && $0.contains("--trust") })
        let own = try TimestampKeys(made.configuration.timestamp, now: token.genTime / 1000).ca
        #expect(lines([own], .fails) == ["its authority «\(name)» is not among those trusted; --trust FILE names those you trust"])
        #expect(lines([own, notary.ca], .holds) == ["1 hold under «\(name)»"])
        #expect(lines([own, notary.ca], .operatorsWord) == ["time on the operator's word: 3 are of the platform's own authority"])
        #expect(lines([notary.ca], .fails).count == 3)
    }
}
