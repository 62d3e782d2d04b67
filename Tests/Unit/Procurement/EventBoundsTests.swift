import Canonical
import Procurement
import Testing

/// Values that have the right type and are wrong all the same.
@Suite("sceau/event/1: bounds")
struct EventBoundsTests {
    private func isRead(_ name: String, _ path: String, _ value: JSON) throws -> Bool {
        let json = try JSON(canonical: Vector.bytes(name))
        let place = Place(path: path.split(separator: ".").map(String.init))
        let changed = place.changing(json) { _ in value }
        #expect(changed != json, "\(name): there is no \(path), or it is the same")
        return (try? Event(canonical: changed.encoded())) != nil
    }

    @Test func aNonceHasSixteenBytes() throws {
        for count in [0, 1, 15, 17, 32] {
            #expect(try !isRead("log-opened", "nonce", .base64([UInt8](repeating: 7, count: count))))
        }
        #expect(try isRead("log-opened", "nonce", .base64([UInt8](repeating: 7, count: 16))))
    }

    @Test func aWordIsOneOfTheList() throws {
        for (name, field) in [
            ("log-opened", "log"), ("log-opened", "type"), ("account-created", "kind"), ("bid-received", "verdict"),
            ("bid-received", "sealedBy"), ("bid-received", "intent"), ("bid-received", "clock"),
            ("closed", "bids.#0.verdict"), ("account-created", "registration.scheme"), ("user-added", "roles.#0"),
        ] {
            for word in ["other", "Real", "", "real ", "late\u{301}"] {
                #expect(try !isRead(name, field, .string(word)), "\(field) \(word)")
            }
        }
    }

    @Test func aCauseIsAWord() throws {
        for (name, field) in [
            ("attempt-failed", "cause"), ("refused", "action"), ("refused", "reason"), ("refusals-counted", "reason"),
        ] {
            for text in ["", "Cut", "cut off", "1st", "-", String(repeating: "a", count: 65), "prix-élevé"] {
                #expect(try !isRead(name, field, .string(text)), "\(field) \(text)")
            }
            #expect(try isRead(name, field, .string(String(repeating: "a", count: 64))))
        }
    }

    @Test func aFactMakesAWordOfWhatItIsTold() throws {
        for (text, word) in [
            ("cut", "cut"), ("TLS handshake failed", "tls-handshake-failed"), ("two lengths; refused.", "two-lengths-refused"),
            ("  --x9  ", "x9"), ("", "other"), ("é", "other"), ("1 of 2", "of-2"), ("not-yet", "not-yet"),
            (String(repeating: "a", count: 80), String(repeating: "a", count: 64)),
            (String(repeating: "a", count: 63) + " b", String(repeating: "a", count: 63)),
        ] {
            #expect(Word.standing(for: text) == word)
            #expect(Word.isValid(word))
            let fact = RefusalsCounted(source: "others", reason: text, minute: Scene.before, count: 1)
            let event = Event(log: .real, at: Scene.after, nonce: Array(0..<16), fact: fact)
            #expect(try Event(canonical: event.canonicalBytes).fact is RefusalsCounted)
        }
    }

    @Test func aQuorumIsWithinItsCommittee() throws {
        for name in ["keys-set", "closed"] {
            for (field, number) in [("k", 0), ("k", 4), ("n", 1), ("n", 256)] as [(String, Int64)] {
                #expect(try !isRead(name, field, .integer(number)), "\(name) \(field) \(number)")
            }
            #expect(try isRead(name, "k", .integer(3)))
            #expect(try isRead(name, "n", .integer(255)))
        }
    }

