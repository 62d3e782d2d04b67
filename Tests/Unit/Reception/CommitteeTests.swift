import Canonical
import Linux
import OpenSSL
import Procurement
import Sealing
import Testing

@testable import Reception

@Suite("Standing committees, with a register") struct CommitteeTests {
    private let house: House
    private let admin: Principal

    init() throws {
        house = try House()
        let token = try house.vault.addUser(name: "Admin", role: .admin, account: "Commune", siret: nil).token
        admin = try house.vault.principal(token: Array(token.utf8))
    }

    private func committee(
        _ members: [Members.Holder] = Members.all, name: String = "cao", memberName: String = "Alice", until: String? = nil
    ) -> StandingCommittee {
        StandingCommittee(
            name: name, k: 2,
            members: members.map {
                .init(name: memberName, certificate: $0.certificate, from: Dial.instant("10:00:00.000"), until: until.map(Dial.instant))
            })
    }

    @discardableResult
    private func set(_ committee: StandingCommittee, named name: String? = nil, by principal: Principal? = nil) throws -> Vault.StandingView {
        try house.vault.setCommittee(committee.canonicalBytes, named: name ?? committee.name, by: principal ?? admin)
    }

    @Test func anAdminSetsItAndTheAccountReadsIt() throws {
        let first = committee()
        #expect(try set(first).committee == first)
        try set(first)
        #expect(try house.facts(CommitteeSet.self, in: .real).map(\.committee) == [first.digest], "sent again")
        try set(committee(name: "jury"))
        for principal in [admin, house.buyer.principal, house.opener.principal] {
            #expect(try house.vault.committees(for: principal).map(\.committee.name) == ["cao", "jury"])
            #expect(try house.vault.standing("cao", for: principal).bytes == first.canonicalBytes)
        }
        #expect(refusal { try house.vault.standing("other", for: admin) } == .notFound)
        let second = committee(Array(Members.all.prefix(2)))
        try set(second)
        #expect(try house.vault.standing("cao", for: admin).committee == second)
    }

    /// Two admins, each with another member's successor, from the same committee: one of the two changes is made.
    @Test func whatWasMadeFromAnotherIsRefused() throws {
        let first = committee()
        try set(first)
        let changes = [committee(memberName: "Bruno"), committee(memberName: "Claire")]
        let (vault, admin) = (house.vault, admin)
        @Sendable func replace(_ change: StandingCommittee, of old: StandingCommittee) throws {
            _ = try vault.setCommittee(change.canonicalBytes, named: "cao", replacing: old.digest, by: admin)
        }
        #expect(refusal { try replace(changes[0], of: changes[1]) } == .superseded)
        #expect(refusal { try house.vault.setCommittee(committee(name: "jury").canonicalBytes, named: "jury", replacing: first.digest, by: admin) } == .superseded)
        let outcomes = Monitor<[Refusal.Kind?]>([])
        let threads = try changes.map { change in
            try OSThread.start(name: "admin") {
                let kind = refusal { try replace(change, of: first) }
                outcomes.change { $0.append(kind) }
            }
        }
        for thread in threads { thread.join() }
        #expect(Set(outcomes.change { $0 }) == [nil, .superseded])
        let digests = try house.facts(CommitteeSet.self, in: .real).map(\.committee)
        #expect(digests.count == 2)
        let stands = try house.vault.standing("cao", for: admin).committee
        #expect(changes.contains(stands) && digests.last == stands.digest)
        // The answer was lost, and it is sent again.
        try replace(stands, of: first)
        #expect(try house.facts(CommitteeSet.self, in: .real).count == 2)
    }

    @Test func nobodyElseSetsOrSeesIt() throws {
        try set(committee())
        for principal in [house.buyer.principal, house.opener.principal, house.bidder.principal] {
            #expect(refusal { try set(committee(name: "x"), by: principal) } == .forbidden)
        }
        #expect(refusal { try house.vault.committees(for: house.bidder.principal) } == .forbidden)
        // Another account's: as if there were none.
        let holder = try house.admin()
        #expect(try house.vault.committees(for: holder).isEmpty)
        #expect(refusal { try house.vault.standing("cao", for: holder) } == .notFound)
    }

    @Test func whatIsNoCommitteeIsRefused() throws {
        func kind(_ bytes: [UInt8], named name: String = "cao") -> Refusal.Kind? {
            refusal { try house.vault.setCommittee(bytes, named: name, by: admin) }
        }
        #expect(kind([]) == .malformed)
        #expect(kind(Array("{}".utf8)) == .malformed)
        #expect(kind(committee().canonicalBytes, named: "jury") == .keys)
        #expect(kind(committee(Array(repeating: Members.all[0], count: 2)).canonicalBytes) == .keys)
        #expect(kind(committee(until: "11:00:00.000").canonicalBytes) == .keys, "the mandate is over")
        #expect(kind(committee(memberName: "A\u{202e}").canonicalBytes) == .invalid)
        house.dial.pass(200 * 365 * 86_400)
        #expect(kind(committee().canonicalBytes) == .keys, "expired")
        #expect(try house.facts(CommitteeSet.self, in: .real).isEmpty)
    }

    @Test func theBoundIsHeld() throws {
        for number in 1...CommitteeSet.most { try set(committee(name: "c-\(number)")) }
        #expect(refusal { try set(committee(name: "one-more")) } == .invalid)
        // Changed, not added.
        try set(committee(Array(Members.all.prefix(2)), name: "c-1"))
    }

    /// Shares stay with who left, until they are dealt anew.
    @Test func aReplacementTellsWhatIsDue() throws {
        let (sealed, _) = try house.sealed()
        #expect(try set(committee()).due.isEmpty)
        let successor = Members.Holder("Dominique")
        let changed = try set(committee([successor] + Members.all.dropFirst()))
        #expect(changed.due.map(\.id) == [sealed])
        // Still, after another change; and for whoever asks.
        try set(committee([successor, Members.all[1]]))
        #expect(try house.vault.standing("cao", for: house.buyer.principal).due.map(\.id) == [sealed])
        // Who comes back is owed nothing.
        #expect(try set(committee()).due.isEmpty)
    }
}
