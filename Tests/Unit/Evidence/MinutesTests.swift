import Canonical
import Foundation
import Procurement
import Sealing
import Testing

@testable import Evidence

/// An opening of five bids, as the tool finds them.
enum Sitting {
    static func instant(_ text: String) -> Instant {
        do { return try Instant(parsing: "2026-11-23T\(text)Z") } catch { fatalError("\(error)") }
    }

    static func id(_ number: UInt8) -> Identifier { Identifier(random: InlineArray<16, UInt8>(repeating: number)) }

    static func digest(_ number: UInt8) -> Digest { Digest(InlineArray<32, UInt8>(repeating: number)) }

    static let consultation = id(0xc0)
    static let deadline = Deadline(instant("12:00:00.000"), version: 1)

    static func event(
        _ number: UInt8, by depositor: UInt8, received: String = "11:00:00.000", verdict: Verdict = .onTime,
        clock: ClockState = .sound, previous: UInt8? = nil
    ) -> Event {
        func fact() throws(Refusal) -> BidReceived {
            try Consultation(
                id: consultation, log: .real, account: id(0xa1), buyer: "Commune de Saint-Aubin", reference: "2026-42",
                title: "Toiture", object: nil, timeZone: "Europe/Paris", parts: ["offer"],
                limits: Limits(document: 9, bid: 9, documents: 9), deadline: deadline,
                keys: .init(fingerprint: digest(0xf1), k: 2, n: 3, notBefore: deadline.instant, parts: [], accepted: [1, 2, 3]),
                published: true
            ).receiving(
                Submission(
                    bid: id(number), seal: digest(number), keys: digest(0xf1), sealedBy: .platform, intent: .unstated,
                    documents: 1, started: instant("10:59:59.000"), firstByte: instant("10:59:59.000"),
                    received: instant(received), bidCode: digest(1), outcome: nil),
                by: Principal(
                    user: id(1), account: id(depositor), kind: .company, accountName: "Société \(depositor) <SARL> & Cie",
                    registration: nil, person: digest(2), roles: [.bidder]),
                previous: previous.map(id), instance: id(0x1a), clock: clock, recorded: instant(received))
        }
        do {
            return Event(log: .real, at: instant(received), nonce: [UInt8](repeating: number, count: 16), fact: try fact())
        } catch { fatalError("\(error)") }
    }

    static let events = [
        event(1, by: 0xb1), event(2, by: 0xb2), event(3, by: 0xb1, previous: 1), event(4, by: 0xb3, received: "12:00:01.000"),
        event(5, by: 0xb4, received: "09:00:00.000", clock: .unsound),
    ]

    static let given = Event(
        log: .real, at: instant("11:30:00.000"), nonce: [UInt8](repeating: 9, count: 16),
        fact: VerdictGiven(
            consultation: consultation, bid: id(5), verdict: .onTime, rule: .elapsed, since: instant("11:00:00.000"),
            until: instant("11:30:00.000"), received: instant("11:10:00.000")))

    static var served: [Reconciliation.Served] {
        events.enumerated().map { index, event in
            Reconciliation.Served(
                position: Int64(10 + index), bid: id(UInt8(index + 1)), event: event.canonicalBytes,
                given: index == 4 ? given.canonicalBytes : nil)
        }
    }

    static func entry(_ number: UInt8) -> ClosingStated.Entry {
        ClosingStated.Entry(
            position: Int64(9 + number), leaf: Digest(of: [0] + events[Int(number) - 1].canonicalBytes), bid: id(number))
    }

    static func statement(_ bids: [ClosingVerdict: [ClosingStated.Entry]]? = nil) -> ClosingStated {
        ClosingStated(
            consultation: consultation, deadlines: [deadline], keys: digest(0xf1), k: 2, n: 3,
            bids: bids ?? [.onTime: [entry(2), entry(3), entry(5)], .replaced: [entry(1)], .late: [entry(4)]], drafts: 0,
            attempts: 2,
            outages: [Outage(from: instant("03:00:00.000"), to: instant("03:00:20.000"), cause: Outage.down)], size: 20,
            root: digest(7))
    }

