import Canonical
import OpenSSL
import Procurement
import Records
import Sealing
import Testing

@testable import Reception

@Suite("Rehearsals, and who is reminded") struct ShareRehearsalTests {
    private static let day: Int64 = 86_400

    private func accept(_ house: House, _ id: Identifier, _ committee: Committee, _ member: Int) throws {
        let signed = try Members.all[member - 1].member().accept(committee, fingerprint: committee.fingerprint)
        _ = try house.vault.accept(id, by: house.opener.principal, signed: signed.canonicalBytes)
    }

    @discardableResult
    private func rehearse(
        _ house: House, _ id: Identifier, _ committee: Committee, _ member: Int, at: Instant? = nil, by principal: Principal? = nil
    ) throws -> RehearsalEntry {
        let signed = try Members.all[member - 1].member().rehearse(
            committee, fingerprint: committee.fingerprint, now: at ?? house.dial.clock.now)
        return try house.vault.rehearse(id, by: principal ?? house.opener.principal, signed: signed.canonicalBytes)
    }

    @Test func aShareThatOpensIsOnRecord() throws {
        let house = try House()
        let (id, committee) = try house.sealed()
        #expect(refusal { try rehearse(house, id, committee, 2) } == .phase, "not accepted")
        try accept(house, id, committee, 2)
        house.dial.pass(60)
        let entry = try rehearse(house, id, committee, 2)
        #expect(entry.member == 2 && entry.since == house.dial.clock.now)
        let fact = try #require(try house.facts(ShareRehearsed.self).first)
        #expect(fact.member == 2 && fact.fingerprint == committee.fingerprint && !fact.isPaper)
        // The same again, an older one, one of another day.
        let now = house.dial.clock.now
        for at in [now, now.advanced(bySeconds: -1)] {
            #expect(refusal { try rehearse(house, id, committee, 2, at: at) } == .alreadyDone)
        }
        for seconds in [-Self.day - 1, Self.day + 1] {
            #expect(refusal { try rehearse(house, id, committee, 2, at: now.advanced(bySeconds: seconds)) } == .invalid)
        }
        #expect(refusal { try rehearse(house, id, committee, 2, at: now.advanced(bySeconds: 1), by: house.buyer.principal) } == .forbidden)
        #expect(try house.facts(ShareRehearsed.self).count == 1)
        // What somebody else signed in its name.
        let forged = try Signed.make(
            ShareRehearsal(consultation: id, fingerprint: committee.fingerprint, number: 2, at: now.advanced(bySeconds: 1)),
            key: Members.all[0].key(), certificate: Members.all[0].certificate)
        #expect(refusal { try house.vault.rehearse(id, by: house.opener.principal, signed: forged.canonicalBytes) } == .signature)
    }

    @Test func whoDoesNotIsRemindedOnceAPeriod() throws {
        let house = try House()
        let (id, committee) = try house.sealed()
        for member in [1, 2] { try accept(house, id, committee, member) }
        func due() throws -> [Int] {
            house.vault.tendRehearsals()
            return try house.facts(RehearsalDue.self).map(\.member)
        }
        func reminded() throws -> [Int] { try house.vault.reminders(for: house.buyer.principal).map(\.rehearsal.member) }
        house.dial.pass(89 * Self.day)
        #expect(try due().isEmpty && reminded().isEmpty)
        try rehearse(house, id, committee, 1)
        house.dial.pass(Self.day)
        #expect(try due() == [2] && reminded() == [2])
        // Once, however often it is looked at.
        #expect(try due() == [2])
        house.dial.pass(89 * Self.day)
        #expect(try due() == [2, 1])
        house.dial.pass(Self.day)
        #expect(try due() == [2, 1, 2])
        #expect(try reminded() == [1, 2])
        #expect(try house.vault.reminders(for: house.opener.principal).first?.name == "Member 1")
        try rehearse(house, id, committee, 2)
        #expect(try reminded() == [1])
        // Of no other account's business.
        #expect(try house.vault.reminders(for: house.admin()).isEmpty)
        #expect(refusal { try house.vault.reminders(for: house.bidder.principal) } == .forbidden)
    }

    /// New keys want new acceptances; the old ones are asked for no more.
    @Test func onlyKeysInForceAreRehearsed() throws {
        let house = try House()
        let (id, committee) = try house.sealed()
        try accept(house, id, committee, 1)
        let (keySet, capsules) = try Members.ceremony(id)
        _ = try house.setKeys(of: id, keySet, capsules)
        #expect(refusal { try rehearse(house, id, committee, 1) } == .signature)
        house.dial.pass(365 * Self.day)
        house.vault.tendRehearsals()
        #expect(try house.facts(RehearsalDue.self).isEmpty)
    }

    @Test func aKeyIsToldWhereItHoldsShares() throws {
        let house = try House()
        let (first, committee) = try house.sealed()
        let (second, _) = try house.sealed(training: false)
        try accept(house, first, committee, 3)
        let held = try house.vault.shares(of: Digest(Members.all[2].certificate), for: house.opener.principal)
        #expect(held.map(\.consultation.id) == [first, second])
        #expect(held.map(\.number) == [3, 3])
        #expect(held.map { $0.rehearsal != nil } == [true, false])
        #expect(held[0].fingerprint == committee.fingerprint)
        #expect(try house.vault.shares(of: digest(1), for: house.opener.principal).isEmpty)
        #expect(refusal { try house.vault.shares(of: digest(1), for: house.buyer.principal) } == .forbidden)
        // Of another account: nothing.
        let token = try house.vault.addUser(name: "N", role: .opener, account: "Autre", siret: nil).token
        let other = try house.vault.principal(token: Array(token.utf8))
        #expect(try house.vault.shares(of: Digest(Members.all[2].certificate), for: other).isEmpty)
    }
}
