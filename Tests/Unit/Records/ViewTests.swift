import Canonical
import Procurement
import SQLite
import Testing

@testable import Records

struct ViewTests {
    let data: DataFolder
    let register: Register
    let story: Story

    init() throws {
        data = try DataFolder()
        register = try data.open()
        story = try Story(in: register)
    }

    @Test func theStoryHasEveryType() throws {
        // Those of the register itself have their own tests.
        let own = [LogOpened.type, Blank.type, LogEnded.type, LogContinued.type]
        let types = Set(story.events.map { type(of: $0.fact).type } + own)
        #expect(types == Set(Event.types.keys))
    }

    @Test func aConsultationIsTheFoldOfItsEvents() throws {
        var expected = Consultation(
            id: story.consultation, log: .real, account: story.buyer, buyer: "Agglomération", reference: "2026-1",
            title: "École", object: "Toiture", timeZone: "Europe/Paris", parts: ["application", "offer"],
            limits: story.limits, deadline: Deadline(story.reopened, version: 3),
            keys: Consultation.Keys(
                fingerprint: story.addedFingerprint, k: 2, n: 3, notBefore: story.deadline, parts: story.parts(digest(0x68)),
                accepted: [1, 2]),
            published: true, closed: digestOf(try #require(story.event(ClosingStated.self)).bytes), isDisclosed: true, openings: 1,
            concluded: 1)
        let replaced = Consultation.Keys(
            fingerprint: story.newFingerprint, original: story.fingerprint, k: 2, n: 4, notBefore: story.deadline,
            parts: story.newParts, accepted: [1, 2, 4])
        let pending = Consultation.Keys(
            fingerprint: story.pendingFingerprint, original: story.fingerprint, k: 2, n: 4, notBefore: story.deadline,
            parts: story.newParts, accepted: [2])
        expected.earlier = [
            Consultation.KeySet(replaced, pending: Consultation.PendingKeys(pending, dealtBy: story.pendingReshare))
        ]
        expected.proposed = Consultation.Keys(
            fingerprint: story.proposedFingerprint, k: 2, n: 3, notBefore: story.deadline, parts: story.parts(digest(0x69)),
            accepted: [3])
        #expect(try register.read { try $0.consultation(story.consultation) } == expected)
        let replacements = try register.read { try $0.replacements(of: story.consultation) }
        #expect(replacements.map(\.fingerprint) == [story.newFingerprint] && replacements.map(\.accepted) == [[1, 2, 4]])
        // What was first made is still there, with the acceptances of its members.
        let first = try register.read { try $0.keys(story.fingerprint, of: story.consultation) }
        #expect(first?.accepted == [1, 3] && first?.original == story.fingerprint && first?.n == 3)
        #expect(try register.read { try $0.consultation(id(0x39)) } == nil)

        let draft = try #require(try register.read { try $0.consultation(story.training) })
        #expect(draft.log == .training && draft.object == nil && draft.keys == nil && draft.phase == .archived)
        #expect(draft.deadline == Deadline(story.deadline, version: 1))
        #expect(try register.read { try $0.consultations().map(\.id) } == [story.training, story.consultation])
    }

    @Test func peopleAreFoundByTheirToken() throws {
        try register.read { snapshot throws -> Void in
            #expect(
                try snapshot.principal(token: digest(0x80))
                    == Principal(
                        user: story.bidderUser, account: story.company, kind: .company, accountName: "Toitures SARL",
                        registration: Registration(siret: "12345678900011"), person: digest(0x91), roles: [.bidder]))
            #expect(try snapshot.principal(token: digest(0x81))?.roles == [.opener, .buyer])
            #expect(try snapshot.principal(token: digest(0x82)) == nil)
            #expect(try snapshot.holder() == story.buyer)
            let rival = try snapshot.account(named: "Dächer GmbH")
            #expect(rival?.id == story.rival && rival?.kind == .company)
            // Byte for byte: the same name in another normalisation is another name.
            #expect(try snapshot.account(named: "Da\u{308}cher GmbH") == nil)
        }
    }

