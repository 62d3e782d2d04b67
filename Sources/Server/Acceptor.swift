internal import HTTP
internal import Linux
internal import Synchronization

/// Takes connections for one loop from the listeners that all loops share, and gives each to the loop that has fewest.
///
/// Owned by its loop's thread.
final class Acceptor {
    /// Connections taken in one turn.
    private static let turn = 32

    private let listeners: [Listener]
    var peers: [EventLoop] = []
    private var isOpen = false
    /// Descriptors or places are used up: the kernel's queue holds newcomers until the next look.
    private(set) var isPaused = false

    init(_ listeners: [Listener]) {
        self.listeners = listeners
    }

    func open(on loop: EventLoop) {
        guard !isOpen, !loop.isStopping else { return }
        isOpen = true
        for (number, listener) in listeners.enumerated() {
            // EXCLUSIVE: one connection wakes one loop, not all.
            try? loop.epoll.add(
                listener.descriptor.raw, [.readable, .exclusive], token: EventLoop.listenerSlot | UInt64(number))
        }
    }

    func close(on loop: EventLoop) {
        isPaused = false
        guard isOpen else { return }
        isOpen = false
        for listener in listeners { try? loop.epoll.remove(listener.descriptor.raw) }
    }

    private func pause(on loop: EventLoop) {
        close(on: loop)
        isPaused = true
    }

    func resume(on loop: EventLoop) {
        guard isPaused else { return }
        isPaused = false
        open(on: loop)
    }

    func accept(_ number: Int, on loop: EventLoop) {
        guard isOpen, number < listeners.count else { return }
        let listener = listeners[number]
        for _ in 0..<Self.turn {
            if !listener.isLocal, loop.census.isFull {
                for peer in peers { peer.post(.shedIdle) }
                return pause(on: loop)
            }
            do {
                guard let accepted = try Sockets.accept(from: listener.descriptor.raw) else { return }
                welcome(accepted, from: listener, on: loop)
            } catch {
                // Out of descriptors, or something worse: either way asking again at once would spin.
                return pause(on: loop)
            }
        }
    }

    private func welcome(_ accepted: consuming AcceptedSocket, from listener: Listener, on loop: EventLoop) {
        let arrival: Arrival
        if let address = accepted.address {
            let peer = Peer(address: address.host, prefix: address.prefix, isLocal: false, uid: nil)
            switch loop.census.enter(peer.address) {
            case .admitted: break
            case .full: return
            case .tooManyFromAddress: return loop.application.refused("too many connections from one address", from: peer)
            }
            arrival = Arrival(accepted.take(), peer: peer, isSecure: listener.isSecure, census: loop.census)
        } else {
            let uid = try? Sockets.peerUser(of: accepted.descriptor.raw)
            let peer = Peer(address: "local", prefix: "local", isLocal: true, uid: uid)
            arrival = Arrival(accepted.take(), peer: peer, isSecure: false, census: nil)
        }
        let target = peers.min { $0.load.load(ordering: .relaxed) < $1.load.load(ordering: .relaxed) } ?? loop
        target.load.add(1, ordering: .relaxed)
        target.post(.adopt(arrival))
    }
}