    static let hostile = "prix\u{202E}<script>alert('x')</script>\"&\u{7}.pdf"

    static func minutes(_ change: (inout [MinutesBid]) -> Void = { _ in }) throws -> OpeningMinutes {
        let reconciliation = try Reconciliation(statement(), consultation: consultation, served: served)
        var bids = reconciliation.bids.map { bid in
            let isLate = bid.verdict == .late
            let fails = bid.event.bid == id(2)
            return MinutesBid(
                bid.event, position: bid.position, verdict: bid.verdict,
                result: isLate ? .withheld : fails ? .failed : .opened,
                cause: isLate ? "received after the deadline" : fails ? "document 1, segment 3: altered" : nil,
                candidate: bid.event.bid == id(3) ? Candidate(lead: .init(name: "Bâtir SARL", siret: "73282932000074")) : nil,
                documents: isLate || fails
                    ? [] : [.init(part: "offer", folder: "offre", name: hostile, length: 20_000, sha256: digest(0x3d))])
        }
        change(&bids)
        return OpeningMinutes(
            subject: .init(
                consultation: consultation, buyer: "Commune de Saint-Aubin", reference: "2026-42",
                title: "Réfection de la toiture de l'école", object: nil, timeZone: "Europe/Paris"),
            session: .init(
                opening: id(0xe1), digest: digest(0x0e), log: .real, parts: ["offer"], announcer: 1,
                fingerprint: digest(0xf1), k: 2, n: 3, announced: instant("12:05:00.000"),
                released: instant("12:06:42.001"), concluded: instant("12:07:10.450")),
            statement: StatementSummary(statement(), digest: digest(0xcd), position: 21),
            members: [
                .init(number: 1, name: "Claire Dubois", at: instant("12:05:00.000"), approval: digest(0xa1)),
                .init(number: 3, name: "Ève Le Goff", at: instant("12:06:41.538"), approval: digest(0xa3)),
            ], wrongShares: [.init(number: 2, reason: "it is not the one that was dealt")], refusals: 1,
            decisions: [
                .init(
                    type: "hold-waived", at: instant("12:04:00.000"), event: digest(0xde), deadline: nil,
                    grounds: "Personne n'a été empêché.")
            ], reconciled: reconciliation.checks, bids: bids)
    }
}

@Suite("What was served, held against the closing statement")
struct ReconciliationTests {
    private func failure(
        _ statement: ClosingStated = Sitting.statement(), _ served: [Reconciliation.Served] = Sitting.served
    ) -> String {
        do throws(EvidenceError) {
            _ = try Reconciliation(statement, consultation: Sitting.consultation, served: served)
            return "none"
        } catch {
            return error.reason
        }
    }

    private func changed(_ index: Int, event: Event? = nil, position: Int64? = nil, given: [UInt8]?? = nil) -> [Reconciliation.Served] {
        var served = Sitting.served
        let old = served[index]
        served[index] = .init(
            position: position ?? old.position, bid: old.bid, event: event?.canonicalBytes ?? old.event, given: given ?? old.given)
        return served
    }

    @Test func whatAgreesIsTaken() throws {
        let found = try Reconciliation(Sitting.statement(), consultation: Sitting.consultation, served: Sitting.served.reversed())
        #expect(found.bids.map(\.verdict) == [.replaced, .onTime, .onTime, .late, .onTime])
        #expect(found.toOpen == Set([1, 2, 3, 5].map(Sitting.id)))
        // One that came late after the statement.
        let after = Sitting.event(6, by: 0xb6, received: "12:30:00.000")
        let more = Sitting.served + [.init(position: 30, bid: Sitting.id(6), event: after.canonicalBytes, given: nil)]
        #expect(try Reconciliation(Sitting.statement(), consultation: Sitting.consultation, served: more).bids.last?.verdict == .late)
    }

