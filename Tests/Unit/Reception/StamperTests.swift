import Canonical
import Evidence
import Foundation
import OpenSSL
import Procurement
import Records
import Sealing
import Synchronization
import Testing

@testable import Reception

/// An authority that answers and fails as a test wants, and counts.
private final class Scripted: TimestampSource {
    let name: String
    let isUp: Mutex<Bool>
    let asked = Mutex(0)
    private let notary: Stamping

    init(_ name: String, isUp: Bool = true) throws {
        self.name = name
        self.isUp = Mutex(isUp)
        notary = try House.stamping()
    }

    func token(over digest: InlineArray<32, UInt8>) throws(StampFailure) -> TimestampToken {
        asked.withLock { $0 += 1 }
        guard isUp.withLock({ $0 }) else { throw StampFailure("it cannot be reached") }
        do {
            let request = try TimestampRequest(imprint: digest)
            let answer = try notary.authority.answer(request.der, at: Dial.instant("11:22:33.444").milliseconds)
            return try TimestampResponse.token(of: answer, to: request, trust: [notary.ca]).token
        } catch { throw StampFailure("\(error)") }
    }

    func turn(_ up: Bool) { isUp.withLock { $0 = up } }
    var count: Int { asked.withLock { $0 } }
}

@Suite struct StamperTests {
    /// A stamper whose time a test turns.
    private final class Bench: Sendable {
        let now = Mutex<Int64>(1_000_000)
        let said = Mutex<[String]>([])

        func stamper(_ sources: [any TimestampSource]) -> Stamper {
            Stamper(sources: sources, now: { [self] in now.withLock { $0 } }) { [self] line in said.withLock { $0.append(line) } }
        }

        func pass(_ milliseconds: Int64) { now.withLock { $0 += milliseconds } }
        var last: String { said.withLock { $0.last ?? "" } }
    }

    private let digest = Digest(SHA256.hash(Array("x".utf8)))

    @Test func theFirstThatAnswersIsTaken() throws {
        let bench = Bench()
        let first = try Scripted("first.example", isUp: false)
        let second = try Scripted("second.example")
        let stamper = bench.stamper([first, second])
        #expect(stamper.token(over: digest)?.authority == "second.example")
        #expect(bench.last == "timestamp authority first.example: it cannot be reached; asked again in 1 s")
        // The first rests: it costs nobody its time-out meanwhile.
        #expect(stamper.token(over: digest)?.authority == "second.example")
        #expect(first.count == 1)
        first.turn(true)
        bench.pass(1000)
        #expect(stamper.token(over: digest)?.authority == "first.example")
        #expect(bench.last == "timestamp authority first.example: it answers again")
        #expect(second.count == 2)
    }

    @Test func pausesDoubleUpToFiveMinutes() throws {
        let bench = Bench()
        let only = try Scripted("only.example", isUp: false)
        let stamper = bench.stamper([only])
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            #expect(stamper.token(over: digest) == nil)
            #expect(bench.last.hasSuffix("asked again in \(seconds) s"))
            bench.pass(Int64(seconds) * 1000 - 1)
            let before = only.count
            #expect(stamper.token(over: digest) == nil && only.count == before)
            bench.pass(1)
        }
        only.turn(true)
        #expect(stamper.token(over: digest) != nil)
        only.turn(false)
        #expect(stamper.token(over: digest) == nil)
        #expect(bench.last.hasSuffix("asked again in 1 s"))
    }
}

/// Bids and closings in a house, stamped when the test says so.
@Suite struct StampingTests {
    private func deposit(_ house: House, _ id: Identifier, by user: House.User? = nil) throws -> BidReceived {
        try Upload.whole(house, id, by: user ?? house.bidder, Array("an offer".utf8)).bid
    }

