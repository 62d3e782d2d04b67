import Canonical
import OpenSSL
import Procurement
import Sealing
import Testing

@testable import Evidence

/// The first two bids of the sitting are sealed to the keys before; the others to those that were added.
@Suite("Evidence where keys were added")
struct AddedKeysTests {
    private static let (first, second, third) = (Sitting.digest(0xf1), Sitting.digest(0xf2), Sitting.digest(0xf3))

    private static let events: [[UInt8]] = Sitting.events.enumerated().map { index, event in
        let text = String(decoding: event.canonicalBytes, as: UTF8.self)
        return Array((index < 2 ? text : text.replacing("\"keys\":\"\(first)\"", with: "\"keys\":\"\(second)\"")).utf8)
    }

    private static var served: [Reconciliation.Served] {
        Sitting.served.enumerated().map {
            .init(position: $0.element.position, bid: $0.element.bid, event: events[$0.offset], given: $0.element.given)
        }
    }

    private static func entry(_ number: UInt8) -> ClosingStated.Entry {
        .init(position: Int64(9 + number), leaf: Digest(of: [0] + events[Int(number) - 1]), bid: Sitting.id(number))
    }

    private static func statement(earlier: [ClosingStated.KeySet] = [.init(keys: first, k: 2, n: 3)]) -> ClosingStated {
        let plain = Sitting.statement([.onTime: [entry(2), entry(3), entry(5)], .replaced: [entry(1)], .late: [entry(4)]])
        return ClosingStated(
            consultation: plain.consultation, deadlines: plain.deadlines, keys: second, k: 3, n: 5, earlier: earlier, bids: plain.bids,
            drafts: plain.drafts, attempts: plain.attempts, outages: plain.outages, size: plain.size, root: plain.root)
    }

    private static func reconciliation(_ keys: Digest?) throws -> Reconciliation {
        try Reconciliation(statement(), consultation: Sitting.consultation, keys: keys, served: served)
    }

    private static func minutes(_ keys: Digest, _ change: (inout [MinutesBid]) -> Void = { _ in }) throws -> OpeningMinutes {
        let plain = try Sitting.minutes()
        var bids = try reconciliation(keys).bids.map { bid in
            MinutesBid(
                bid.event, position: bid.position, verdict: bid.verdict, result: bid.isToOpen ? .opened : .withheld,
                cause: bid.isToOpen ? nil : "withheld", candidate: nil, documents: [], keys: bid.otherKeys)
        }
        change(&bids)
        let session = plain.session
        return OpeningMinutes(
            subject: plain.subject,
            session: .init(
                opening: session.opening, digest: session.digest, log: .real, parts: session.parts, announcer: 1, fingerprint: keys, k: 2,
                n: 3, announced: session.announced, released: session.released, concluded: session.concluded),
            statement: StatementSummary(statement(), digest: digest, position: 21), members: plain.members, wrongShares: [], refusals: 0,
            decisions: [], reconciled: plain.reconciled, bids: bids)
    }

    private static let bytes = Event(
        log: .real, at: Sitting.instant("12:00:02.000"), nonce: [UInt8](repeating: 5, count: 16), fact: statement()
    ).canonicalBytes
    private static var digest: Digest { Digest(of: bytes) }

    /// Another bid than `index` there, with these keys and this result.
    private static func altered(_ index: Int, _ keys: Digest?, _ result: Minutes.Result, in bids: inout [MinutesBid]) {
        guard let event = Sitting.events[index].fact as? BidReceived else { return }
        bids[index] = MinutesBid(
            event, position: bids[index].position, verdict: bids[index].verdict, result: result, cause: result == .opened ? nil : "x",
            candidate: nil, documents: [], keys: keys)
    }

    // MARK: At the opener's tool

    @Test func anOpeningIsOfTheBidsUnderItsOwnKeys() throws {
        #expect(try Self.reconciliation(Self.first).toOpen == Set([1, 2].map(Sitting.id)))
        #expect(try Self.reconciliation(Self.second).toOpen == Set([3, 5].map(Sitting.id)))
        #expect(try Self.reconciliation(nil).toOpen == Set([3, 5].map(Sitting.id)), "the statement's own, where none is named")
        // Keys that the statement does not name are nobody else's to open: the daemon answers for such a bid.
        let alone = try Reconciliation(
            Self.statement(earlier: []), consultation: Sitting.consultation, keys: Self.second, served: Self.served)
        #expect(alone.toOpen == Set([1, 2, 3, 5].map(Sitting.id)))
    }

