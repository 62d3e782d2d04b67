import Canonical
import Procurement
import Sealing
import Testing

@testable import Evidence

private func replacing(_ bytes: [UInt8], _ old: String, _ new: String) -> [UInt8] {
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains(old), "\(old)")
    return Array(text.replacing(old, with: new).utf8)
}

/// Each word that minutes repeat of a bid's event or of the statement is compared.
@Suite("What minutes repeat, word for word")
struct ReconciliationFieldTests {
    private func failure(_ minutes: OpeningMinutes) throws -> String {
        let reconciliation = try Reconciliation(Sitting.statement(), consultation: Sitting.consultation, served: Sitting.served)
        do throws(EvidenceError) {
            try reconciliation.check(minutes, statement: Sitting.digest(0xcd))
            return "none"
        } catch {
            return error.reason
        }
    }

    @Test(arguments: [
        ("\"position\":10", "\"position\":9"), ("\"verdict\":\"replaced\"", "\"verdict\":\"withdrawn\""),
        ("\"depositor\":\"\(Sitting.id(0xb1))\"", "\"depositor\":\"\(Sitting.id(0xb9))\""), ("Société 177", "Société 178"),
        ("\"started\":\"2026-11-23T10:59:59.000Z\"", "\"started\":\"2026-11-23T10:59:58.000Z\""),
        ("\"received\":\"2026-11-23T11:00:00.000Z\"", "\"received\":\"2026-11-23T11:00:00.001Z\""),
        ("\"recorded\":\"2026-11-23T11:00:00.000Z\"", "\"recorded\":\"2026-11-23T11:00:00.001Z\""),
        ("\"previous\":\"\(Sitting.id(1))\"", "\"previous\":\"\(Sitting.id(2))\""), ("\"clock\":\"unsound\"", "\"clock\":\"sound\""),
        ("\"intent\":\"unstated\"", "\"intent\":\"replaces\""),
    ])
    func aWordOfABid(old: String, new: String) throws {
        let changed = try OpeningMinutes(canonical: replacing(Sitting.minutes().canonicalBytes, old, new))
        #expect(try failure(changed).contains("is told otherwise in the minutes than in its event"))
    }

    @Test(arguments: [
        ("\"attempts\":2", "\"attempts\":3"), ("\"drafts\":0", "\"drafts\":1"), ("\"onTime\":3", "\"onTime\":4"),
        ("\"cause\":\"not-running\"", "\"cause\":\"clock\""),
        ("\"deadlines\":[\"2026-11-23T12:00:00.000Z\"]", "\"deadlines\":[\"2026-11-23T12:00:00.001Z\"]"),
    ])
    func aWordOfTheStatement(old: String, new: String) throws {
        let changed = try OpeningMinutes(canonical: replacing(Sitting.minutes().canonicalBytes, old, new))
        #expect(try failure(changed) == "the minutes speak of another closing statement")
    }

