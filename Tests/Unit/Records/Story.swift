import Canonical
import Records

@testable import Procurement

/// A whole procedure, every type of event in it at least once.
struct Story {
    let buyer = id(0x10)
    let company = id(0x11)
    let rival = id(0x12)
    let buyerUser = id(0x20)
    let bidderUser = id(0x21)
    let openerUser = id(0x22)
    let consultation = id(0x30)
    let training = id(0x31)
    let first = id(0x40)
    let late = id(0x41)
    let again = id(0x42)
    let draft = id(0x43)
    let dropped = id(0x44)
    let copy = id(0x45)
    let opening = id(0x50)
    let voided = id(0x51)
    let reshare = id(0x52)
    let pendingReshare = id(0x53)

    let limits = Limits(document: 1000, bid: 2000, documents: 10)
    let deadline = Instant(milliseconds: 1_795_500_000_000)
    let extended = Instant(milliseconds: 1_795_600_000_000)
    let reopened = Instant(milliseconds: 1_795_700_000_000)
    let person: Digest
    /// In the order of its events, all but the two `log-opened`.
    private(set) var events: [CommittedEvent] = []

    /// The objects that the events name, and the digests under which they do.
    static let object = (
        oldSet: Array("old key set".utf8), set: Array("key set".utf8), capsule: Array("capsule".utf8),
        acceptance: Array("acceptance".utf8), answer: Array("answer".utf8), announcement: Array("announcement".utf8),
        approval: Array("approval".utf8), share: Array("share".utf8), minutes: Array("minutes".utf8),
        lists: Array("lists".utf8), rehearsal: Array("rehearsal".utf8), extract: Array("extract".utf8), token: Array("token".utf8),
        committee: Array("committee".utf8), newSet: Array("new key set".utf8), pendingSet: Array("pending key set".utf8),
        newCapsule: Array("new capsule".utf8), addedSet: Array("added key set".utf8), proposedSet: Array("proposed key set".utf8)
    )
    let oldFingerprint = digestOf(object.oldSet)
    let fingerprint = digestOf(object.set)
    let newFingerprint = digestOf(object.newSet)
    let pendingFingerprint = digestOf(object.pendingSet)
    let addedFingerprint = digestOf(object.addedSet)
    let proposedFingerprint = digestOf(object.proposedSet)

    init(in register: Register) throws {
        let kept = Kept()
        try register.commit { transaction in
            let all = Story.object
            for bytes in [
                all.oldSet, all.set, all.capsule, all.acceptance, all.answer, all.announcement, all.approval, all.share,
                all.minutes, all.lists, all.rehearsal, all.extract, all.token,
                all.committee, all.newSet, all.pendingSet, all.newCapsule, all.addedSet, all.proposedSet,
            ] { try transaction.keep(bytes) }
            kept.person = try transaction.keep(Person(name: "Ada Lovelace"))
            return []
        }
        person = kept.person
        for (log, facts) in steps(register) {
            let known = events
            events += try register.commit { _ in
                try facts(known).map { EventDraft(log: log, fact: $0) }
            }
        }
    }

    private typealias Step = (Log, @Sendable ([CommittedEvent]) throws -> [any Fact])

