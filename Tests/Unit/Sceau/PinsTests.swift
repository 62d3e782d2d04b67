import Canonical
import Foundation
import Testing

@testable import sceau

/// A home of its own, removed afterwards.
private final class TemporaryHome {
    let path = NSTemporaryDirectory() + "sceau-home-\(UUID().uuidString)/a/b"
    var pins: Pins { Pins(try! Home(environment: ["SCEAU_HOME": path])) }
    deinit { try? FileManager.default.removeItem(atPath: String(path.dropLast(4))) }

    func mode(_ name: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path + name)[.posixPermissions] as? Int) ?? 0
    }
}

private let id = try! Identifier("00112233445566778899aabbccddeeff")
private let one = try! Digest(hex: String(repeating: "11", count: 32))
private let two = try! Digest(hex: String(repeating: "22", count: 32))

private func instant(_ text: String) -> Instant { try! Instant(parsing: text) }

private func refusal(_ body: () throws(CommandError) -> Void) -> CommandError? {
    do {
        try body()
        return nil
    } catch { return error }
}

@Suite struct PinsTests {
    @Test func theFirstFingerprintIsPinnedAndAnotherRefused() throws {
        let home = TemporaryHome()
        #expect(try home.pins.pin(of: id).fingerprint == nil)
        #expect(try home.pins.check(fingerprint: one, given: nil, of: id).source == .firstSight)
        #expect(try home.pins.pin(of: id).fingerprint == one)
        let complaint = refusal { () throws(CommandError) in try home.pins.check(fingerprint: two, given: nil, of: id) }
        #expect(complaint?.outcome == .refused)
        #expect(complaint?.message.contains("HAVE CHANGED") == true)
        #expect(complaint?.message.contains(one.hex) == true && complaint?.message.contains(two.hex) == true)
        // Nor does a person's word for the new one overwrite the old.
        #expect(refusal { () throws(CommandError) in try home.pins.check(fingerprint: two, given: two, of: id) } != nil)
        #expect(try home.pins.pin(of: id).fingerprint == one)
    }

    /// Keys that a platform says were added are taken on a person's word alone, and kept beside those that were pinned first.
    @Test func whatStandsBesidePinnedKeysIsNeverTakenAtFirstSight() throws {
        let home = TemporaryHome()
        let deadline = instant("2026-11-23T17:00:00.000Z")
        try home.pins.saw(deadline: deadline, of: id)
        try home.pins.check(fingerprint: one, given: one, of: id)
        let complaint = refusal { () throws(CommandError) in try home.pins.check(fingerprint: two, given: nil, of: id, set: two) }
        #expect(complaint?.message.contains("KEYS WERE ADDED") == true && complaint?.outcome == .refused)
        #expect(refusal { () throws(CommandError) in try home.pins.check(fingerprint: two, given: one, of: id, set: two) } != nil)
        #expect(try home.pins.pin(of: id, set: two).fingerprint == nil)
        let pin = try home.pins.check(fingerprint: two, given: two, of: id, set: two)
        #expect(pin.fingerprint == two && pin.source == .given && pin.deadline == deadline)
        #expect(try home.pins.check(fingerprint: two, given: nil, of: id, set: two).source == .given)
        // Each is held to itself from then on, and neither is taken for the other.
        let three = try Digest(hex: String(repeating: "33", count: 32))
        #expect(refusal { () throws(CommandError) in try home.pins.check(fingerprint: three, given: nil, of: id, set: two) } != nil)
        #expect(refusal { () throws(CommandError) in try home.pins.check(fingerprint: two, given: two, of: id, set: one) } != nil)
        #expect(try home.pins.pin(of: id).fingerprint == one && home.pins.pin(of: id, set: one).fingerprint == one)
        #expect(try home.pins.pin(of: id).latest == two)
        try home.pins.forget(fingerprint: two, of: id, set: two)
        #expect(try home.pins.pin(of: id, set: two).fingerprint == nil && home.pins.pin(of: id).fingerprint == one)
        #expect(try home.pins.pin(of: id).latest == nil)
        // What this machine made is known.
        try home.pins.check(fingerprint: three, given: nil, of: id, set: three, source: .ceremony)
        #expect(try home.pins.pin(of: id, set: three).source == .ceremony)
    }

    /// Nothing is pinned yet: the set that is meant is, as any other.
    @Test func theFirstSetThatIsKnownIsTheConsultations() throws {
        let home = TemporaryHome()
        #expect(try home.pins.check(fingerprint: two, given: nil, of: id, set: two).source == .firstSight)
        #expect(try home.pins.pin(of: id).fingerprint == two)
        #expect(refusal { () throws(CommandError) in try home.pins.check(fingerprint: one, given: nil, of: id, set: one) } != nil)
    }