    @Test func whatDiffersIsNamed() {
        #expect(failure() == "none")
        #expect(failure(Sitting.statement(), Array(Sitting.served.dropLast())) == "bid \(Sitting.id(5)) is missing")
        #expect(failure(Sitting.statement(), Sitting.served + [Sitting.served[0]]).contains("twice"))
        let added = Sitting.event(6, by: 0xb6)
        let more = Sitting.served + [.init(position: 30, bid: Sitting.id(6), event: added.canonicalBytes, given: nil)]
        #expect(failure(Sitting.statement(), more) == "bid \(Sitting.id(6)) is not in the closing statement, and not late")
        #expect(failure(Sitting.statement(), changed(0, position: 9)).contains("differs from its entry"))
        #expect(failure(Sitting.statement(), changed(0, event: Sitting.event(1, by: 0xb9))).contains("differs from its entry"))
        #expect(failure(Sitting.statement(), changed(0, event: Sitting.event(2, by: 0xb2))).contains("is not its own"))
        #expect(failure(Sitting.statement(), changed(4, given: .some(nil))).contains("waits for a verdict"))
    }

    /// A platform that calls late what was in time, or the other way round, or hides which bid stands.
    @Test func aPlaceThatDoesNotFollowIsNamed() {
        typealias Entries = [ClosingVerdict: [ClosingStated.Entry]]
        let (one, two, three, four, five) = (
            Sitting.entry(1), Sitting.entry(2), Sitting.entry(3), Sitting.entry(4), Sitting.entry(5)
        )
        let lies: [Entries] = [
            [.onTime: [three, five], .replaced: [one], .late: [two, four]],
            [.onTime: [two, three, four, five], .replaced: [one]],
            [.onTime: [one, two, five], .replaced: [three], .late: [four]],
            [.onTime: [one, two, three, five], .late: [four]],
            [.onTime: [two, three], .replaced: [one], .late: [four, five]],
        ]
        for lie in lies { #expect(failure(Sitting.statement(lie)).contains("in the closing statement")) }
    }

    @Test func minutesThatDisagreeAreRefused() throws {
        let reconciliation = try Reconciliation(Sitting.statement(), consultation: Sitting.consultation, served: Sitting.served)
        func failure(_ minutes: OpeningMinutes, _ statement: Digest = Sitting.digest(0xcd)) -> String {
            do throws(EvidenceError) {
                try reconciliation.check(minutes, statement: statement)
                return "none"
            } catch {
                return error.reason
            }
        }
        #expect(failure(try Sitting.minutes()) == "none")
        #expect(failure(try Sitting.minutes(), Sitting.digest(0xce)).contains("another closing statement"))
        #expect(failure(try Sitting.minutes { $0.removeLast() }).contains("do not list"))
        #expect(failure(try Sitting.minutes { $0.swapAt(0, 1) }).contains("do not list"))
        func withResult(_ index: Int, _ result: Minutes.Result) throws -> OpeningMinutes {
            try Sitting.minutes { bids in
                let bid = bids[index]
                guard let event = Sitting.events[index].fact as? BidReceived else { return }
                bids[index] = MinutesBid(
                    event, position: bid.position, verdict: bid.verdict, result: result,
                    cause: result == .opened ? nil : "x", candidate: nil, documents: [])
            }
        }
        #expect(failure(try withResult(3, .opened)).contains("late, and opened"))
        #expect(failure(try withResult(0, .withheld)).contains("replaced, and withheld"))
        let other = try Sitting.minutes { bids in
            guard let event = Sitting.event(1, by: 0xb9).fact as? BidReceived else { return }
            bids[0] = MinutesBid(
                event, position: 10, verdict: .replaced, result: .opened, cause: nil, candidate: nil, documents: [])
        }
        #expect(failure(other).contains("told otherwise"))
    }
}

@Suite("sceau/minutes/2 and what may be communicated of them")
struct MinutesTests {
    private static func text(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/Evidence/Evidence.docc").standardizedFileURL
        return try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    @Test func theSpecificationsExamplesAreRead() throws {
        let examples = try Self.text("Minutes.md").components(separatedBy: "```json\n").dropFirst()
            .map { Array($0.components(separatedBy: "\n```")[0].utf8) }
        #expect(examples.count == 2)
        let minutes = try OpeningMinutes(canonical: examples[0])
        #expect(minutes.canonicalBytes == examples[0] && minutes.bids.count == 5)
        let extract = try MinutesExtract(canonical: examples[1])
        #expect(extract.canonicalBytes == examples[1] && extract == MinutesExtract(of: minutes))
    }

    @Test func theyAreReadAsTheyAreWritten() throws {
        let minutes = try Sitting.minutes()
        #expect(try OpeningMinutes(canonical: minutes.canonicalBytes) == minutes)
        let extract = MinutesExtract(of: minutes)
        #expect(try MinutesExtract(canonical: extract.canonicalBytes) == extract)
        #expect(extract.minutes == Digest(of: minutes.canonicalBytes))
    }

    /// Nothing in it tells who bid, nor what their documents are called, how long they are, or what they hash to.
    @Test func whatIsCommunicatedNamesNobodyAndNothingSealed() throws {
        let minutes = try Sitting.minutes()
        let extract = MinutesExtract(of: minutes)
        for bytes in [extract.canonicalBytes] + MinutesPage.Language.allCases.map({ MinutesPage($0).page(extract) }) {
            let text = String(decoding: bytes, as: UTF8.self)
            for secret in ["Société", "Bâtir", "73282932000074", "prix", "20000", Sitting.digest(0x3d).hex, "segment 3", Sitting.id(0xb1).text] {
                #expect(!text.contains(secret), "\(secret)")
            }
            #expect(text.contains(Sitting.id(1).text) && text.contains("Claire Dubois"))
        }
    }

    @Test(arguments: MinutesPage.Language.allCases)
    func aPageTakesNoMarkupFromAnybody(_ language: MinutesPage.Language) throws {
        let page = String(decoding: MinutesPage(language).page(try Sitting.minutes()), as: UTF8.self)
        #expect(!page.contains("<script") && !page.contains("<SARL>") && !page.contains("\u{202E}") && !page.contains("\u{7}"))
        #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"))
        #expect(page.contains("Société 177 &lt;SARL&gt; &amp; Cie"))
        #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("src="))
        // Local time with its zone, and UTC.
        #expect(page.contains("12:00:00 (UTC+01:00) = 2026-11-23T11:00:00.000Z"))
        #expect(page.contains(language == .french ? "Remplacé par un pli suivant" : "Replaced by a later bid"))
        #expect(page.contains("Personne n&#39;a été empêché."))
    }

    /// For a person to look at: `SCEAU_PAGES=DIR swift test --filter MinutesTests`.
    @Test func pagesForLookingAt() throws {
        guard let folder = ProcessInfo.processInfo.environment["SCEAU_PAGES"] else { return }
        let minutes = try Sitting.minutes()
        for language in MinutesPage.Language.allCases {
            let url = URL(filePath: folder)
            try Data(MinutesPage(language).page(minutes)).write(to: url.appending(path: "minutes.\(language.rawValue).html"))
            try Data(MinutesPage(language).page(MinutesExtract(of: minutes)))
                .write(to: url.appending(path: "communicable.\(language.rawValue).html"))
        }
        try Data(minutes.canonicalBytes).write(to: URL(filePath: folder).appending(path: "minutes.json"))
        try Data(MinutesExtract(of: minutes).canonicalBytes).write(to: URL(filePath: folder).appending(path: "extract.json"))
    }
}
