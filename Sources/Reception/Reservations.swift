import Canonical
import Procurement
import Synchronization

/// Room on the disk and in the daemon that uploads under way have been promised, so that one that was let in can end.
///
/// One account holds at most its share, which is so many uploads and bytes, and never more than a part of what is free: who
/// asks for everything leaves room for the rest. The last fifth of the disk is for bids under 100 MiB; a part is kept for
/// the register, which must be able to say what happened when nothing else fits.
final class Reservations: Sendable {
    /// What the disk has, read on a thread that may block.
    struct Room: Sendable {
        let free: Int64
        let total: Int64
        let freeInodes: Int64
    }

    private struct State {
        var bytes: Int64 = 0
        var accounts: [Identifier: (uploads: Int, bytes: Int64)] = [:]
    }

    private let limits: ReceptionLimits
    private let state = Mutex(State())

    init(limits: ReceptionLimits) {
        self.limits = limits
    }

    /// - Parameters:
    ///   - bytes: the length announced, or the limit where none was.
    ///   - uploads: 1 for one under way, 0 for room that one to come will fill.
    func reserve(_ bytes: Int64, uploads: Int = 1, for account: Identifier, room: Room) throws(Refusal) {
        let refusal: Refusal? = state.withLock { state in
            let held = state.accounts[account] ?? (0, 0)
            guard held.uploads + uploads <= limits.uploadsPerAccount else {
                return Refusal(.busy, "An account may have \(limits.uploadsPerAccount) uploads under way (limit `uploadsOfAccount`).")
            }
            guard held.bytes + bytes <= limits.bytesPerAccount else {
                return Refusal(.busy, "An account may have \(limits.bytesPerAccount) bytes under way (limit `reservedBytesOfAccount`).")
            }
            let free = room.free - state.bytes - limits.registerReserve
            let floor = bytes < limits.smallBid ? 0 : room.total / 100 * limits.reservedPercent
            guard free - bytes >= floor, room.freeInodes > limits.inodeReserve else {
                return Refusal(.storage, "There is no room for this upload.")
            }
            guard bytes < limits.smallBid || held.bytes + bytes <= share(of: held.bytes, free: free - floor) else {
                return Refusal(.storage, "An account may be promised \(limits.percentPerAccount) % of the room that is free.")
            }
            state.bytes += bytes
            state.accounts[account] = (held.uploads + uploads, held.bytes + bytes)
            return nil
        }
        if let refusal { throw refusal }
    }

    /// An account's part of what it would find free, were it alone.
    private func share(of held: Int64, free: Int64) -> Int64 {
        limits.percentPerAccount < 100 ? (free + held) / 100 * limits.percentPerAccount : free + held
    }

    /// How many bytes, at most `limit`, an account would be promised now for an upload whose length it does not say.
    func most(_ limit: Int64, for account: Identifier, room: Room) -> Int64 {
        state.withLock { state in
            let held = state.accounts[account]?.bytes ?? 0
            let free = room.free - state.bytes - limits.registerReserve
            let large = share(of: held, free: free - room.total / 100 * limits.reservedPercent) - held
            return max(1, min(limit, max(large, min(limits.smallBid - 1, free)), limits.bytesPerAccount - held))
        }
    }

    /// Under way.
    var uploads: Int { state.withLock { $0.accounts.values.reduce(0) { $0 + $1.uploads } } }

    /// Promised to an account and not given back.
    func bytes(of account: Identifier) -> Int64 { state.withLock { $0.accounts[account]?.bytes ?? 0 } }

    func release(_ bytes: Int64, uploads: Int = 1, of account: Identifier) {
        state.withLock { state in
            state.bytes -= bytes
            guard var held = state.accounts[account] else { return }
            held.uploads -= uploads
            held.bytes -= bytes
            state.accounts[account] = held.uploads > 0 || held.bytes > 0 ? held : nil
        }
    }
}
