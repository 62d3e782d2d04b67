import Canonical
import Procurement
import Testing

@Suite("Preparing a consultation")
struct PreparingTests {
    private func create(
        by principal: Principal = Scene.buyer, reference: String = "2026-42", title: String = "Toiture",
        object: String? = nil, deadline: Instant = Scene.deadline, timeZone: String = "Europe/Paris",
        parts: [String] = ["offer"], now: Instant = Scene.before
    ) throws(Refusal) -> ConsultationCreated {
        try Consultation.creating(
            Scene.id, by: principal, reference: reference, title: title, object: object, deadline: deadline,
            timeZone: timeZone, parts: parts, limits: Scene.limits, now: now)
    }

    @Test func aBuyerDraftsOneForItsAccount() throws {
        let created = try create(object: "Travaux", parts: ["application", "offer"])
        #expect(created.account == Scene.commune && created.buyer == "Commune de Saint-Aubin")
        #expect(created.user == Scene.buyer.user && created.consultation == Scene.id)
        #expect(created.parts == ["application", "offer"] && created.limits == Scene.limits)
    }

    @Test func nobodyElseDoes() {
        for role in Role.allCases where role != .buyer {
            #expect(refusal { () throws(Refusal) in try create(by: Scene.principal(role)) }?.kind == .forbidden)
        }
        let company = Scene.principal(.buyer, account: Scene.bidder.account, kind: .company)
        #expect(refusal { () throws(Refusal) in try create(by: company) }?.kind == .forbidden)
    }

    @Test func textsAreBoundedAndPlain() {
        for bad in ["", " ", "\u{a0}\u{2003}", "a\nb", "a\u{7f}", "a\u{85}b", "a\u{202e}b", "a\u{2066}b", "a\u{feff}"] {
            #expect(refusal { () throws(Refusal) in try create(reference: bad) }?.kind == .invalid, "\(bad.unicodeScalars)")
            #expect(refusal { () throws(Refusal) in try create(title: bad) }?.kind == .invalid)
            #expect(refusal { () throws(Refusal) in try create(object: bad) }?.kind == .invalid)
        }
        let long = String(repeating: "é", count: 100)
        #expect(refusal { () throws(Refusal) in try create(reference: long) } == nil)
        #expect(refusal { () throws(Refusal) in try create(reference: long + "e") }?.kind == .invalid)
        #expect(refusal { () throws(Refusal) in try create(title: String(repeating: "t", count: 1001)) }?.kind == .invalid)
        #expect(refusal { () throws(Refusal) in try create(object: String(repeating: "t", count: 4001)) }?.kind == .invalid)
        #expect(refusal { () throws(Refusal) in try create(title: "École «à» 🏫 — lot 1/2") } == nil)
    }

    @Test func theDeadlineIsAhead() {
        let second = Scene.time("12:00:00.000")
        #expect(refusal { () throws(Refusal) in try create(now: Scene.time("11:59:59.999")) } == nil)
        #expect(refusal { () throws(Refusal) in try create(now: second) }?.kind == .invalid)
        #expect(refusal { () throws(Refusal) in try create(deadline: Scene.time("12:00:00.900"), now: second) }?.kind == .invalid)
        #expect(refusal { () throws(Refusal) in try create(deadline: Scene.instant("9999-12-31T23:59:58.999Z")) } == nil)
        #expect(refusal { () throws(Refusal) in try create(deadline: Scene.instant("9999-12-31T23:59:59.000Z")) }?.kind == .invalid)
    }

    @Test func aTimeZoneHasTheFormOfOne() {
        for name in ["UTC", "Europe/Paris", "America/Argentina/Buenos_Aires", "Etc/GMT+3", "America/Port-au-Prince"] {
            #expect(refusal { () throws(Refusal) in try create(timeZone: name) } == nil)
        }
        for name in ["", "Europe/", "/Paris", "Europe//Paris", "../Paris", "Europe Paris", "+01:00", String(repeating: "a", count: 65)] {
            #expect(refusal { () throws(Refusal) in try create(timeZone: name) }?.kind == .invalid, "\(name)")
        }
    }

    @Test func partsAreOneToEightDifferentNames() {
        let eight = (1...8).map { String(repeating: "p", count: $0) }
        #expect(refusal { () throws(Refusal) in try create(parts: eight) } == nil)
        for parts in [[], eight + ["offer"], ["offer", "offer"], ["Offer"], ["offer1"], [""], [String(repeating: "p", count: 33)]] {
            #expect(refusal { () throws(Refusal) in try create(parts: parts) }?.kind == .invalid)
        }
    }

    // MARK: Keys

