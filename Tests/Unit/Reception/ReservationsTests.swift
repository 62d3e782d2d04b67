import Canonical
import Procurement
import Testing

@testable import Reception

@Suite("Room that uploads were promised")
struct ReservationsTests {
    private let account = identifier(1)
    private let other = identifier(2)
    /// 1,000 bytes, half of them free.
    private let room = Reservations.Room(free: 500, total: 1000, freeInodes: 100)

    private func reservations(
        uploads: Int = 3, bytes: Int64 = 1000, share: Int64 = 100, register: Int64 = 0, small: Int64 = 0, percent: Int64 = 0, inodes: Int64 = 10
    ) -> Reservations {
        Reservations(
            limits: ReceptionLimits(
                deposits: Limits(document: 1000, bid: 1000, documents: 1), uploadsPerAccount: uploads,
                bytesPerAccount: bytes, percentPerAccount: share, registerReserve: register, smallBid: small, reservedPercent: percent,
                inodeReserve: inodes, refusalsPerMinute: 1, countedSources: 1))
    }

    private func answer(
        _ reservations: Reservations, _ bytes: Int64, for account: Identifier? = nil, room: Reservations.Room? = nil
    ) -> Refusal.Kind? {
        do throws(Refusal) {
            try reservations.reserve(bytes, for: account ?? self.account, room: room ?? self.room)
            return nil
        } catch {
            return error.kind
        }
    }

    @Test func anAccountHasSoManyUploads() {
        let reservations = reservations(uploads: 2)
        #expect(answer(reservations, 1) == nil)
        #expect(answer(reservations, 1) == nil)
        #expect(answer(reservations, 1) == .busy)
        #expect(answer(reservations, 1, for: other) == nil)
        reservations.release(1, of: account)
        #expect(answer(reservations, 1) == nil)
        #expect(answer(reservations, 1) == .busy)
    }

    @Test func anAccountHoldsSoManyBytes() {
        let reservations = reservations(bytes: 100)
        #expect(answer(reservations, 60) == nil)
        #expect(answer(reservations, 41) == .busy)
        #expect(answer(reservations, 40) == nil)
        #expect(answer(reservations, 100, for: other) == nil)
        reservations.release(60, of: account)
        #expect(answer(reservations, 61) == .busy)
        #expect(answer(reservations, 60) == nil)
    }

    @Test func whatWasPromisedIsNotPromisedAgain() {
        let reservations = reservations()
        #expect(answer(reservations, 300) == nil)
        #expect(answer(reservations, 201, for: other) == .storage)
        #expect(answer(reservations, 200, for: other) == nil)
        #expect(answer(reservations, 1, for: other) == .storage)
        reservations.release(300, of: account)
        #expect(answer(reservations, 300, for: other) == nil)
    }

    @Test func theRegisterKeepsItsPart() {
        let reservations = reservations(register: 100)
        #expect(answer(reservations, 401) == .storage)
        #expect(answer(reservations, 400) == nil)
    }

    @Test func theLastPartIsForSmallBids() {
        // 20 % of 1,000 bytes, for bids below 50.
        let reservations = reservations(small: 50, percent: 20)
        #expect(answer(reservations, 301) == .storage)
        #expect(answer(reservations, 300) == nil)
        #expect(answer(reservations, 50, for: other) == .storage)
        #expect(answer(reservations, 49, for: other) == nil)
    }

    /// Half of 500 for each that comes, of what those before it left; small bids beside.
    @Test func whoAsksForEverythingLeavesRoomForTheRest() {
        let reservations = reservations(share: 50, small: 10)
        #expect(answer(reservations, 251) == .storage)
        #expect(answer(reservations, 200) == nil)
        #expect(answer(reservations, 51) == .storage)
        #expect(answer(reservations, 50) == nil)
        #expect(answer(reservations, 10) == .storage)
        #expect(answer(reservations, 9) == nil)
        reservations.release(9, of: account)
        // The same room, seen by another and by a third.
        #expect(reservations.most(1000, for: other, room: room) == 100, "hundredths, rounded down")
        #expect(answer(reservations, 126, for: other) == .storage)
        #expect(answer(reservations, 100, for: other) == nil)
        #expect(answer(reservations, 50, for: identifier(3)) == nil)
        reservations.release(200, of: account)
        #expect(answer(reservations, 40) == nil)
    }

    /// A length that is not announced is promised the account's share, at least a small bid, at most the limit.
    @Test func anUnannouncedLengthGetsWhatThereIs() {
        let reservations = reservations(bytes: 400, share: 50, small: 10, percent: 20)
        #expect(reservations.most(100, for: account, room: room) == 100)
        #expect(reservations.most(1000, for: account, room: room) == 150)
        #expect(answer(reservations, 150) == nil)
        #expect(reservations.most(1000, for: account, room: room) == 9)
        #expect(answer(reservations, 9) == nil)
        #expect(reservations.most(1000, for: other, room: Reservations.Room(free: 165, total: 1000, freeInodes: 100)) == 6)
        #expect(reservations.most(1000, for: other, room: Reservations.Room(free: 0, total: 1000, freeInodes: 100)) == 1)
    }

    @Test func inodesAreKept() {
        let reservations = reservations(inodes: 100)
        #expect(answer(reservations, 1) == .storage)
        #expect(answer(reservations, 1, room: .init(free: 500, total: 1000, freeInodes: 101)) == nil)
    }

    @Test func aRefusalPromisesNothing() {
        let reservations = reservations(uploads: 1)
        #expect(answer(reservations, 501) == .storage)
        #expect(answer(reservations, 500) == nil)
        #expect(answer(reservations, 0) == .busy)
        reservations.release(500, of: account)
        #expect(answer(reservations, 500) == nil)
    }
}
