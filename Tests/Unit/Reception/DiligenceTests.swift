import Canonical
import Foundation
import Merkle
import OpenSSL
import Procurement
import Records
import Testing

@testable import Reception

/// Attempts that ended in nothing, the daemon's own health, and what it vouches for.
struct DiligenceTests {
    private func refusal(_ body: () throws -> Void) -> Refusal.Kind? {
        do {
            try body()
            return nil
        } catch {
            return (error as? Refusal)?.kind
        }
    }

    @Test func aCutAttemptIsFoundByItsDepositorAlone() throws {
        let house = try House()
        let (id, _) = try house.published()
        let upload = try Upload(house, id, by: house.bidder, length: 100)
        upload.send([1, 2, 3])
        upload.abandon("cut")
        _ = try house.facts(AttemptFailed.self)
        let settled = try waitFor { try house.facts(AttemptTraced.self).first }
        #expect(settled.attempt == upload.attempt && settled.announced == 100 && settled.cause == "cut")
        #expect(settled.limits == [.init(name: "documentBytes", value: 7)])

        let view = try house.vault.attempt(upload.attempt, for: house.bidder.principal)
        #expect(view.bid == nil && view.events.count == 1)
        #expect(try house.vault.attempts(for: house.bidder.principal).map(\.attempt) == [upload.attempt])
        #expect(try house.vault.attempts(for: house.otherBidder.principal).isEmpty)
        #expect(refusal { _ = try house.vault.attempt(upload.attempt, for: house.otherBidder.principal) } == .notFound)
        #expect(refusal { _ = try house.vault.attempt(upload.attempt, for: house.buyer.principal) } == .forbidden)
        #expect(refusal { _ = try house.vault.attest(attempt: upload.attempt, by: house.otherBidder.principal) } == .notFound)
        #expect(refusal { _ = try house.vault.attempt(identifier(9), for: house.bidder.principal) } == .notFound)
    }

    @Test func aBidIsItsAttempt() throws {
        let house = try House()
        let (id, _) = try house.published()
        let upload = try Upload(house, id, by: house.bidder, length: 3)
        upload.send([1, 2, 3])
        upload.finish()
        #expect(try upload.receipt().bid.bid == upload.attempt)
        let view = try house.vault.attempt(upload.attempt, for: house.bidder.principal)
        #expect(view.bid?.bid == upload.attempt)
        #expect(try Event(canonical: view.events[0].bytes).fact is BidReceived)
        #expect(refusal { _ = try house.vault.attempt(upload.attempt, for: house.otherBidder.principal) } == .notFound)
    }

    @Test func whatWasShownIsKept() throws {
        let house = try House()
        let (id, _) = try house.published()
        let attempt = Attempt(number: identifier(7), started: house.dial.clock.now, announced: 5, limits: [])
        house.vault.record(
            Refusal(.tooLarge), of: "deposit", by: house.bidder.principal, consultation: id,
            attempt: (attempt, ShownProblem(status: 413, reference: "abc")))
        let traced = try #require(try house.facts(AttemptTraced.self).first)
        #expect(traced.status == 413 && traced.reference == "abc" && traced.cause == "too-large" && traced.consultation == id)
        #expect(try house.vault.attempt(identifier(7), for: house.bidder.principal).events.count == 1)
    }

    @Test func anAttestationIsAnEventOnceAndHoldsWhatItSays() throws {
        let house = try House()
        let (id, _) = try house.published()
        let bid = try Upload.whole(house, id, by: house.bidder, [1, 2, 3]).bid.bid
        let first = try house.vault.attest(attempt: bid, by: house.bidder.principal)
        let again = try house.vault.attest(attempt: bid, by: house.bidder.principal)
        #expect(first.event == again.event && first.statement == again.statement)
        let keys = try house.vault.register.read { try $0.verifierKeys(.training) }
        #expect(throws: Never.self) { try LogProof(first.proof).verify(entry: first.event, keys: keys) }
        let attested = try house.facts(Attested.self)
        #expect(attested.count == 1 && attested[0].statement == Digest(SHA256.hash(first.statement)))
        let statement = try AttemptStatement(canonical: first.statement)
        #expect(statement.bid == bid && statement.instance == house.vault.platform.instance)
        #expect(try Event(canonical: statement.events[0].bytes).fact is BidReceived)
        #expect(try Event(canonical: first.event).fact is Attested && first.log == .training)
    }