    private func token(_ house: House, _ fact: Timestamped) throws -> TimestampToken {
        try TimestampToken(der: try #require(try house.vault.register.read { try $0.object(fact.token) }))
    }

    @Test func theEmbeddedAuthorityStampsBidsAndClosings() throws {
        let house = try House()
        let (id, _) = try house.published()
        let bid = try deposit(house, id)
        house.dial.turn(to: "11:10:00.500")
        #expect(!house.vault.stampSome(house.vault.stamper))
        let fact = try #require(try house.facts(Timestamped.self).first)
        #expect(fact.kind == .bid && fact.bid == bid.bid && fact.consultation == id)
        #expect(fact.authority == "embedded")
        #expect(fact.instant == Dial.instant("11:10:00.500"))
        let made = try token(house, fact)
        try made.verify(imprint: fact.subject.inline, trust: [house.vault.stamping.ca])
        let container = try house.vault.receipt(of: bid.bid, for: house.bidder.principal, bidCode: nil, token: house.bidder.token)
        #expect(container.token == made.der)
        #expect(fact.subject == Digest(SHA256.hash(container.asicManifest)))
        let read = try house.vault.register.read { try house.vault.stamp(ofBid: bid.bid, in: $0) }
        #expect(read?.token == made.der && read?.stamp.subject == fact.subject)

        house.dial.turn(to: "12:00:01.000")
        house.vault.tend()
        _ = house.vault.stampSome(house.vault.stamper)
        let closing = try #require(try house.facts(Timestamped.self).last)
        let bytes = try #require(try house.vault.register.read { try $0.closing(of: id) })
        #expect(closing.kind == .closing && closing.bid == nil)
        #expect(closing.subject == Digest(SHA256.hash(bytes)))
        try token(house, closing).verify(imprint: closing.subject.inline, trust: [house.vault.stamping.ca])
        // Each once.
        _ = house.vault.stampSome(house.vault.stamper)
        #expect(try house.facts(Timestamped.self).count == 2)
        #expect(try house.vault.register.read { try $0.unstampedCount() } == 0)
    }

    @Test func anUnsoundClockStampsNothing() throws {
        let house = try House(isJudged: true)
        let (id, _) = try house.published()
        house.dial.set(to: "11:30:00.000")
        let bid = try deposit(house, id)
        let stamper = Stamper(sources: house.vault.stamping.sources(clock: house.vault.clock), now: { 0 }) { _ in }
        #expect(!house.vault.stampSome(stamper))
        #expect(try house.facts(Timestamped.self).isEmpty)
        #expect(try house.vault.awaitStamp(ofBid: bid.bid, milliseconds: 60_000) == nil)
        #expect(try house.vault.register.read { try $0.unstampedCount() } == 1)
        house.dial.set(to: "11:00:00.000")
        _ = house.vault.stampSome(house.vault.stamper)
        #expect(try house.facts(Timestamped.self).count == 1)
    }

    /// The bid is received whatever the authority does; its stamp comes when it can, from the one that gave it.
    @Test func aSlowAuthorityCompletesLater() throws {
        let source = try Scripted("tsa.example", isUp: false)
        let house = try House(external: [source])
        let (id, _) = try house.published()
        let bids = try (0..<3).map { _ in try deposit(house, id) }
        #expect(!house.vault.stampSome(house.vault.stamper))
        #expect(source.count == 1, "one failure, and the others wait with it")
        #expect(try house.vault.register.read { try house.vault.stamp(ofBid: bids[0].bid, in: $0) } == nil)
        // The receipt is provisional, at once: nobody waits for somebody else's answer.
        #expect(try house.vault.awaitStamp(ofBid: bids[0].bid, milliseconds: 60_000) == nil)
        func token() throws -> [UInt8]? {
            try house.vault.receipt(of: bids[0].bid, for: house.bidder.principal, bidCode: nil, token: house.bidder.token).token
        }
        #expect(try token() == nil)
        source.turn(true)
        // As after a restart: another stamper, and the register's own list.
        let later = Stamper(sources: [source]) { _ in }
        _ = house.vault.stampSome(later)
        #expect(try token() != nil)
        let facts = try house.facts(Timestamped.self)
        #expect(facts.map(\.bid) == bids.map(\.bid))
        #expect(facts.allSatisfy { $0.authority == "tsa.example" && $0.instant == Dial.instant("11:22:33.444") })
    }

    @Test func aDamagedEnvelopeHoldsNobodyBack() throws {
        let house = try House()
        let (id, _) = try house.published()
        let broken = try deposit(house, id)
        let good = try deposit(house, id, by: house.otherBidder)
        try FileManager.default.removeItem(atPath: "\(house.folder)/envelopes/\(id)/\(broken.bid).seal")
        _ = house.vault.stampSome(house.vault.stamper)
        _ = house.vault.stampSome(house.vault.stamper)
        #expect(try house.facts(Timestamped.self).map(\.bid) == [good.bid])
        #expect(try house.vault.register.read { try $0.unstampedCount() } == 1)
    }

    @Test func aSecondStampIsNoEvent() throws {
        let house = try House()
        let (id, _) = try house.published()
        _ = try deposit(house, id)
        _ = house.vault.stampSome(house.vault.stamper)
        let fact = try #require(try house.facts(Timestamped.self).first)
        #expect(throws: RegisterFailure.self) {
            try house.vault.register.commit { _ in [EventDraft(log: .training, fact: fact)] }
        }
        #expect(try house.facts(Timestamped.self).count == 1)
        #expect(try house.vault.register.differences() == [])
    }

    @Test func publicationAsksForAnExternalAuthority() throws {
        let house = try House(isExternalRequired: true)
        _ = try house.published()  // of training: allowed
        #expect(refusal { try house.published(training: false) } == .timestamps)
        let other = try House(external: [Scripted("tsa.example", isUp: false)], isExternalRequired: true)
        _ = try other.published(training: false)
    }
}