    @Test func minutesLeaveToTheOthersWhatIsTheirs() throws {
        func failure(_ minutes: OpeningMinutes, _ keys: Digest) throws -> String {
            let reconciliation = try Self.reconciliation(keys)
            do throws(EvidenceError) {
                try reconciliation.check(minutes, statement: Self.digest)
                return "none"
            } catch { return error.reason }
        }
        #expect(try failure(Self.minutes(Self.first), Self.first) == "none" && failure(Self.minutes(Self.second), Self.second) == "none")
        // A rival's bid that is said to be somebody else's to open, and one of the others' that is opened.
        #expect(try failure(Self.minutes(Self.first) { Self.altered(0, Self.second, .withheld, in: &$0) }, Self.first).contains("told otherwise"))
        #expect(try failure(Self.minutes(Self.first) { Self.altered(2, nil, .opened, in: &$0) }, Self.first).contains("told otherwise"))
        #expect(try failure(Self.minutes(Self.first) { Self.altered(2, nil, .withheld, in: &$0) }, Self.first).contains("told otherwise"))
    }

    @Test func minutesAreReadAsTheyAreWritten() throws {
        let minutes = try Self.minutes(Self.first)
        #expect(try OpeningMinutes(canonical: minutes.canonicalBytes) == minutes)
        let text = String(decoding: minutes.canonicalBytes, as: UTF8.self)
        let opened = text.replacing("\"keys\":\"\(Self.second)\"", with: "\"keys\":\"\(Self.second)\"").replacing("\"cause\":\"withheld\",", with: "")
            .replacing("\"withheld\"", with: "\"opened\"")
        #expect((try? OpeningMinutes(canonical: Array(opened.utf8))) == nil, "of other keys, and opened")
        for language in MinutesPage.Language.allCases {
            #expect(String(decoding: MinutesPage(language).page(minutes), as: UTF8.self).contains(Self.second.hex))
        }
    }

    // MARK: Offline

    private func report(_ minutes: OpeningMinutes, _ more: [[UInt8]] = []) throws -> Report {
        let key = try PrivateKey.generateP256()
        let certificate = try Certificate.selfSigned(key, commonName: "Claire", usage: .sealing, notBefore: 0, notAfter: 4_102_444_800)
        let signed = try Signed.make(minutes, key: key, certificate: certificate).canonicalBytes
        return ClosingVerifier(keys: [], takesTraining: false).report(
            on: Self.bytes, given: ([signed] + more).enumerated().map { .init(name: "file\($0.offset)", bytes: $0.element) })
    }

    private func failure(_ minutes: OpeningMinutes, _ more: [[UInt8]] = []) throws -> String {
        try report(minutes, more).checks.filter { $0.outcome == .fails }.map { "\($0.name): \($0.text)" }.joined(separator: "; ")
    }

    @Test func bothMinutesHoldBesideTheStatement() throws {
        for keys in [Self.first, Self.second] {
            let report = try report(Self.minutes(keys), Array(Self.events.prefix(4)))
            #expect(report.isGood, "\(report.text)")
            #expect(report.text.contains("are sealed to other keys"), "\(report.text)")
        }
    }

    @Test func whatIsWronglyLeftToOthersIsNamed() throws {
        #expect(try failure(Self.minutes(Self.third)).contains("another statement, consultation or key set"))
        let own = "is left to other keys there, which are not its own or not of the statement"
        for keys in [Self.first, Self.third] {
            let left = try Self.minutes(Self.first) { Self.altered(0, keys, .withheld, in: &$0) }
            #expect(try failure(left).contains(own))
        }
        // Only its event says that it is not: without that nothing offline does.
        let left = try Self.minutes(Self.first) { Self.altered(0, Self.second, .withheld, in: &$0) }
        #expect(try failure(left) == "" && failure(left, Self.events).contains(own))
        let unread = try Self.minutes(Self.first) { Self.altered(1, nil, .withheld, in: &$0) }
        #expect(try failure(unread).contains("are not those that came in time"))
    }

    // MARK: In an export

    private func said(_ facts: [any Fact]) -> [String] {
        var log = LoggedConsultations()
        for (position, fact) in facts.enumerated() {
            let event = Event(log: .real, at: Sitting.instant("12:00:02.000"), nonce: [UInt8](repeating: 5, count: 16), fact: fact)
            log.take(event, event.canonicalBytes, leaf: Digest(of: [0] + event.canonicalBytes), position: Int64(position), place: "\(position)")
        }
        return log.report.checks.filter { $0.outcome == .fails }.map { "\($0.name): \($0.text)" }
    }

