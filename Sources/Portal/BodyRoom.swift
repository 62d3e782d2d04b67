import Canonical
import Synchronization

/// Memory for the JSON bodies under way. Each is gathered whole, minutes of an opening are long, and whoever may send one
/// may send many at once, slowly.
final class BodyRoom: Sendable {
    /// Bytes of all bodies together, and of one account's.
    static let most: Int64 = 512 << 20
    static let mostOfAccount: Int64 = 128 << 20

    /// Held as long as the body is; gives its bytes back when it ends.
    final class Place: Sendable {
        private let room: BodyRoom
        private let bytes: Int64
        private let account: Identifier?

        fileprivate init(_ room: BodyRoom, _ bytes: Int64, _ account: Identifier?) {
            self.room = room
            self.bytes = bytes
            self.account = account
        }

        deinit { room.giveBack(bytes, of: account) }
    }

    private struct State {
        var bytes: Int64 = 0
        var accounts: [Identifier: Int64] = [:]
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - bytes: the length announced, or the limit where none was.
    ///   - account: nil for the host's own.
    /// - Returns: nil where there is no room now.
    func take(_ bytes: Int64, for account: Identifier?) -> Place? {
        let isTaken = state.withLock { state in
            guard state.bytes + bytes <= Self.most else { return false }
            if let account {
                let held = state.accounts[account, default: 0]
                guard held + bytes <= Self.mostOfAccount else { return false }
                state.accounts[account] = held + bytes
            }
            state.bytes += bytes
            return true
        }
        return isTaken ? Place(self, bytes, account) : nil
    }

    private func giveBack(_ bytes: Int64, of account: Identifier?) {
        state.withLock { state in
            state.bytes -= bytes
            guard let account, let held = state.accounts[account] else { return }
            state.accounts[account] = held > bytes ? held - bytes : nil
        }
    }
}