    @Test func attestationsAreRationed() throws {
        let house = try House()
        let admin = try house.admin()
        var kinds: [Refusal.Kind?] = []
        for hour in 0..<101 {
            let from = Instant(milliseconds: Int64(hour) * 3_600_000)
            kinds.append(refusal { _ = try house.vault.attestHealth(from: from, to: from.advanced(bySeconds: 60), by: admin) })
        }
        #expect(kinds.prefix(100).allSatisfy { $0 == nil } && kinds[100] == .busy)
        #expect(refusal { _ = try house.vault.attestHealth(from: .init(milliseconds: 2), to: .init(milliseconds: 2), by: admin) } == .invalid)
        let (from, to) = (Instant(milliseconds: 0), Instant(milliseconds: 367 * 86_400_000))
        #expect(refusal { _ = try house.vault.attestHealth(from: from, to: to, by: admin) } == .invalid)
        #expect(refusal { _ = try house.vault.attestHealth(from: from, to: .init(milliseconds: 9), by: house.bidder.principal) } == .forbidden)
    }

    // MARK: Health

    private func look(_ house: House, at time: String, accepts: Bool = true) throws {
        house.dial.turn(to: time)
        house.vault.watch { accepts }
        _ = try house.vault.register.commit { _ in [] }
    }

    @Test func samplesAreTakenEveryTenSecondsAndDigestedHourly() throws {
        let house = try House()
        for time in ["11:59:30.000", "11:59:31.000", "11:59:39.999", "11:59:40.000", "11:59:50.000"] { try look(house, at: time) }
        #expect(try house.facts(Health.self, in: .real).isEmpty)
        try look(house, at: "12:00:00.000")
        let first = try #require(try house.facts(Health.self, in: .real).first)
        #expect(first.count == 3 && first.outages.isEmpty && first.hour == Dial.instant("11:00:00.000"))
        let object = try #require(try house.vault.register.read { try $0.object(first.samples) })
        let samples = try HealthSamples(canonical: object).samples
        #expect(samples.map(\.at) == ["11:59:30.000", "11:59:40.000", "11:59:50.000"].map(Dial.instant))
        #expect(samples.allSatisfy { $0.accepts && $0.scribe != nil && $0.free > 0 })

        // Silence over the hour, and a daemon that answers nobody.
        try look(house, at: "12:20:00.000")
        try look(house, at: "12:20:10.000", accepts: false)
        try look(house, at: "12:20:20.000")
        let told = try house.sampledOutages(from: Dial.instant("00:00:00.000"), to: Dial.instant("23:00:00.000"))
        #expect(told.map(\.cause) == ["not-running", "not-accepting"])
        try look(house, at: "13:00:05.000")
        let second = try #require(try house.facts(Health.self, in: .real).last)
        #expect(second.hour == Dial.instant("12:00:00.000") && second.count == 4)
        #expect(second.outages == told)
        // The silence before the last sample is told before its hour is over, and those recorded are told still.
        let all = try house.sampledOutages(from: Dial.instant("00:00:00.000"), to: Dial.instant("23:00:00.000"))
        #expect(all.map(\.cause) == ["not-running", "not-accepting", "not-running"])
        #expect(all.last == Outage(from: Dial.instant("12:20:20.000"), to: Dial.instant("13:00:05.000"), cause: "not-running"))
        // Bounds: only what overlaps.
        #expect(try house.sampledOutages(from: Dial.instant("12:20:20.000"), to: Dial.instant("12:20:20.001")) == [all[2]])
        #expect(try house.sampledOutages(from: Dial.instant("12:10:00.000"), to: Dial.instant("12:11:00.000")) == [all[0]])
        #expect(try house.sampledOutages(from: Dial.instant("11:00:00.000"), to: Dial.instant("12:00:00.000")).isEmpty)
    }

    @Test func theHealthOfAPeriodIsVouchedFor() throws {
        let house = try House()
        for time in ["11:00:00.000", "11:30:00.000", "12:00:00.000", "13:00:00.000"] { try look(house, at: time) }
        let (from, to) = (Dial.instant("11:00:00.000"), Dial.instant("12:00:00.000"))
        let statement = try HealthStatement(canonical: house.vault.attestHealth(from: from, to: to, by: house.admin()).statement)
        #expect(statement.hours.map(\.hour) == [Dial.instant("11:00:00.000")] && statement.hours[0].count == 2)
        #expect(statement.outages.map(\.to) == ["11:30:00.000", "12:00:00.000"].map(Dial.instant))
        let bytes = try #require(try house.vault.register.read { try $0.event(.real, at: statement.hours[0].position) })
        #expect((try Event(canonical: bytes).fact as? Health)?.samples == statement.hours[0].samples)
    }

    private func waitFor<Value>(_ body: () throws -> Value?) throws -> Value {
        for _ in 0..<1000 {
            if let value = try body() { return value }
            usleep(10_000)
        }
        throw VaultFailure.register("nothing came")
    }
}
