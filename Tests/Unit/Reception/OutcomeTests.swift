import Canonical
import OpenSSL
import Testing

@testable import Reception

@Suite("Stored outcomes")
struct OutcomeTests {
    private let outcome = Outcome(documents: [
        Receipt.Document(part: "offer", name: "prix élevé 🏫.pdf", length: 42, sha256: digest(7))
    ])
    private let place = Outcome.Place(account: identifier(1), consultation: identifier(2), key: digest(3))

    private func key(_ token: String) throws -> OutcomeKey {
        try OutcomeKey(token: Secret(copying: Array(token.utf8).span))
    }

    @Test func theTokenThatMadeItOpensIt() throws {
        let sealed = try outcome.sealed(under: key("sceau_a"), place: place)
        #expect(try Outcome.opening(sealed, under: key("sceau_a"), place: place).documents == outcome.documents)
    }

    @Test func noOtherTokenDoes() throws {
        let sealed = try outcome.sealed(under: key("sceau_a"), place: place)
        let other = try key("sceau_b")
        #expect(throws: (any Error).self) { try Outcome.opening(sealed, under: other, place: place) }
    }

    @Test func movedElsewhereItDoesNotOpen() throws {
        let key = try key("sceau_a")
        let sealed = try outcome.sealed(under: key, place: place)
        for elsewhere in [
            Outcome.Place(account: identifier(9), consultation: identifier(2), key: digest(3)),
            Outcome.Place(account: identifier(1), consultation: identifier(9), key: digest(3)),
            Outcome.Place(account: identifier(1), consultation: identifier(2), key: digest(9)),
        ] {
            #expect(throws: (any Error).self) { try Outcome.opening(sealed, under: key, place: elsewhere) }
        }
    }

    @Test func noByteOfItCanBeChanged() throws {
        let key = try key("sceau_a")
        let sealed = try outcome.sealed(under: key, place: place)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: (any Error).self) { try Outcome.opening(changed, under: key, place: place) }
            #expect(throws: (any Error).self) { try Outcome.opening(Array(sealed[..<index]), under: key, place: place) }
        }
        #expect(throws: (any Error).self) { try Outcome.opening(sealed + [0], under: key, place: place) }
    }

    @Test func itTellsNothingAndIsNeverTheSame() throws {
        let key = try key("sceau_a")
        let first = try outcome.sealed(under: key, place: place)
        let second = try outcome.sealed(under: key, place: place)
        #expect(first != second && first.prefix(12) != second.prefix(12))
        let text = String(decoding: first, as: UTF8.self)
        #expect(!text.contains("pdf") && !text.contains("documents"))
        #expect(first.count == 12 + outcome.canonicalBytes.count + 16)
    }
}
