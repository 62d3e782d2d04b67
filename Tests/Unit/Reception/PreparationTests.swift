import Canonical
import Procurement
import Sealing
import Testing

@testable import Reception

@Suite("Preparing, with a register")
struct PreparationTests {
    private func accept(_ house: House, _ id: Identifier, _ committee: Committee, _ member: Int) throws -> [Int] {
        let signed = try Members.all[member - 1].member().accept(committee, fingerprint: committee.fingerprint)
        return try house.vault.accept(id, by: house.opener.principal, signed: signed.canonicalBytes).accepted
    }

    @Test func theSameKeySetAgainKeepsTheAcceptances() throws {
        let house = try House()
        let (id, committee) = try house.sealed()
        #expect(try accept(house, id, committee, 2) == [2])
        #expect(try house.setKeys(of: id, committee.keySet, committee.capsules) == committee.fingerprint)
        #expect(try accept(house, id, committee, 1) == [1, 2])
        #expect(try house.facts(KeysSet.self).count == 1)
        #expect(refusal { try accept(house, id, committee, 1) } == .alreadyDone)
    }

    @Test func anotherKeySetBeginsAnew() throws {
        let house = try House()
        let (id, committee) = try house.sealed()
        #expect(try accept(house, id, committee, 2) == [2])
        let (keySet, capsules) = try Members.ceremony(id)
        _ = try house.setKeys(of: id, keySet, capsules)
        #expect(refusal { try accept(house, id, committee, 1) } == .signature, "of the set before")
        #expect(try accept(house, id, Committee(keySet, capsules), 1) == [1])
        #expect(refusal { try house.vault.publish(id, by: house.buyer.principal, fingerprint: committee.fingerprint) } == .fingerprint)
        #expect(refusal { try house.vault.publish(id, by: house.buyer.principal, fingerprint: keySet.fingerprint) } == .quorum)
    }

    @Test func keysOfAnotherConsultationAreRefused() throws {
        let house = try House()
        let (_, committee) = try house.sealed()
        let (other, _) = try house.sealed()
        #expect(refusal { try house.setKeys(of: other, committee.keySet, committee.capsules) } == .keys)
        #expect(refusal { try house.setKeys(of: other, committee.keySet, []) } == .keys)
    }

    @Test func aDraftDoesNotExistForOthers() throws {
        let house = try House()
        let (id, _) = try house.sealed()
        for principal in [nil, house.bidder.principal] {
            #expect(refusal { try house.vault.consultation(id, for: principal) } == .notFound)
            #expect(try house.vault.consultations(for: principal).isEmpty)
        }
        #expect(try house.vault.consultation(id, for: house.opener.principal).consultation.phase == .sealed)
        #expect(try house.vault.consultations(for: house.buyer.principal).count == 1)
        #expect(refusal { try house.vault.keys(of: id, for: house.bidder.principal) } == .forbidden)
    }

    @Test func aTokenIsFoundOnlyAsItIs() throws {
        let house = try House()
        #expect(try house.vault.principal(token: house.buyer.token) == house.buyer.principal)
        for token in [[], Array("sceau_".utf8), house.buyer.token.dropLast() + [0x30], house.buyer.token + [0x30]] as [[UInt8]] {
            guard token != house.buyer.token else { continue }
            #expect(refusal { try house.vault.principal(token: token) } == .unauthenticated)
        }
    }

    @Test func peopleAreCheckedBeforeTheyAreAdded() throws {
        let house = try House()
        func add(_ role: Role, name: String = "N", account: String?, siret: String? = nil) -> Refusal.Kind? {
            refusal { try house.vault.addUser(name: name, role: role, account: account, siret: siret) }
        }
        #expect(add(.bidder, account: nil) == .invalid)
        #expect(add(.bidder, account: "Commune") == .invalid, "an account of the other kind")
        #expect(add(.buyer, account: "Toitures SARL") == .invalid)
        #expect(add(.buyer, name: " ", account: "Commune") == .invalid)
        #expect(add(.bidder, account: "Neuve", siret: "123") == .invalid)
        #expect(add(.bidder, account: "Neuve", siret: "12345678900011") == nil)
        #expect(add(.admin, account: nil) == nil)
    }

    @Test func refusalsLeaveATrace() throws {
        let house = try House()
        let (id, _) = try house.sealed()
        house.vault.record(Refusal(.phase), of: "publish", by: house.buyer.principal, consultation: id)
        house.vault.record(Refusal(.notFound), of: "deposit", by: house.bidder.principal, consultation: identifier(9))
        let ours = try #require(try house.facts(Refused.self).first)
        #expect(ours.consultation == id && ours.action == "publish" && ours.reason == "phase")
        let unknown = try #require(try house.facts(Refused.self, in: .real).first)
        #expect(unknown.consultation == nil, "an identifier that names nothing is the client's text")
        house.vault.count(refusal: "TLS handshake failed", from: "192.0.2.0/24")
        house.dial.turn(to: "11:01:00.000")
        house.vault.tend()
        let counted = try #require(try house.facts(RefusalsCounted.self, in: .real).first)
        #expect(counted.reason == "tls-handshake-failed" && counted.count == 1 && counted.minute == Dial.instant("11:00:00.000"))
    }
}