    private func steps(_ register: Register) -> [Step] {
        [
            (.real, { _ in try people() }),
            (.training, { _ in [created(training)] }),
            (.real, { _ in [created(consultation)] }),
            (.real, { _ in [keys(oldFingerprint, secret: digest(0x60))] }),
            (.real, { _ in [accepted(oldFingerprint, 1), keys(fingerprint, secret: digest(0x61))] }),
            (.real, { _ in [accepted(fingerprint, 3), accepted(fingerprint, 1)] }),
            (.real, { _ in rehearsals() }),
            (
                .real,
                { _ in
                    [
                        Published(
                            consultation: consultation, user: buyerUser, fingerprint: fingerprint, deadline: deadline,
                            deadlineVersion: 1)
                    ]
                }
            ),
            (
                .real,
                { _ in
                    [
                        bid(
                            first, company, .onTime,
                            outcome: .init(key: digest(0x70), answer: digestOf(Story.object.answer)))
                    ]
                }
            ),
            (
                .real,
                { _ in
                    let digest = digestOf(Story.object.lists)
                    return [ReceiptKept(bid: first, manifests: digest, tokenManifests: digest)]
                }
            ),
            (.real, { _ in failures() }),
            (.real, { _ in drafts() }),
            (
                .real,
                { _ in
                    [
                        DeadlineExtended(
                            consultation: consultation, user: buyerUser, deadline: extended, deadlineVersion: 2)
                    ]
                }
            ),
            (.real, { _ in clocks() + [bid(again, company, .pending, version: 2, outcome: nil)] }),
            (.real, { _ in [ClockAccepted(instant: deadline, drift: 9, reason: "Right.")] + judged() }),
            (.real, { _ in [oldClosing()] }),
            (.real, { _ in [announcement(voided)] }),
            (.real, { _ in reopening() }),
            (.real, { events in [closed(events)] }),
            (.real, { events in afterClosing(events) }),
            (
                .real,
                { _ in
                    [
                        bid(late, rival, .late, version: 2, outcome: nil),
                        LateBidAdmitted(
                            consultation: consultation, bid: late, user: buyerUser, ground: .platformFaultAndDiligence,
                            grounds: "A fault."),
                    ]
                }
            ),
            (
                .real,
                { _ in
                    [
                        Timestamped(
                            subject: digest(0x67), kind: .bid, consultation: consultation, bid: first,
                            token: digestOf(Story.object.token), authority: "tsa.example", instant: extended)
                    ]
                }
            ),
            (.real, { _ in changes() }),
            (.real, { _ in announced() }),
            (.real, { _ in concluded() }),
            (.real, { _ in reshared() }),
            (.real, { _ in replaced() }),
            (.real, { _ in added() }),
        ]
    }

    private func rehearsals() -> [any Fact] {
        [
            CommitteeSet(account: buyer, user: buyerUser, name: "cao", committee: digestOf(Story.object.committee)),
            CommitteeSet(account: buyer, user: openerUser, name: "jury", committee: digestOf(Story.object.rehearsal)),
            ShareRehearsed(
                consultation: consultation, user: openerUser, fingerprint: fingerprint, member: 3, memberInstant: deadline,
                rehearsal: digestOf(Story.object.rehearsal)),
            RehearsalDue(consultation: consultation, fingerprint: fingerprint, member: 1, since: deadline),
        ]
    }

    private func drafts() -> [any Fact] {
        [
            DraftOpened(
                bid: draft, consultation: consultation, account: company, user: bidderUser, keys: fingerprint, bidCode: digest(0x92),
                started: deadline, awaited: 2, intent: .complements, sealedBy: .platform),
            DraftOpened(
                bid: dropped, consultation: consultation, account: company, user: bidderUser, keys: fingerprint,
                bidCode: digest(0x93), started: deadline, awaited: nil, intent: .unstated, sealedBy: .bidder),
            DraftDropped(bid: dropped, consultation: consultation, account: company, cause: .abandoned),
            NoticeDue(account: company, consultation: consultation, bid: draft, kind: .draft60),
        ]
    }

    private func changes() -> [any Fact] {
        [
            IntentStated(
                bid: again, consultation: consultation, account: company, user: bidderUser, intent: .complements, received: deadline),
            BidWithdrawn(
                bid: late, consultation: consultation, account: rival, user: bidderUser, received: deadline, deadline: extended,
                deadlineVersion: 2),
            CopyRegistered(
                copy: copy, consultation: consultation, user: buyerUser, depositor: "Toitures SARL", medium: "papier",
                bearer: "coursier", arrived: deadline),
            CopyDecided(
                copy: copy, consultation: consultation, user: buyerUser, decision: .setAside, cause: nil, bid: nil, grounds: "Lue."),
        ]
    }