    @Test func aWithdrawalThatNothingShowsIsNamed() {
        let statement = Sitting.statement([
            .onTime: [Sitting.entry(2), Sitting.entry(3), Sitting.entry(5)], .withdrawn: [Sitting.entry(1)], .late: [Sitting.entry(4)],
        ])
        #expect(throws: EvidenceError("bid \(Sitting.id(1)) is replaced by its event, withdrawn in the closing statement")) {
            _ = try Reconciliation(statement, consultation: Sitting.consultation, served: Sitting.served)
        }
    }

    /// Late, and so in no statement: its own event says whose it is.
    @Test func aBidOfAnotherConsultationIsNotServedHere() throws {
        let late = Sitting.event(6, by: 0xb6, received: "12:30:00.000").canonicalBytes
        let elsewhere = replacing(late, "\"consultation\":\"\(Sitting.consultation)\"", "\"consultation\":\"\(Sitting.id(0xc1))\"")
        let more = Sitting.served + [.init(position: 30, bid: Sitting.id(6), event: elsewhere, given: nil)]
        #expect(throws: EvidenceError("the event of bid \(Sitting.id(6)) is not its own")) {
            _ = try Reconciliation(Sitting.statement(), consultation: Sitting.consultation, served: more)
        }
    }

    // MARK: Verdicts given later

    /// The fifth bid, received on a clock that was not believed, with this verdict.
    private func served(
        _ rule: VerdictGiven.Rule, since: String = "11:00:00.000", until: String = "11:30:00.000", received: String? = nil, bid: UInt8 = 5
    ) -> [Reconciliation.Served] {
        let given = Event(
            log: .real, at: Sitting.instant("13:00:00.000"), nonce: [UInt8](repeating: 9, count: 16),
            fact: VerdictGiven(
                consultation: Sitting.consultation, bid: Sitting.id(bid), verdict: .onTime, rule: rule, since: Sitting.instant(since),
                until: Sitting.instant(until), received: received.map(Sitting.instant)))
        var served = Sitting.served
        served[4] = .init(position: 14, bid: Sitting.id(5), event: served[4].event, given: given.canonicalBytes)
        return served
    }

    private func isLate(_ served: [Reconciliation.Served]) -> Bool? {
        let (one, two, three, four, five) = (Sitting.entry(1), Sitting.entry(2), Sitting.entry(3), Sitting.entry(4), Sitting.entry(5))
        let late = Sitting.statement([.onTime: [two, three], .replaced: [one], .late: [four, five]])
        let holds = [late, Sitting.statement()].map {
            (try? Reconciliation($0, consultation: Sitting.consultation, served: served)) != nil
        }
        return holds == [true, false] ? true : holds == [false, true] ? false : nil
    }

    @Test func aVerdictFollowsFromItsRuleAndTheLastDeadline() {
        #expect(isLate(served(.elapsed, received: "12:00:00.999")) == false)
        #expect(isLate(served(.elapsed, received: "12:00:01.000")) == true)
        for rule in [VerdictGiven.Rule.span, .doubt] {
            #expect(isLate(served(rule, since: "12:00:00.999", until: "12:30:00.000")) == false)
            #expect(isLate(served(rule, since: "12:00:01.000", until: "12:30:00.000")) == true)
        }
        #expect(isLate(served(.closed, until: "12:00:00.999")) == false)
        #expect(isLate(served(.closed, until: "12:00:01.000")) == true)
    }

    @Test func aVerdictOnAnotherBidIsNone() {
        #expect(isLate(served(.elapsed, received: "11:10:00.000")) == false)
        #expect(isLate(served(.elapsed, received: "11:10:00.000", bid: 4)) == nil)
    }

    /// A verdict of its own on a clock that was not believed is none.
    @Test func aVerdictOnAClockThatIsNotBelievedIsRefused() throws {
        var served = Sitting.served
        let event = replacing(served[3].event, "\"clock\":\"sound\"", "\"clock\":\"unsound\"")
        served[3] = .init(position: 13, bid: Sitting.id(4), event: event, given: nil)
        #expect(throws: EvidenceError("bid \(Sitting.id(4)) has a verdict on a clock not believed")) {
            _ = try Reconciliation(Sitting.statement(), consultation: Sitting.consultation, served: served)
        }
    }
}

@Suite("Minutes have one writing")
struct MinutesReadingTests {
    /// A field more in any object, at any depth.
    @Test func aFieldMoreIsRefused() throws {
        let minutes = try Sitting.minutes()
        for (bytes, reads) in [
            (minutes.canonicalBytes, { (try? OpeningMinutes(canonical: $0)) != nil }),
            (MinutesExtract(of: minutes).canonicalBytes, { (try? MinutesExtract(canonical: $0)) != nil }),
        ] as [([UInt8], ([UInt8]) -> Bool)] {
            #expect(reads(bytes))
            // No text of these has a brace.
            let places = bytes.indices.filter { bytes[$0] == UInt8(ascii: "{") }
            #expect(places.count > 10)
            for place in places {
                let more = bytes[...place] + Array("\"!\":0,".utf8) + bytes[(place + 1)...]
                #expect(!reads(Array(more)), "\(String(decoding: bytes[..<place].suffix(20), as: UTF8.self))")
            }
        }
    }

    private func reads(_ old: String, _ new: String) throws -> Bool {
        (try? OpeningMinutes(canonical: replacing(Sitting.minutes().canonicalBytes, old, new))) != nil
    }

    @Test func whatContradictsItselfIsRefused() throws {
        #expect(try !reads("\"result\":\"failed\"", "\"result\":\"opened\""), "a cause, and opened")
        #expect(try !reads("\"cause\":\"received after the deadline\",", ""), "none, and withheld")
        #expect(try !reads("\"deadlines\":[\"2026-11-23T12:00:00.000Z\"]", "\"deadlines\":[]"))
        #expect(try !reads("\"k\":2", "\"k\":4"))
        let part = "\"parts\":[\"offer\"]"
        #expect(try reads(part, "\"parts\":[\"\(String(repeating: "a", count: 4096))\"]"))
        #expect(try !reads(part, "\"parts\":[\"\(String(repeating: "a", count: 4097))\"]"))
    }
}