    private func set(
        _ consultation: Consultation = Scene.consultation(.draft), by principal: Principal = Scene.buyer,
        fingerprint: Digest = Scene.fingerprint, k: Int = 2, n: Int = 3, notBefore: Instant = Scene.deadline,
        parts: [KeysSet.Part] = Scene.keyParts(["offer"]), now: Instant = Scene.before
    ) throws(Refusal) -> KeysSet? {
        try consultation.settingKeys(
            by: principal, fingerprint: fingerprint, k: k, n: n, notBefore: notBefore, parts: parts, now: now)
    }

    @Test func aKeySetFitsItsConsultation() throws {
        let keys = try #require(try set())
        #expect(keys.fingerprint == Scene.fingerprint && keys.k == 2 && keys.n == 3 && keys.notBefore == Scene.deadline)
        let later = Instant(milliseconds: Scene.deadline.milliseconds + 1)
        #expect(refusal { () throws(Refusal) in try set(notBefore: later) }?.kind == .keys)
        #expect(refusal { () throws(Refusal) in try set(parts: []) }?.kind == .keys)
        #expect(refusal { () throws(Refusal) in try set(parts: Scene.keyParts(["application"])) }?.kind == .keys)
        #expect(refusal { () throws(Refusal) in try set(parts: Scene.keyParts(["offer", "more"])) }?.kind == .keys)
        for (k, n) in [(0, 3), (4, 3), (-1, 3), (1, 0), (2, 256), (1, -1)] {
            #expect(refusal { () throws(Refusal) in try set(k: k, n: n) }?.kind == .keys, "\(k) of \(n)")
        }
        for (k, n) in [(1, 1), (3, 3), (255, 255)] {
            #expect(refusal { () throws(Refusal) in try set(k: k, n: n) } == nil)
        }
    }

    @Test func eachPartHasAKeyOfItsOwn() throws {
        let consultation = Scene.consultation(.draft, parts: ["application", "offer"])
        let (a, b) = (Scene.keyParts(["application"])[0], Scene.keyParts(["x", "offer"])[1])
        #expect(try set(consultation, parts: [a, b]) != nil)
        for shared in [
            KeysSet.Part(part: "offer", certificate: a.certificate, capsule: b.capsule, secret: b.secret),
            KeysSet.Part(part: "offer", certificate: b.certificate, capsule: a.capsule, secret: b.secret),
            KeysSet.Part(part: "offer", certificate: b.certificate, capsule: b.capsule, secret: a.secret),
        ] {
            #expect(refusal { () throws(Refusal) in try set(consultation, parts: [a, shared]) }?.kind == .keys)
        }
        #expect(refusal { () throws(Refusal) in try set(consultation, parts: [b, a]) }?.kind == .keys, "in opening order")
    }

    @Test func theSameKeySetAgainChangesNothing() throws {
        #expect(try set(Scene.consultation(.sealed)) == nil)
        #expect(try set(Scene.consultation(.sealed), fingerprint: Scene.digest(0xf2)) != nil)
    }

    @Test func keysAreSetBeforeTheDeadlineByTheBuyer() {
        #expect(refusal { () throws(Refusal) in try set(now: Scene.time("11:59:59.999")) } == nil)
        #expect(refusal { () throws(Refusal) in try set(now: Scene.deadline) }?.kind == .tooLate)
        #expect(refusal { () throws(Refusal) in try set(Scene.consultation(.closed)) }?.kind == .phase)
        #expect(refusal { () throws(Refusal) in try set(by: Scene.opener) }?.kind == .forbidden)
    }

    // MARK: Acceptances

    private func accept(
        _ consultation: Consultation, by principal: Principal = Scene.opener, fingerprint: Digest = Scene.fingerprint,
        member: Int = 2
    ) throws(Refusal) -> KeyAccepted {
        try consultation.accepting(by: principal, fingerprint: fingerprint, member: member, acceptance: Scene.digest(0xac))
    }

    @Test func aMemberAcceptsOnce() throws {
        let sealed = Scene.consultation(.sealed, keys: Scene.keys(accepted: [1]))
        #expect(try accept(sealed).member == 2)
        #expect(refusal { () throws(Refusal) in try accept(sealed, member: 1) }?.kind == .alreadyDone)
        #expect(refusal { () throws(Refusal) in try accept(sealed, member: 0) }?.kind == .notAMember)
        #expect(refusal { () throws(Refusal) in try accept(sealed, member: 4) }?.kind == .notAMember)
        #expect(refusal { () throws(Refusal) in try accept(sealed, member: 3) } == nil)
        #expect(refusal { () throws(Refusal) in try accept(sealed, fingerprint: Scene.digest(0xf2)) }?.kind == .fingerprint)
        #expect(refusal { () throws(Refusal) in try accept(sealed, by: Scene.buyer) }?.kind == .forbidden)
        #expect(refusal { () throws(Refusal) in try accept(sealed, by: Scene.strangeOpener) }?.kind == .notFound)
        #expect(refusal { () throws(Refusal) in try accept(Scene.consultation(.draft)) }?.kind == .phase)
        // One whose acceptance is missing at the deadline may still be needed.
        #expect(refusal { () throws(Refusal) in try accept(Scene.consultation(.opening, keys: Scene.keys(accepted: [1]))) } == nil)
    }