    @Test func whatIsGivenMustBeWhatIsShown() throws {
        let home = TemporaryHome()
        #expect(
            refusal { () throws(CommandError) in try home.pins.check(fingerprint: one, given: two, of: id) }?.outcome
                == .refused)
        #expect(try home.pins.pin(of: id).fingerprint == nil)
        #expect(try home.pins.check(fingerprint: one, given: nil, of: id).source == .firstSight)
        #expect(try home.pins.check(fingerprint: one, given: one, of: id).source == .given)
        #expect(try home.pins.check(fingerprint: one, given: nil, of: id).source == .given)
    }

    @Test func theLatestDeadlineStays() throws {
        let home = TemporaryHome()
        let early = instant("2026-11-23T17:00:00.000Z")
        let late = instant("2026-11-30T17:00:00.000Z")
        try home.pins.saw(deadline: early, of: id)
        try home.pins.saw(deadline: late, of: id)
        #expect(try home.pins.saw(deadline: early, of: id).deadline == late)
        #expect(try home.pins.pin(of: id).deadline == late)
    }

    @Test func everythingIsPrivate() throws {
        let home = TemporaryHome()
        try home.pins.check(fingerprint: one, given: nil, of: id)
        #expect(home.mode("") == 0o700)
        #expect(home.mode("/pins") == 0o700)
        #expect(home.mode("/pins/\(id.text)") == 0o600)
    }

    @Test(arguments: ["", "{}", "{\"format\":\"sceau/pin/1\"}", "\u{0}\u{0}"])
    func aDamagedPinIsNotAnAbsentOne(text: String) throws {
        let home = TemporaryHome()
        try home.pins.check(fingerprint: one, given: nil, of: id)
        try Data(text.utf8).write(to: URL(fileURLWithPath: home.path + "/pins/\(id.text)"))
        let complaint = refusal { () throws(CommandError) in try home.pins.check(fingerprint: one, given: nil, of: id) }
        #expect(complaint?.outcome == .refused)
    }

    @Test func anotherConsultationsPinIsDamage() throws {
        let home = TemporaryHome()
        try home.pins.check(fingerprint: one, given: nil, of: id)
        let other = try Identifier("ffeeddccbbaa99887766554433221100")
        try FileManager.default.copyItem(
            atPath: home.path + "/pins/\(id.text)", toPath: home.path + "/pins/\(other.text)")
        #expect(refusal { () throws(CommandError) in _ = try home.pins.pin(of: other) } != nil)
    }

    @Test func aPinTakenBackIsGoneAndItsDeadlineStays() throws {
        let home = TemporaryHome()
        let deadline = instant("2026-11-23T17:00:00.000Z")
        try home.pins.saw(deadline: deadline, of: id)
        try home.pins.check(fingerprint: one, given: nil, of: id, source: .ceremony)
        try home.pins.forget(fingerprint: two, of: id)
        #expect(try home.pins.pin(of: id).source == .ceremony)
        try home.pins.forget(fingerprint: one, of: id)
        let pin = try home.pins.pin(of: id)
        #expect(pin.fingerprint == nil && pin.source == nil && pin.deadline == deadline)
    }

    @Test func pinsAreCanonical() throws {
        var pin = Pin(consultation: id)
        pin.fingerprint = one
        pin.source = .ceremony
        pin.deadline = instant("2026-11-23T17:00:00.000Z")
        let text = String(decoding: pin.canonicalBytes, as: UTF8.self)
        #expect(
            text
                == "{\"consultation\":\"\(id.text)\",\"deadline\":\"2026-11-23T17:00:00.000Z\",\"fingerprint\":\"\(one.hex)\","
                + "\"format\":\"sceau/pin/1\",\"source\":\"ceremony\"}")
        #expect(try Pin(canonical: pin.canonicalBytes) == pin)
    }

    @Test func aHomeIsNeeded() {
        #expect(throws: CommandError.self) { try Home(environment: [:]) }
        #expect(try! Home(environment: ["HOME": "/home/x"]).path == "/home/x/.config/sceau")
        #expect(try! Home(environment: ["HOME": "/home/x", "SCEAU_HOME": "/y"]).path == "/y")
    }
}

@Suite struct OwnClockTests {
    private let deadline = instant("2026-11-23T17:00:00.000Z")

    @Test func nothingOpensBeforeTheDeadlinesSecondIsOver() {
        for text in ["2026-11-23T16:59:59.999Z", "2026-11-23T17:00:00.000Z", "2026-11-23T17:00:00.999Z"] {
            let complaint = refusal { () throws(CommandError) in
                try OwnClock.check(instant(text), hasPassed: [deadline])
            }
            #expect(complaint?.outcome == .refused, "\(text)")
        }
        #expect(
            refusal { () throws(CommandError) in
                try OwnClock.check(instant("2026-11-23T17:00:01.000Z"), hasPassed: [deadline])
            } == nil)
    }

    @Test func theLatestOfAllDeadlinesCounts() {
        let extended = instant("2026-11-24T17:00:00.250Z")
        let between = instant("2026-11-24T12:00:00.000Z")
        #expect(
            refusal { () throws(CommandError) in try OwnClock.check(between, hasPassed: [deadline, extended]) } != nil)
        #expect(
            refusal { () throws(CommandError) in
                try OwnClock.check(instant("2026-11-24T17:00:01.000Z"), hasPassed: [extended, deadline])
            } == nil)
    }
}
