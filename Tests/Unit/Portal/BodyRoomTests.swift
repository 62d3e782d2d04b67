import Canonical
import Testing

@testable import Portal

@Suite("Room for JSON bodies")
struct BodyRoomTests {
    private func account(_ number: UInt8) -> Identifier { Identifier(random: InlineArray(repeating: number)) }

    @Test func anAccountHasItsShareOnly() {
        let room = BodyRoom()
        var places = [room.take(BodyRoom.mostOfAccount - 1, for: account(1)), room.take(1, for: account(1))]
        #expect(!places.contains { $0 == nil })
        #expect(room.take(1, for: account(1)) == nil)
        #expect(room.take(1, for: account(2)) != nil)
        places.removeLast()
        #expect(room.take(1, for: account(1)) != nil)
    }

    @Test func allTogetherHaveTheirs() {
        let room = BodyRoom()
        var places: [BodyRoom.Place?] = []
        for number in 0..<UInt8(BodyRoom.most / BodyRoom.mostOfAccount) {
            places.append(room.take(BodyRoom.mostOfAccount, for: account(number)))
        }
        #expect(!places.contains { $0 == nil })
        #expect(room.take(1, for: account(99)) == nil && room.take(1, for: nil) == nil)
        places = []
        #expect(room.take(BodyRoom.most, for: nil) != nil)
    }
}