    // MARK: Publication

    private func publish(
        accepted: [Int], k: Int = 2, n: Int = 3, by principal: Principal = Scene.buyer,
        fingerprint: Digest = Scene.fingerprint, now: Instant = Scene.before
    ) throws(Refusal) -> Published {
        try Scene.consultation(.sealed, keys: Scene.keys(k: k, n: n, accepted: accepted))
            .publishing(by: principal, fingerprint: fingerprint, now: now)
    }

    @Test(
        "publication needs one acceptance more than the quorum, all where the quorum is all",
        arguments: [(2, 3, 3), (2, 5, 3), (3, 3, 3), (1, 1, 1), (1, 2, 2), (254, 255, 255), (3, 5, 4)])
    func quorum(_ k: Int, _ n: Int, _ needed: Int) throws {
        #expect(Scene.keys(k: k, n: n).needed == needed)
        let enough = Array(1...needed)
        #expect(try publish(accepted: enough, k: k, n: n).fingerprint == Scene.fingerprint)
        let short = refusal { () throws(Refusal) in try publish(accepted: Array(enough.dropLast()), k: k, n: n) }
        #expect(short?.kind == .quorum)
    }

    @Test func publicationIsTheBuyersUnderItsOwnFingerprintInTime() throws {
        let all = [1, 2, 3]
        let published = try publish(accepted: all)
        #expect(published.deadline == Scene.deadline && published.deadlineVersion == 1)
        #expect(refusal { () throws(Refusal) in try publish(accepted: all, fingerprint: Scene.digest(0xf2)) }?.kind == .fingerprint)
        #expect(refusal { () throws(Refusal) in try publish(accepted: all, by: Scene.opener) }?.kind == .forbidden)
        #expect(refusal { () throws(Refusal) in try publish(accepted: all, now: Scene.time("11:59:59.999")) } == nil)
        #expect(refusal { () throws(Refusal) in try publish(accepted: all, now: Scene.deadline) }?.kind == .tooLate)
        let again = refusal { () throws(Refusal) in
            try Scene.consultation(.published).publishing(by: Scene.buyer, fingerprint: Scene.fingerprint, now: Scene.before)
        }
        #expect(again?.kind == .phase)
    }

    // MARK: Extension

    private func extend(
        to instant: Instant, _ phase: Phase = .published, version: Int = 1, by principal: Principal = Scene.buyer,
        now: Instant = Scene.before
    ) throws(Refusal) -> DeadlineExtended {
        try Scene.consultation(phase, version: version).extending(by: principal, to: instant, now: now)
    }

    @Test func aDeadlineMovesLaterUntilItHasCome() throws {
        let extended = try extend(to: Scene.after, now: Scene.time("11:59:59.999"))
        #expect(extended.deadline == Scene.after && extended.deadlineVersion == 2)
        for now in ["12:00:00.000", "12:00:00.999", "12:00:01.000", "12:30:00.000"] {
            #expect(refusal { () throws(Refusal) in try extend(to: Scene.after, now: Scene.time(now)) }?.kind == .tooLate, "\(now)")
        }
    }

    @Test func aDeadlineIsNeverBroughtForward() {
        for instant in [Scene.deadline, Scene.time("11:59:59.999"), Scene.time("12:00:00.999"), Scene.before] {
            #expect(refusal { () throws(Refusal) in try extend(to: instant) }?.kind == .invalid)
        }
        #expect(refusal { () throws(Refusal) in try extend(to: Scene.closes) } == nil)
        #expect(refusal { () throws(Refusal) in try extend(to: Scene.instant("9999-12-31T23:59:59.000Z")) }?.kind == .invalid)
    }

    @Test func anExtensionIsTheBuyersAfterPublicationAndBounded() {
        #expect(refusal { () throws(Refusal) in try extend(to: Scene.after, by: Scene.opener) }?.kind == .forbidden)
        for phase in Phase.allCases where phase != .published {
            #expect(refusal { () throws(Refusal) in try extend(to: Scene.after, phase) }?.kind == .phase, "\(phase)")
        }
        #expect(refusal { () throws(Refusal) in try extend(to: Scene.after, version: 9_999) } == nil)
        #expect(refusal { () throws(Refusal) in try extend(to: Scene.after, version: 10_000) }?.kind == .invalid)
    }
}