    private func set(_ fingerprint: Digest) -> any Fact {
        KeysSet(
            consultation: Sitting.consultation, user: Sitting.id(1), fingerprint: fingerprint, k: 2, n: 3, notBefore: Sitting.deadline.instant,
            parts: [.init(part: "offer", certificate: fingerprint, capsule: fingerprint, secret: fingerprint)])
    }

    private func accepted(_ fingerprint: Digest, by count: Int = 3) -> [any Fact] {
        (1..<count + 1).map {
            KeyAccepted(
                consultation: Sitting.consultation, user: Sitting.id(1), fingerprint: fingerprint, member: $0, acceptance: Sitting.digest(1))
        }
    }

    private func added(_ fingerprint: Digest, for replaces: Digest = first) -> any Fact {
        KeysAdded(consultation: Sitting.consultation, user: Sitting.id(1), fingerprint: fingerprint, replaces: replaces, grounds: "A theft.")
    }

    private var published: [any Fact] {
        [
            ConsultationCreated(
                consultation: Sitting.consultation, account: Sitting.id(1), buyer: "B", user: Sitting.id(1), reference: "R", title: "T", object: nil,
                deadline: Sitting.deadline.instant, timeZone: "UTC", parts: ["offer"], limits: Limits(document: 9, bid: 9, documents: 9)),
            set(Self.first),
            Published(
                consultation: Sitting.consultation, user: Sitting.id(1), fingerprint: Self.first, deadline: Sitting.deadline.instant,
                deadlineVersion: 1),
        ]
    }

    private func closed(_ earlier: [ClosingStated.KeySet], keys: Digest) -> any Fact {
        ClosingStated(
            consultation: Sitting.consultation, deadlines: [Sitting.deadline], keys: keys, k: 2, n: 3, earlier: earlier, bids: [:], drafts: 0,
            attempts: 0, outages: [], size: 1, root: .zero)
    }

    @Test func anExportFollowsWhatWasAdded() {
        let whole = published + [set(Self.second)] + accepted(Self.second) + [added(Self.second)]
        let before = ClosingStated.KeySet(keys: Self.first, k: 2, n: 3)
        #expect(said(whole + [closed([before], keys: Self.second)]) == [])
        let wrong = "closing: its key sets or quorums are not those that the events set"
        #expect(said(whole + [closed([], keys: Self.second)]) == [wrong])
        #expect(said(whole + [closed([], keys: Self.first)]) == [wrong])
        #expect(said(whole + [closed([.init(keys: Self.first, k: 1, n: 3)], keys: Self.second)]) == [wrong])
        // What is proposed is not in force.
        #expect(said(published + [set(Self.second)] + [closed([], keys: Self.first)]) == [])
        let unfounded = "keys: it puts keys in force that were not proposed, or in place of others than the last"
        #expect(said(published + accepted(Self.second) + [added(Self.second)]) == [unfounded])
        #expect(said(published + [set(Self.second)] + accepted(Self.second) + [added(Self.second, for: Self.third)]) == [unfounded])
        #expect(said(whole + [added(Self.second, for: Self.second)]) == [unfounded])
        let few = "keys: it puts keys in force that too few of their members had accepted"
        #expect(said(published + [set(Self.second)] + accepted(Self.second, by: 2) + [added(Self.second)]) == [few])
    }

    @Test func aBidUnderKeysThatWereNeverInForceIsNamed() throws {
        let bid = try #require(Sitting.events[3].fact as? BidReceived)
        func whole(_ keys: Digest) throws -> [String] {
            let event = try Event(canonical: Array(String(decoding: Sitting.events[3].canonicalBytes, as: UTF8.self).replacing("\"keys\":\"\(Self.first)\"", with: "\"keys\":\"\(keys)\"").utf8))
            let facts = published + [event.fact]
            let written = Event(log: .real, at: Sitting.instant("12:00:02.000"), nonce: [UInt8](repeating: 5, count: 16), fact: event.fact)
            let entry = ClosingStated.Entry(position: 3, leaf: Digest(of: [0] + written.canonicalBytes), bid: bid.bid)
            let statement = ClosingStated(
                consultation: Sitting.consultation, deadlines: [Sitting.deadline], keys: Self.first, k: 2, n: 3, bids: [.late: [entry]], drafts: 0,
                attempts: 0, outages: [], size: 1, root: .zero)
            return said(facts + [statement])
        }
        #expect(try whole(Self.first) == [])
        #expect(try whole(Self.third) == ["closing: bid \(bid.bid) is sealed to keys that were never in force"])
    }
}