    private func people() throws -> [any Fact] {
        [
            AccountCreated(account: buyer, kind: .holder, name: "Agglomération", registration: nil),
            AccountCreated(
                account: company, kind: .company, name: "Toitures SARL",
                registration: try Registration(siret: "12345678900011")),
            AccountCreated(
                account: rival, kind: .company, name: "Dächer GmbH", registration: try Registration(foreign: "DE 1")),
            UserAdded(user: buyerUser, account: buyer, roles: [.buyer], person: person),
            UserAdded(user: openerUser, account: buyer, roles: [.opener, .buyer], person: digest(0x90)),
            UserAdded(user: bidderUser, account: company, roles: [.bidder], person: digest(0x91)),
            TokenIssued(user: bidderUser, token: digest(0x80)),
            TokenIssued(user: openerUser, token: digest(0x81)),
        ]
    }

    private func created(_ consultation: Identifier) -> any Fact {
        ConsultationCreated(
            consultation: consultation, account: buyer, buyer: "Agglomération", user: buyerUser, reference: "2026-1",
            title: "École", object: consultation == training ? nil : "Toiture", deadline: deadline,
            timeZone: "Europe/Paris", parts: ["application", "offer"], limits: limits)
    }

    func parts(_ secret: Digest) -> [KeysSet.Part] {
        ["application", "offer"].map {
            KeysSet.Part(part: $0, certificate: digest(0x62), capsule: digestOf(Story.object.capsule), secret: secret)
        }
    }

    func keys(_ fingerprint: Digest, secret: Digest) -> any Fact {
        KeysSet(
            consultation: consultation, user: buyerUser, fingerprint: fingerprint, k: 2, n: 3, notBefore: deadline,
            parts: parts(secret))
    }

    func accepted(_ fingerprint: Digest, _ member: Int) -> any Fact {
        KeyAccepted(
            consultation: consultation, user: openerUser, fingerprint: fingerprint, member: member,
            acceptance: digestOf(Story.object.acceptance))
    }

    /// A receipt of a bid that a loss took.
    private var presented: ReceiptPresented {
        ReceiptPresented(
            of: digest(0x71), bid(id(0x7a), rival, .onTime, outcome: nil),
            by: Principal(
                user: bidderUser, account: rival, kind: .company, accountName: "Couvertures SA", registration: nil,
                person: digest(0x72), roles: [.bidder]),
            generation: 1, position: 900, size: 901, root: digest(0x73), standing: .lost, checks: [], container: fingerprint)
    }

    private func bid(
        _ bid: Identifier, _ account: Identifier, _ verdict: Verdict, version: Int = 1, outcome: BidReceived.Outcome?
    ) -> BidReceived {
        BidReceived(
            instance: id(1),
            subject: BidReceived.Subject(
                consultation: consultation, buyer: "Agglomération", reference: "2026-1", title: "École",
                object: "Toiture", timeZone: "Europe/Paris", deadline: version == 1 ? deadline : extended,
                deadlineVersion: version, limits: limits),
            by: BidReceived.Depositor(
                account: account, name: "Toitures SARL", registration: nil, user: bidderUser, person: digest(0x91)),
            submission: Submission(
                bid: bid, seal: digest(0x63), keys: fingerprint, sealedBy: .platform, intent: .unstated, documents: 2,
                started: deadline, firstByte: deadline, received: deadline, bidCode: digest(0x64), outcome: outcome),
            verdict: verdict, recorded: deadline, clock: .sound, previous: nil)
    }

