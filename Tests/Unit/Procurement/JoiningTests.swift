import Canonical
import Procurement
import Testing

@Suite("Accounts and users")
struct JoiningTests {
    /// Holder, member, company.
    private static let fits: [Role: String] = [
        .operator: "+..", .admin: "+++", .buyer: "++.", .validator: "++.", .opener: "++.", .auditor: "++.",
        .bidder: "..+",
    ]

    @Test("a role fits the kind of the account", arguments: Role.allCases)
    func fits(_ role: Role) throws {
        for (kind, mark) in zip([AccountKind.holder, .member, .company], try #require(JoiningTests.fits[role])) {
            #expect(role.fits(kind) == (mark == "+"), "\(kind)")
            let answer = refusal { () throws(Refusal) in
                try UserAdded.adding(Scene.buyer.user, to: Scene.commune, of: kind, roles: [role], person: Scene.digest(1))
            }
            #expect(answer?.kind == (mark == "+" ? nil : .invalid))
        }
    }

    @Test func aUserHasARole() throws {
        let none = refusal { () throws(Refusal) in
            try UserAdded.adding(Scene.buyer.user, to: Scene.commune, of: .member, roles: [], person: Scene.digest(1))
        }
        #expect(none?.kind == .invalid)
        let added = try UserAdded.adding(
            Scene.buyer.user, to: Scene.commune, of: .member, roles: [.opener, .buyer, .auditor], person: Scene.digest(1))
        #expect(added.roles == [.auditor, .buyer, .opener])
        let mixed = refusal { () throws(Refusal) in
            try UserAdded.adding(Scene.buyer.user, to: Scene.commune, of: .member, roles: [.buyer, .bidder], person: Scene.digest(1))
        }
        #expect(mixed?.kind == .invalid)
    }

    @Test func namesArePlain() {
        for name in ["", " ", "a\u{202e}b", "a\u{0}", String(repeating: "a", count: 401)] {
            #expect(refusal { () throws(Refusal) in try Person.named(name) }?.kind == .invalid)
            let account = refusal { () throws(Refusal) in
                try AccountCreated.creating(Scene.commune, kind: .member, name: name, registration: nil)
            }
            #expect(account?.kind == .invalid)
        }
        #expect(refusal { () throws(Refusal) in try Person.named("Zoé Le Gall-Ångström") } == nil)
    }

    @Test func aRegistrationIsOfItsScheme() {
        for siret in ["", "1234567890001", "123456789000111", "1234567890001x", "١٢٣٤٥٦٧"] {
            #expect(refusal { () throws(Refusal) in try Registration(siret: siret) }?.kind == .invalid)
        }
        #expect(refusal { () throws(Refusal) in try Registration(siret: "12345678900011") } == nil)
        #expect(refusal { () throws(Refusal) in try Registration(foreign: "DE 811907980") } == nil)
        #expect(refusal { () throws(Refusal) in try Registration(foreign: String(repeating: "1", count: 65)) }?.kind == .invalid)
    }

    @Test func aPersonStandsApart() throws {
        let person = Person(name: "Zoé")
        #expect(String(decoding: person.canonicalBytes, as: UTF8.self) == #"{"format":"sceau/person/1","name":"Zoé"}"#)
        #expect(try Person(canonical: person.canonicalBytes).name == "Zoé")
    }
}
