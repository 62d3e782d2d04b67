import Canonical
import OpenSSL
import Procurement
import Records
import Sealing
import Testing

@testable import Reception

/// Two re-shares beside each other, and a re-share beside an opening.
extension ReshareTests {
    @Test func anotherTakesThePlaceOfWhatIsPending() throws {
        let (first, second) = (try renewal(), try renewal(to: [Members.all[0], Members.all[2], diane]))
        let one = try dealt(first)
        let two = try dealt(second)
        _ = try put(second, two)
        // Announced before it: what was agreed last stays.
        #expect(refusal { _ = try put(first, one) } == .alreadyDone)
        let third = try renewal(to: [diane, Members.all[1], Members.all[2]])
        let three = try dealt(third)
        _ = try accept(two, Members.all[0])
        _ = try put(third, three)
        #expect(refusal { _ = try accept(two, Members.all[2]) } != nil)
        #expect(try state().pending?.keys.accepted == [])
        for holder in [diane, Members.all[1], Members.all[2]] { _ = try accept(three, holder) }
        #expect(try succession().fingerprints == [old.fingerprint, three.fingerprint])
        // And again, from there.
        let fourth = try renewal(of: three, to: [Members.all[0], diane], by: diane)
        let four = try dealt(fourth, of: three, by: [diane, Members.all[2]])
        _ = try put(fourth, four)
        for holder in [Members.all[0], diane] { _ = try accept(four, holder) }
        #expect(try succession().fingerprints == [old.fingerprint, three.fingerprint, four.fingerprint])
    }

    /// Nothing of the procedure moves: deadlines may, and a reopening is possible while re-shares were released.
    @Test func aReshareIsNoOpening() throws {
        let renewal = try renewal()
        let renewed = try dealt(renewal)
        _ = try house.vault.extend(id, by: house.buyer.principal, to: Dial.instant("12:30:00.000"))
        #expect(try state().phase == .published)
        house.dial.turn(to: "12:30:01.000")
        house.vault.tend()
        #expect(try state().phase == .closed)
        _ = try house.vault.reopen(id, by: house.buyer.principal, until: Dial.instant("13:00:00.000"), grounds: "A fault.")
        #expect(try house.facts(Reopened.self).map(\.voids) == [[]])
        // It goes on after it.
        #expect(try put(renewal, renewed) == renewed.fingerprint)
        for holder in holders { _ = try accept(renewed, holder) }
        #expect(try state().keys?.fingerprint == renewed.fingerprint)
    }
}