    private func failures() -> [any Fact] {
        [
            AttemptFailed(
                consultation: consultation, account: rival, user: bidderUser, started: deadline, announced: 10,
                offset: 5, cause: "cut"),
            Refused(
                user: bidderUser, account: company, action: "announce", reason: "forbidden", consultation: consultation),
            RefusalsCounted(source: "192.0.2.0/24", reason: "forbidden", minute: Instant(milliseconds: 0), count: 3),
            SetAside(file: "a/b.1", length: 10),
            ConsultationFrozen(consultation: consultation, generation: 2),
            ConsultationUnfrozen(consultation: consultation, user: buyerUser, ground: "vu"),
            ConsultationArchived(consultation: training, user: buyerUser, grounds: "x"),
            HostKeyAdded(kind: .timeLock, certificate: digest(0x74), notAfter: extended),
            HostKeyAdded(kind: .timeLock, certificate: digest(0x75), notAfter: reopened),
            HostKeyRetired(kind: .timeLock, certificate: digest(0x74)),
            PlatformSecretRestored(
                consultation: consultation, part: "offer", secret: digest(0x61), certificate: digest(0x75), sealed: fingerprint),
            RecoveryRehearsed(certificate: digest(0x76), secrets: 2),
            TokenEnded(user: openerUser, token: digest(0x81), from: extended),
            presented, MirrorLost(since: Instant(milliseconds: 0), cause: "full"),
            MirrorRegained(since: Instant(milliseconds: 0), until: Instant(milliseconds: 1)),
            AttemptTraced(
                attempt: id(0x2e), consultation: consultation, account: rival, user: bidderUser, started: deadline,
                announced: 10, offset: 5, cause: "cut", status: nil, reference: nil, limits: []),
            Health(hour: Instant(milliseconds: 0), samples: fingerprint, count: 1, outages: []),
            Attested(
                subject: .attempt, statement: oldFingerprint, account: rival, user: bidderUser, consultation: consultation),
        ]
    }

    private func clocks() -> [any Fact] {
        [
            Down(since: deadline, until: extended), ClockCompared(since: deadline, until: deadline, drift: -3),
            ClockUnsound(since: deadline, wall: extended, faults: [.drift], drift: 9),
        ]
    }

    private func judged() -> [any Fact] {
        [
            ClockSound(since: deadline, until: extended, ground: .decision),
            VerdictGiven(
                consultation: consultation, bid: again, verdict: .onTime, rule: .span, since: deadline, until: deadline,
                received: nil),
        ]
    }

    private func closed(_ events: [CommittedEvent]) -> any Fact {
        let bids = events.compactMap { event in (event.fact as? BidReceived).map { (event, $0) } }
        func entries(_ verdict: Verdict) -> [ClosingStated.Entry] {
            bids.filter { ($0.1.verdict == .late) == (verdict == .late) }.map {
                ClosingStated.Entry(position: $0.0.position, leaf: $0.0.leaf, bid: $0.1.bid)
            }
        }
        return ClosingStated(
            consultation: consultation,
            deadlines: [Deadline(deadline, version: 1), Deadline(extended, version: 2), Deadline(reopened, version: 3)],
            keys: fingerprint, k: 2, n: 3, bids: [.onTime: entries(.onTime), .late: entries(.late)], drafts: 0, attempts: 1,
            outages: [Outage(from: extended, to: reopened, cause: Outage.down)], size: 9, root: digest(9))
    }

    /// The statement that was written before there were others: it keeps its reader and its view.
    private func oldClosing() -> any Fact {
        Closed(
            consultation: consultation, deadline: extended, deadlineVersion: 2, keys: fingerprint, k: 2, n: 3, bids: [],
            attempts: 1)
    }

    private func reopening() -> [any Fact] {
        [
            Reopened(
                consultation: consultation, user: buyerUser, deadline: reopened, deadlineVersion: 3, grounds: "A fault.",
                voids: [voided])
        ]
    }

    private func afterClosing(_ events: [CommittedEvent]) -> [any Fact] {
        let statement = digestOf(events[events.count - 1].bytes)
        return [
            BidJudged(
                consultation: consultation, bid: first, verdict: .onTime, deadlineVersion: 3, statement: statement),
            HoldWaived(consultation: consultation, user: buyerUser, statement: statement, grounds: "Nobody was kept out."),
            StatementDisclosed(consultation: consultation, user: buyerUser, statement: statement, occasion: .signature),
        ]
    }

    func event<Kind: Fact>(_ type: Kind.Type, _ matches: (Kind) -> Bool = { _ in true }) -> CommittedEvent? {
        events.first { ($0.fact as? Kind).map(matches) ?? false }
    }
}

/// What a decision found out, for the test that waits for it.
final class Kept: @unchecked Sendable {
    // Written by the scribe before `commit` returns.
    var person = Digest.zero
}