    @Test func keysAndAcceptancesAreThoseInForce() throws {
        try register.read { snapshot throws -> Void in
            let acceptance = digestOf(Story.object.acceptance)
            #expect(try snapshot.acceptances(of: story.consultation, keys: story.fingerprint) == [1: acceptance, 3: acceptance])
            #expect(try snapshot.acceptances(of: story.training, keys: story.fingerprint) == [:])
            // Also that of a set no longer in force: T was used once.
            for secret in [0x60, 0x61] {
                #expect(try snapshot.secretIsTaken(digest(secret), except: story.training))
                #expect(try !snapshot.secretIsTaken(digest(secret), except: story.consultation))
            }
            #expect(try !snapshot.secretIsTaken(digest(0x6f), except: story.training))
        }
    }

    @Test func bidsAreListedInLogOrder() throws {
        try register.read { snapshot throws -> Void in
            let bids = try snapshot.bids(of: story.consultation)
            #expect(bids.map(\.bid) == [story.first, story.again, story.late])
            #expect(bids.map(\.verdict) == [.onTime, .onTime, .late])
            let event = try #require(story.event(BidReceived.self) { $0.bid == story.late })
            #expect(
                try snapshot.bid(story.late)
                    == BidEntry(
                        position: event.position, leaf: event.leaf, bid: story.late, consultation: story.consultation,
                        depositor: story.rival, verdict: .late, intent: .unstated, seal: digest(0x63), keys: story.fingerprint, documents: 2,
                        isWithdrawn: true, admitted: event.at))
            #expect(try snapshot.admission(of: story.late) == story.event(LateBidAdmitted.self)?.bytes)
            #expect(try snapshot.admission(of: story.first) == nil)
            #expect(bids.map(\.intent) == [.unstated, .complements, .unstated] && bids.map(\.isWithdrawn) == [false, false, true])
            #expect(try snapshot.changes(of: story.again).count == 1 && snapshot.changes(of: story.first) == [])
            #expect(try snapshot.draft(story.draft)?.state == .open && snapshot.draft(story.dropped)?.state == .dropped)
            #expect(try snapshot.openDrafts(of: story.consultation, depositor: story.company) == 1)
            #expect(try snapshot.openDrafts().map(\.bid) == [story.draft])
            #expect(try snapshot.notices(account: story.company, limit: 9).map(\.kind) == [.draft60])
            #expect(try snapshot.copies(of: story.consultation).map(\.decision) == [.setAside])
            #expect(try snapshot.bid(id(0x4f)) == nil)
            #expect(try snapshot.bids(of: story.training) == [])
            #expect(try snapshot.attempts(of: story.consultation) == 1)
            #expect(try snapshot.attempts(of: story.training) == 0)
            #expect(
                try snapshot.standing(of: story.company, in: story.consultation)
                    == Standing(bids: 3, own: 2, last: story.again))
            #expect(
                try snapshot.standing(of: story.buyer, in: story.consultation) == Standing(bids: 3, own: 0, last: nil))
        }
    }

    @Test func anOutcomeIsFoundByAccountConsultationAndKey() throws {
        try register.read { snapshot throws -> Void in
            let found = try snapshot.outcome(
                account: story.company, consultation: story.consultation, key: digest(0x70))
            #expect(found?.bid == story.first)
            #expect(found?.outcome.answer == digestOf(Story.object.answer))
            #expect(
                try snapshot.outcome(account: story.rival, consultation: story.consultation, key: digest(0x70)) == nil)
            #expect(
                try snapshot.outcome(account: story.company, consultation: story.training, key: digest(0x70)) == nil)
            #expect(
                try snapshot.outcome(account: story.company, consultation: story.consultation, key: digest(0x71)) == nil
            )
        }
    }

    @Test func anOpeningIsTheFoldOfItsEvents() throws {
        let announced = try #require(story.event(OpeningAnnounced.self) { $0.opening == story.opening })
        let approval = digestOf(Story.object.approval)
        let expected = OpeningState(
            opening: story.opening, consultation: story.consultation, digest: digest(0x65),
            announcement: digestOf(Story.object.announcement), announcer: 3, announcedBy: story.openerUser,
            announcedAt: announced.at, session: digest(0x66), parts: ["application", "offer"], keys: story.fingerprint,
            approvals: [3, 1].map { OpeningState.Approved(member: $0, approval: approval, shares: story.shares) },
            released: true, concluded: true)
        try register.read { snapshot throws -> Void in
            #expect(try snapshot.opening(story.opening) == expected)
            let openings = try snapshot.openings(of: story.consultation)
            #expect(openings.map(\.opening) == [story.voided, story.opening, story.reshare, story.pendingReshare])
            #expect(openings[1] == expected)
            // A re-share is ended by what it dealt, and is of the keys that were in force when it was announced.
            #expect(openings[2].isReshare && openings[2].released && openings[2].concluded && openings[2].keys == story.fingerprint)
            #expect(openings[3].keys == story.newFingerprint && openings[3].committee == digestOf(Story.object.committee))
            #expect(try snapshot.openings(of: story.training) == [])
            // What nobody failed on is not looked for.
            let found = Findings(opening: expected, opened: [], failed: [story.again])
            #expect(try snapshot.findings(among: openings) == [found] && snapshot.findings(among: []) == [])
            #expect(try snapshot.wasRead(story.first, in: story.opening))
            #expect(try !snapshot.wasRead(story.again, in: story.opening))
            #expect(try snapshot.closing(of: story.consultation) == story.event(ClosingStated.self)?.bytes)
            #expect(try snapshot.closing(of: story.training) == nil)
        }
    }

    @Test func aPublishedConsultationIsUnclosedUntilItsClosing() throws {
        let other = try DataFolder()
        let register = try other.open()
        defer { register.stop() }
        #expect(try self.register.read { try $0.unclosed() } == [])
        let seen = Mutexed<[[Identifier]]>([])
        // These two name a statement by its digest, and here it gets another nonce.
        // The archived one is of the other log.
        let real = story.events.filter {
            $0.log == .real && !($0.fact is HoldWaived || $0.fact is StatementDisclosed || $0.fact is ConsultationArchived)
        }
        for event in real {
            try register.commit { transaction in
                seen.value.append(try transaction.unclosed())
                return [EventDraft(log: event.log, fact: event.fact)]
            }
        }
        let published = try #require(real.firstIndex { $0.fact is Published })
        let closed = try #require(real.firstIndex { $0.fact is Closed })
        let reopened = try #require(real.firstIndex { $0.fact is Reopened })
        let again = try #require(real.firstIndex { $0.fact is ClosingStated })
        for (index, unclosed) in seen.value.enumerated() {
            #expect(
                unclosed
                    == ((published + 1)...closed ~= index || (reopened + 1)...again ~= index ? [story.consultation] : []),
                "before event \(index)")
        }
    }

    @Test func theHostsKeysAreTheFoldOfTheirEvents() throws {
        try register.read { register in
            let keys = try register.hostKeys()
            #expect(keys.map(\.certificate) == [digest(0x74), digest(0x75)] && keys.map { $0.retired != nil } == [true, false])
            #expect(keys.map(\.notAfter) == [story.extended, story.reopened])
            #expect(try register.isRetired(.timeLock, digest(0x74)) && !register.isRetired(.timeLock, digest(0x75)))
            #expect(try !register.isRetired(.recovery, digest(0x74)))
            #expect(try register.restoredCopies(of: digest(0x61)).map(\.certificate) == [digest(0x75)])
            #expect(try register.restoredCopies(of: digest(0x60)).isEmpty)
            #expect(try register.lastRehearsal()?.secrets == 2)
            #expect(try register.end(ofToken: digest(0x81)) == story.extended && register.end(ofToken: digest(0x80)) == nil)
            #expect(try register.tokens(at: story.extended).count == 1)
            #expect(try register.tokens(of: story.openerUser) == [] && register.tokens(of: story.bidderUser) == [digest(0x80)])
            // The training one is archived; of the other each set that is or was in force since its publication counts, and what waits.
            let needed = try register.neededKeys(at: story.deadline)
            #expect(needed.map(\.consultation) == [story.consultation])
            #expect(Set(needed.flatMap(\.parts).map(\.secret)) == [digest(0x61), digest(0x68), digest(0x69)])
        }
        // What was never there cannot go.
        #expect(throws: RegisterFailure.self) {
            try register.commit { _ in [EventDraft(log: .real, fact: HostKeyRetired(kind: .tls, certificate: digest(0x75)))] }
        }
    }

    @Test func theClocksHistoryIsTheFoldOfItsEvents() throws {
        let (history, span, outages) = try register.read { register in
            (
                try register.clockHistory(), try register.clockSpan(of: try #require(try register.bid(story.again))),
                try register.outages(endingAfter: Instant(milliseconds: 0), until: story.extended)
            )
        }
        // The test's clock stands still: the decision's instant is the floor until another event comes later.
        #expect(history == ClockHistory(floor: story.deadline, unsoundSince: nil))
        #expect(span?.since == story.deadline && span?.until == story.extended)
        #expect(Set(outages.map(\.cause)) == [Outage.down, Outage.clock] && outages.count == 2)
        #expect(try register.read { try $0.outages(endingAfter: story.extended, until: story.extended) } == [])
        #expect(try register.read { try $0.pendingBids(limit: 9) } == [])
        #expect(try register.read { try $0.bid(story.again) }?.verdict == .onTime)
        // One verdict for each bid.
        let again = VerdictGiven(
            consultation: story.consultation, bid: story.again, verdict: .late, rule: .doubt, since: story.deadline,
            until: story.deadline, received: nil)
        #expect(throws: RegisterFailure.self) {
            try register.commit { _ in [EventDraft(log: .real, fact: again)] }
        }
        let unsound = ClockUnsound(since: story.extended, wall: story.deadline, faults: [.backwards], drift: nil)
        try register.commit { _ in [EventDraft(log: .real, fact: unsound)] }
        #expect(
            try register.read { try $0.clockHistory() } == ClockHistory(floor: story.extended, unsoundSince: story.extended))
    }

    @Test func whatFollowsAClosingIsTheFoldOfItsEvents() throws {
        let statement = try #require(story.event(ClosingStated.self))
        try register.read { register in
            #expect(
                try register.deadlines(of: story.consultation)
                    == [
                        Deadline(story.deadline, version: 1), Deadline(story.extended, version: 2),
                        Deadline(story.reopened, version: 3),
                    ])
            #expect(try register.closingPosition(of: story.consultation) == statement.position)
            let kinds = try register.decisions(on: story.consultation).map { type(of: try Event(canonical: $0).fact).type }
            #expect(kinds == ["deadline-extended", "reopened", "hold-waived", "late-bid-admitted", "keys-added"])
            #expect(try register.opening(story.voided)?.voided == true && register.opening(story.opening)?.voided == false)
            let line = try #require(try register.line(of: story.first))
            #expect(line.bytes == story.event(BidJudged.self)?.bytes && line.log == .real)
            #expect(try register.line(of: story.again) == nil)
            #expect(try register.withoutLine(of: story.consultation, limit: 9) == [story.again])
            #expect(try register.lackingLines() == [story.consultation])
            #expect(try register.verdict(on: story.again) == story.event(VerdictGiven.self)?.bytes)
            #expect(try register.verdict(on: story.first) == nil)
            #expect(try register.refusals(about: story.consultation, after: 0) == 1)
            #expect(try register.refusals(about: story.consultation, after: statement.position) == 0)
        }
        // One for each version of the deadline.
        #expect(throws: RegisterFailure.self) {
            try register.commit { _ in [EventDraft(log: .real, fact: statement.fact)] }
        }
    }

    // MARK: Rebuilt

    @Test func viewsAreWhatTheEventsGive() throws {
        #expect(try register.differences() == [])
        try register.rebuildViews()
        #expect(try register.differences() == [])
        #expect(try register.read { try $0.consultation(story.consultation)?.phase } == .opened)
        register.stop()
        #expect(try Register.findings(data: data.path) == [])
    }

    @Test func droppedViewsComeBack() throws {
        register.stop()
        try data.tamper { connection in
            try ViewSchema.drop(connection)
            try connection.execute("DELETE FROM views")
        }
        let again = try data.open()
        defer { again.stop() }
        #expect(again.recovery.viewsRebuilt)
        #expect(try again.differences() == [])
        #expect(try again.read { try $0.consultation(story.consultation)?.phase } == .opened)
    }

    @Test func viewsOfAnotherVersionAreMadeAnew() throws {
        register.stop()
        try data.tamper { try $0.execute("UPDATE views SET version = 0; UPDATE consultation SET title = 'old'") }
        let again = try data.open()
        #expect(again.recovery.viewsRebuilt)
        #expect(try again.read { try $0.consultation(story.consultation)?.title } == "École")
        again.stop()
        #expect(try !data.opened { $0.recovery.viewsRebuilt })
    }

    static let alterations: [(String, StaticString)] = [
        ("account", "UPDATE account SET name = 'x' WHERE number = 3"), ("user", "UPDATE user SET roles = '[]'"),
        ("host_key", "UPDATE host_key SET retired = NULL"), ("restored", "UPDATE restored SET part = 'x'"),
        ("recovery_rehearsal", "UPDATE recovery_rehearsal SET secrets = 1"), ("token", "UPDATE token SET ended = NULL"),
        ("token", "DELETE FROM token WHERE digest = (SELECT max(digest) FROM token)"),
        ("consultation", "UPDATE consultation SET deadline = deadline + 1"),
        ("consultation", "UPDATE consultation SET closed = NULL"), ("key_set", "UPDATE key_set SET k = 1"), ("earlier_keys", "UPDATE earlier_keys SET pending = NULL"),
        ("key_part", "UPDATE key_part SET secret = certificate"), ("acceptance", "DELETE FROM acceptance"),
        ("rehearsal", "UPDATE rehearsal SET reminded = NULL"), ("committee", "UPDATE committee SET name = 'x' WHERE name = 'cao'"),
        ("bid", "UPDATE bid SET verdict = 'on-time'"), ("bid", "DELETE FROM bid"),
        ("opening", "UPDATE opening SET released = 0"), ("approval", "UPDATE approval SET member = 2 WHERE member = 1"),
        ("approval_share", "UPDATE approval_share SET share = x'00'"), ("reading", "DELETE FROM reading"), ("finding", "UPDATE finding SET opened = 1"),
        ("attempt", "UPDATE attempt SET account = 'x'"), ("attested", "DELETE FROM attested"),
        ("presented", "UPDATE presented SET deadline = 0"),
        ("stamp", "UPDATE stamp SET authority = 'x'"), ("stamp", "UPDATE stamp SET token = NULL"),
        ("receipt", "UPDATE receipt SET token_manifests = NULL"),
        ("draft", "UPDATE draft SET state = 'open'"), ("draft", "UPDATE draft SET code = keys"),
        ("outbox", "DELETE FROM outbox"), ("safeguard", "UPDATE safeguard SET decision = NULL"),
        ("tally", "UPDATE tally SET bids = bids + 1"),
        ("deadline", "UPDATE deadline SET instant = 0 WHERE version = 2"),
        ("clock", "DELETE FROM clock WHERE type = 'down'"),
        ("journal", "UPDATE journal SET at = at + 1"),
    ]

    @Test func theAlterationsLeaveOutNoView() {
        #expect(Set(Self.alterations.map(\.0)) == Set(ViewSchema.tables.map(\.name)))
    }

    @Test(arguments: alterations.indices) func anAlteredViewIsNamed(_ index: Int) throws {
        let (view, sql) = Self.alterations[index]
        register.stop()
        try data.tamper { try $0.execute(sql) }
        let findings = try Register.findings(data: data.path)
        #expect(findings.count == 1)
        #expect(findings.first?.hasPrefix("view \(view):") == true, "\(findings)")
        // And mended from the events.
        let again = try data.open()
        try again.rebuildViews()
        again.stop()
        #expect(try Register.findings(data: data.path) == [])
    }
}