    @Test func aMemberHasANumberFrom1To255() throws {
        for (name, field) in [
            ("key-accepted", "member"), ("opening-announced", "announcer"), ("opening-approved", "member"),
            ("opening-released", "approvals.#0"), ("opening-concluded", "announcer"),
        ] {
            for number in [0, 256, -1] as [Int64] { #expect(try !isRead(name, field, .integer(number)), "\(name) \(number)") }
            #expect(try isRead(name, field, .integer(7)))
        }
    }

    @Test func aVersionIsFrom1To10000() throws {
        for name in ["published", "deadline-extended", "bid-received", "closed"] {
            #expect(try !isRead(name, "deadlineVersion", .integer(0)))
            #expect(try !isRead(name, "deadlineVersion", .integer(10_001)))
            #expect(try isRead(name, "deadlineVersion", .integer(10_000)))
        }
    }

    @Test func listsAreOrderedAndRepeatNothing() throws {
        #expect(try !isRead("user-added", "roles", .array([.string("opener"), .string("buyer")])))
        #expect(try !isRead("user-added", "roles", .array([.string("buyer"), .string("buyer")])))
        #expect(try !isRead("user-added", "roles", .array([])))
        #expect(try !isRead("consultation-created", "parts", .array([])))
        #expect(try !isRead("consultation-created", "parts", .array([.string("offer"), .string("offer")])))
        #expect(try !isRead("consultation-created", "parts", .array((0..<9).map { .string("part" + String(repeating: "x", count: $0)) })))
        #expect(try !isRead("keys-set", "parts", .array([])))
        #expect(try !isRead("opening-released", "approvals", .array([.integer(1), .integer(1)])))
        #expect(try !isRead("opening-concluded", "opened", .array([.identifier(Scene.id), .identifier(Scene.id)])))
        #expect(try !isRead("closed", "bids.#0.position", .integer(15)))
        #expect(try !isRead("closed", "bids.#0.position", .integer(16)))
        #expect(try isRead("closed", "bids", .array([])))
    }

    @Test func aPartHasALowerCaseName() throws {
        for name in ["", "Offer", "offer1", "of fer", String(repeating: "o", count: 33), "öffer"] {
            #expect(try !isRead("consultation-created", "parts.#0", .string(name)))
            #expect(try !isRead("keys-set", "parts.#0.part", .string(name)))
            #expect(try !isRead("opening-approved", "shares.#0.part", .string(name)))
        }
    }

    @Test func aSIRETHasFourteenDigits() throws {
        for number in ["1234567890001", "123456789000111", "1234567890001x", ""] {
            #expect(try !isRead("account-created", "registration.number", .string(number)))
        }
        #expect(try !isRead("account-created.foreign", "registration.number", .string(String(repeating: "1", count: 65))))
    }

    @Test func aCountedMinuteIsWhole() throws {
        #expect(try !isRead("refusals-counted", "minute", .string("2026-11-23T11:00:01.000Z")))
        #expect(try !isRead("refusals-counted", "minute", .string("2026-11-23T11:00:00.001Z")))
        #expect(try !isRead("refusals-counted", "count", .integer(0)))
    }

    @Test func textsEndAtTheirBounds() throws {
        for (name, field, longest) in [
            ("account-created", "name", 400), ("consultation-created", "buyer", 400),
            ("consultation-created", "reference", 200), ("consultation-created", "title", 1000),
            ("consultation-created", "object", 4000), ("consultation-created", "timeZone", 64),
            ("bid-received", "buyer", 400), ("bid-received", "reference", 200), ("bid-received", "title", 1000),
            ("bid-received", "object", 4000), ("bid-received", "timeZone", 64), ("bid-received", "depositorName", 400),
            ("refusals-counted", "source", 64), ("set-aside", "file", 600),
        ] {
            #expect(try isRead(name, field, .string(String(repeating: "a", count: longest))), "\(name) \(field)")
            #expect(try !isRead(name, field, .string(String(repeating: "a", count: longest + 1))), "\(name) \(field)")
            #expect(try !isRead(name, field, .string(String(repeating: "é", count: longest / 2 + 1))), "\(name) \(field)")
        }
    }

    /// A closing that could be written and not be read would keep a consultation shut for ever.
    @Test func theLargestClosingCanBeRead() throws {
        func bytes(bids: Int) throws -> Int {
            let closed = Closed(
                consultation: Scene.id, deadline: Scene.deadline, deadlineVersion: 1, keys: Scene.fingerprint, k: 2,
                n: 3,
                bids: (0..<bids).map {
                    .init(
                        position: (1 << 52) - 1000 + Int64($0), leaf: Scene.digest(1), bid: Scene.identifier(2),
                        verdict: .onTime)
                }, attempts: 0)
            let bytes = Event(log: .real, at: Scene.after, nonce: Array(0..<16), fact: closed).canonicalBytes
            let read = try #require(try Event(canonical: bytes).fact as? Closed)
            #expect(read.bids.count == bids)
            return bytes.count
        }
        let each = try bytes(bids: 101) - bytes(bids: 100)
        // Uploads under way when the last place is taken: as many as there may be connections.
        let most = Standing.mostBids + 10_000
        #expect(try bytes(bids: 0) + most * each < JSON.longest)
        #expect(5 * most + 100 < JSON.mostValues)
        // The minutes name each bid with its document, in twenty values, and are read by the same reader.
        #expect(20 * most + 1000 < JSON.mostValues)
    }
}
