import Canonical
import Procurement
import Testing

/// The deadline is 12:00:00, and the consultation closes at 12:00:01.
@Suite("The closing statement, and what may follow it")
struct ClosingTests {
    private let rival = Scene.identifier(0xb2)

    private func bid(
        _ number: UInt8, _ verdict: Verdict = .onTime, by depositor: Identifier = Scene.bidder.account,
        intent: Intent = .unstated
    ) -> BidEntry {
        BidEntry(
            position: Int64(number), leaf: Scene.digest(number), bid: Scene.identifier(number), consultation: Scene.id,
            depositor: depositor, verdict: verdict, intent: intent, seal: Scene.digest(0x5e), keys: Scene.fingerprint, documents: 1)
    }

    private func closing(
        _ consultation: Consultation = Scene.consultation(.published), bids: [BidEntry] = [], outages: [Outage] = [],
        now: Instant = Scene.closes
    ) throws(Refusal) -> ClosingStated {
        try consultation.closing(
            bids: bids, drafts: 4, attempts: 3, deadlines: [consultation.deadline], outages: outages, size: 9, root: Scene.digest(9),
            now: now)
    }

    @Test func onceTheSecondIsOverAndNotTwice() throws {
        #expect(refusal { () throws(Refusal) in try closing(now: Scene.time("12:00:00.999")) }?.kind == .notYet)
        let statement = try closing()
        #expect(statement.deadline.version == 1 && statement.attempts == 3 && statement.size == 9 && statement.drafts == 4)
        #expect(statement.k == 2 && statement.n == 3 && statement.keys == Scene.fingerprint)
        for phase in [Phase.draft, .sealed, .closed, .opening, .opened, .archived] {
            #expect(refusal { () throws(Refusal) in try closing(Scene.consultation(phase)) }?.kind == .phase, "\(phase)")
        }
    }

    @Test func theDeadlineInTheRegisterCounts() {
        let extended = Scene.consultation(.published, deadline: Scene.after, version: 2)
        #expect(refusal { () throws(Refusal) in try closing(extended) }?.possibleAt == Scene.time("13:00:01.000"))
    }

    @Test func notWhileABidWaitsForItsVerdict() {
        #expect(refusal { () throws(Refusal) in try closing(bids: [bid(1, .pending)]) }?.kind == .clock)
    }

    @Test func eachBidHasItsPlaceBesideTheOthersOfItsDepositor() throws {
        let bids = [
            bid(1), bid(2, by: rival), bid(3), bid(4, intent: .complements), bid(5, .late),
            bid(6, by: rival, intent: .replaces), bid(7, .late, by: rival, intent: .replaces),
        ]
        let statement = try closing(bids: bids)
        let verdicts = statement.verdicts
        let expected: [ClosingVerdict] = [.replaced, .replaced, .onTime, .complementing, .late, .onTime, .late]
        #expect(bids.map { verdicts[$0.bid] } == expected)
        #expect(statement.toOpen.map(\.position) == [1, 2, 3, 4, 6] && statement.count == 7)
        // What completes a bid goes with it when that is replaced; what completes nothing stands alone.
        let chain = Consultation.places([bid(1, intent: .complements), bid(2, intent: .complements), bid(3)])
        #expect([1, 2, 3].map { chain[Scene.identifier($0)] } == [.replaced, .replaced, .onTime])
        #expect(Consultation.places([bid(1, intent: .complements)])[Scene.identifier(1)] == .onTime)
    }

    @Test("an outage over the deadline's second holds the opening", arguments: [
        ("11:59:59.000", "11:59:59.999", false), ("11:59:59.000", "12:00:00.000", true), ("12:00:00.500", "12:00:00.600", true),
        ("12:00:01.000", "12:05:00.000", true), ("12:00:01.001", "12:05:00.000", false), ("10:00:00.000", "14:00:00.000", true),
    ])
    func held(since: String, until: String, isHeld: Bool) throws {
        let outage = Outage(from: Scene.time(since), to: Scene.time(until), cause: Outage.down)
        #expect(try closing(outages: [outage]).isHeld == isHeld)
    }

    private func held() -> Consultation {
        var consultation = Scene.consultation(.closed)
        consultation.isHeld = true
        return consultation
    }

    @Test func nothingIsOpenedWhileItIsHeld() {
        #expect(refusal { () throws(Refusal) in try held().checkPast(Scene.after) }?.kind == .held)
        #expect(refusal { () throws(Refusal) in try held().checkAnnouncing(Scene.opener, now: Scene.after) }?.kind == .held)
        #expect(refusal { () throws(Refusal) in try Scene.consultation(.closed).checkPast(Scene.after) } == nil)
    }

