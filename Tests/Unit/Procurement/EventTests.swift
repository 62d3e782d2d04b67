import Canonical
import Procurement
import Testing

@Suite("sceau/event/1")
struct EventTests {
    /// Fields that a fact may lack; every other one is refused if it is missing.
    static let optional: Set<String> = [
        "account-created.registration", "consultation-created.object", "bid-received.object",
        "bid-received.depositorRegistration", "bid-received.previous", "bid-received.outcome",
        "attempt-failed.announced", "refused.consultation", "attempt-traced.consultation", "attempt-traced.announced",
        "attempt-traced.offset", "attempt-traced.status", "attempt-traced.reference", "attested.consultation",
        "log-continued.lost", "receipt-kept.tokenManifests",
        "draft-opened.awaited", "copy-decided.cause", "copy-decided.bid",
        "key-accepted.paper", "opening-approved.paper", "share-rehearsed.paper",
        "consultation-archived.grounds",
        "clock-unsound.drift", "clock-accepted.drift", "opening-announced.committee", "opening-announced.keys",
        "closing-stated.earlierKeys",
    ]

    @Test("each type has its vector, and each vector its sample")
    func complete() throws {
        let samples = Samples.all.map(\.name).sorted()
        #expect(try Vector.names() == samples)
        let types = Set(samples.map { $0.split(separator: ".")[0] }).map(String.init)
        #expect(Set(types) == Set(Event.types.keys))
    }

    @Test("is written as its vector, byte for byte", arguments: Samples.all.map(\.name))
    func writes(_ name: String) throws {
        let sample = try #require(Samples.all.first { $0.name == name }?.event)
        #expect(String(decoding: sample.canonicalBytes, as: UTF8.self) == String(decoding: try Vector.bytes(name), as: UTF8.self))
    }

    @Test("is read from its vector, and written again as it was", arguments: Samples.all.map(\.name))
    func reads(_ name: String) throws {
        let bytes = try Vector.bytes(name)
        let event = try Event(canonical: bytes)
        #expect(event.canonicalBytes == bytes)
        #expect(name.hasPrefix(type(of: event.fact).type))
        #expect(event.at.description == "2026-11-23T17:00:08.918Z")
        #expect(event.nonce == Array(0..<16))
    }

    @Test("no fact has a field of the event around it", arguments: Samples.all.map(\.name))
    func apart(_ name: String) throws {
        let event = try #require(Samples.all.first { $0.name == name }?.event)
        #expect(Set(event.fact.fields.keys).isDisjoint(with: ["format", "log", "type", "at", "nonce"]))
    }

    @Test("without one of its fields is refused", arguments: Samples.all.map(\.name))
    func missing(_ name: String) throws {
        let json = try JSON(canonical: Vector.bytes(name))
        let type = String(name.split(separator: ".")[0])
        for place in Place.all(in: json) {
            let isOptional = EventTests.optional.contains("\(type).\(place.name)")
            let bytes = place.changing(json) { _ in nil }.encoded()
            #expect(((try? Event(canonical: bytes)) != nil) == isOptional, "without \(place.name)")
        }
    }

    @Test("with a field more is refused, inside too", arguments: Samples.all.map(\.name))
    func unknown(_ name: String) throws {
        let json = try JSON(canonical: Vector.bytes(name))
        for place in Place.objects(in: json) {
            let bytes = place.changing(json) { object in
                guard case .object(var fields) = object else { return object }
                fields["unknown"] = .bool(true)
                return .object(fields)
            }.encoded()
            #expect(throws: CanonicalError.self, "one more in \(place.name)") { try Event(canonical: bytes) }
        }
    }

    @Test("with a field of another type is refused", arguments: Samples.all.map(\.name))
    func mistyped(_ name: String) throws {
        let json = try JSON(canonical: Vector.bytes(name))
        for place in Place.all(in: json) {
            for other in [JSON.bool(true), .object([:]), .integer(-1), .string("\u{1}"), .string("")] {
                let bytes = place.changing(json) { _ in other }.encoded()
                // Texts for people are bounded by what may be written, not by what may be read: the rules hold that.
                if case .integer = other, place.name == "drift" { continue }
                // True, or absent.
                if case .bool = other, place.name == "paper" { continue }
                let isText = ["reason", "grounds", "name", "buyer", "reference", "title", "object", "timeZone", "depositorName", "source", "file", "ground", "depositor", "medium", "bearer"]
                // Of a copy of safeguard: elsewhere a depositor is an identifier.
                let isName = place.name != "depositor" || name == "copy-registered"
                if case .string = other, isText.contains(place.name), isName { continue }
                #expect(throws: CanonicalError.self, "\(other) as \(place.name)") { try Event(canonical: bytes) }
            }
        }
    }

    @Test("in another order, with a space or a line's end is refused", arguments: Samples.all.map(\.name))
    func altered(_ name: String) throws {
        let bytes = try Vector.bytes(name)
        let text = String(decoding: bytes, as: UTF8.self)
        // `at` comes second at the latest: first it is never, for another key sorts before or behind it.
        let at = "\"at\":\"2026-11-23T17:00:08.918Z\""
        #expect(text.contains(at))
        let moved = "{" + text.dropFirst().dropLast().replacing("," + at, with: "").replacing(at + ",", with: "") + "," + at + "}"
        #expect(moved.utf8.count == text.utf8.count)
        for other in [moved, text + "\n", " " + text, text.replacing("\":", with: "\": ", maxReplacements: 1)] {
            #expect(throws: CanonicalError.self) { try Event(canonical: Array(other.utf8)) }
        }
    }

    @Test("a byte cut off anywhere is refused", arguments: Samples.all.map(\.name))
    func cut(_ name: String) throws {
        let bytes = try Vector.bytes(name)
        for length in bytes.indices {
            #expect(throws: CanonicalError.self) { try Event(canonical: Array(bytes[..<length])) }
        }
    }
}
