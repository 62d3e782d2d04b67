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
    private var isWatched: [Bool]
    var peers: [EventLoop] = []
    /// Descriptors or places are used up: the kernel's queue holds newcomers until the next look.
    private(set) var isPaused = false

    init(_ listeners: [Listener]) {
        self.listeners = listeners
        isWatched = listeners.map { _ in false }
    }

    func open(on loop: EventLoop) {
        isPaused = false
        guard !loop.isStopping else { return }
        for (number, listener) in listeners.enumerated() where !isWatched[number] {
            isWatched[number] = true
            // EXCLUSIVE: one connection wakes one loop, not all.
            try? loop.epoll.add(
                listener.descriptor.raw, [.readable, .exclusive], token: EventLoop.listenerSlot | UInt64(number))
        }
    }

    func close(on loop: EventLoop) {
        isPaused = false
        for number in listeners.indices { ignore(number, on: loop) }
    }

    private func ignore(_ number: Int, on loop: EventLoop) {
        guard isWatched[number] else { return }
        isWatched[number] = false
        try? loop.epoll.remove(listeners[number].descriptor.raw)
    }

    func accept(_ number: Int, on loop: EventLoop) {
        guard number < listeners.count, isWatched[number] else { return }
        let listener = listeners[number]
        for round in 0..<Self.turn {
            if !listener.isLocal, loop.census.isFull {
                // In a later round nobody may be waiting: the next event will tell.
                guard round == 0 else { return }
                for number in listeners.indices where !listeners[number].isLocal { ignore(number, on: loop) }
                isPaused = true
                for peer in peers { peer.post(.shedIdle) }
                return
            }
            do {
                guard let accepted = try Sockets.accept(from: listener.descriptor.raw) else { return }
                welcome(accepted, from: listener, on: loop)
            } catch {
                // Out of descriptors, or something worse: either way asking again at once would spin.
                close(on: loop)
                isPaused = true
                return
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