    @Test func theBuyerWaivesOnceWithGrounds() throws {
        let fact = try held().waiving(by: Scene.buyer, grounds: "Personne n'a été empêché.")
        #expect(fact.statement == Scene.digest(0xcd) && fact.grounds == "Personne n'a été empêché.")
        #expect(refusal { () throws(Refusal) in try held().waiving(by: Scene.buyer, grounds: " ") }?.kind == .invalid)
        #expect(
            refusal { () throws(Refusal) in try Scene.consultation(.closed).waiving(by: Scene.buyer, grounds: "x") }?.kind
                == .alreadyDone)
        #expect(refusal { () throws(Refusal) in try held().waiving(by: Scene.opener, grounds: "x") }?.kind == .forbidden)
    }

    private func reopening(
        _ consultation: Consultation, until time: String = "15:00:00.000", grounds: String = "Panne.",
        openings: [OpeningState] = [], by principal: Principal = Scene.buyer
    ) throws(Refusal) -> Reopened {
        try consultation.reopening(
            by: principal, until: Scene.time(time), grounds: grounds, among: openings, now: Scene.after)
    }

    @Test func theBuyerReopensWhileNothingWasReleased() throws {
        let underWay = Scene.opening(0xe1, approvals: [1])
        let fact = try reopening(Scene.consultation(.opening), openings: [underWay])
        #expect(fact.deadlineVersion == 2 && fact.voids == [underWay.opening])
        #expect(try reopening(Scene.consultation(.closed)).voids == [])
        #expect(
            refusal { () throws(Refusal) in
                try reopening(Scene.consultation(.opening), openings: [underWay, Scene.opening(0xe2, released: true)])
            }?.kind == .phase)
        for phase in [Phase.published, .opened, .archived] {
            #expect(refusal { () throws(Refusal) in try reopening(Scene.consultation(phase)) }?.kind == .phase, "\(phase)")
        }
        for time in ["13:00:00.999", "12:30:00.000"] {
            #expect(refusal { () throws(Refusal) in try reopening(Scene.consultation(.closed), until: time) }?.kind == .invalid)
        }
        #expect(refusal { () throws(Refusal) in try reopening(Scene.consultation(.closed), grounds: "") }?.kind == .invalid)
        #expect(
            refusal { () throws(Refusal) in try reopening(Scene.consultation(.closed), by: Scene.opener) }?.kind == .forbidden)
    }

    @Test func aVoidedOpeningGoesNoFurther() {
        var voided = Scene.opening(approvals: [1, 2])
        voided.voided = true
        #expect(
            refusal { () throws(Refusal) in
                try Scene.consultation(.opening).releasing(voided, by: Scene.opener, now: Scene.after)
            }?.kind == .phase)
    }

    @Test func disclosedOnceAndThenToThoseWhoHaveABid() throws {
        var consultation = Scene.consultation(.closed)
        func reading(_ principal: Principal, own: Int = 1) -> Refusal.Kind? {
            refusal { () throws(Refusal) in try consultation.checkReadingStatement(principal, own: own) }?.kind
        }
        #expect(reading(Scene.buyer) == nil && reading(Scene.opener) == nil && reading(Scene.strangeOpener) == .forbidden)
        #expect(reading(Scene.bidder) == .forbidden)
        let fact = try consultation.disclosing(by: Scene.buyer, on: .signature)
        #expect(fact.statement == Scene.digest(0xcd))
        consultation.isDisclosed = true
        #expect(reading(Scene.bidder) == nil && reading(Scene.bidder, own: 0) == .forbidden)
        #expect(
            refusal { () throws(Refusal) in try consultation.disclosing(by: Scene.buyer, on: .abandonment) }?.kind
                == .alreadyDone)
    }

    @Test func aLineIsForItsDepositor() {
        let consultation = Scene.consultation(.closed)
        func reading(_ principal: Principal, _ entry: BidEntry) -> Refusal.Kind? {
            refusal { () throws(Refusal) in try consultation.checkReadingLine(principal, of: entry) }?.kind
        }
        #expect(reading(Scene.bidder, bid(1)) == nil)
        // Another's does not exist: not even that there is one is told.
        #expect(reading(Scene.bidder, bid(1, by: rival)) == .notFound)
        #expect(reading(Scene.buyer, bid(1)) == .forbidden)
    }
}

@Suite("Closing.md")
struct ClosingSpecificationTests {
    @Test func theExampleIsTheVectorOfItsType() throws {
        let examples = DocumentationTests.examples(try DocumentationTests.text("Closing.md"))
        let vector = try Vector.bytes("closing-stated")
        #expect(examples.count == 1 && Array(examples[0].utf8) == vector)
        let statement = try #require(try Event(canonical: Array(examples[0].utf8)).fact as? ClosingStated)
        #expect(statement.count == 7 && statement.deadline.version == 2 && !statement.isHeld)
    }

    /// What the reader refuses beside forms and types: two lists that contradict one another.
    @Test func aListThatContradictsItselfIsRefused() throws {
        let json = try JSON(canonical: Vector.bytes("closing-stated"))
        func isRead(_ path: String, _ change: (JSON?) -> JSON?) -> Bool {
            let place = Place(path: path.split(separator: ".").map(String.init))
            return (try? Event(canonical: place.changing(json, change).encoded())) != nil
        }
        guard case .object(let fields) = json, case .array(let onTime) = fields["onTime"], case .array(let late) = fields["late"]
        else {
            Issue.record("no lists")
            return
        }
        #expect(!isRead("onTime") { _ in .array(onTime.reversed()) })
        #expect(!isRead("onTime") { _ in .array([onTime[0], onTime[0]]) })
        #expect(!isRead("late") { _ in .array(late + [onTime[1]]) })
        #expect(!isRead("deadlines") { _ in .array([]) })
        #expect(!isRead("deadlines.#1.version") { _ in .integer(1) })
        #expect(!isRead("deadlines.#0.version") { _ in .integer(2) })
    }
}
