internal import HTTP
internal import Linux
internal import OpenSSL
internal import Synchronization

/// One thread, its epoll, and the connections that belong to it.
///
/// Only `post` and `load` may be used from other threads; everything else belongs to the loop's own.
final class EventLoop: @unchecked Sendable {
    /// Bytes read for one connection before the others get their turn.
    static let turn = 256 * 1024
    /// And reads: records of one byte cost as much as records of 16 KiB.
    static let readsInTurn = 256
    /// Room for several TLS records, so that a receiver is called once for many; small enough to stay in a core's cache.
    static let bufferSize = 128 * 1024

    // MARK: Shared

    private struct Mailbox {
        var messages: [Message] = []
        /// The loop waits, or is about to, and would not look here by itself.
        var isAsleep = false
        /// The loop has ended and looks here no more.
        var isOver = false
    }

    private let mailbox = Monitor(Mailbox())
    private let wakeup: Wakeup
    /// Connections it has or is being given.
    let load = Atomic<Int>(0)

    let application: any Application
    let census: Census
    let readers: WorkQueue
    private let clock: @Sendable () -> Int64
    private let wallClock: @Sendable () -> Int64

    // MARK: Owned by the loop's thread

    let epoll: Epoll
    let acceptor: Acceptor
    private(set) var limits: ConnectionLimits
    private var tls: TLSContext?
    var connections = Slab<Connection>()
    /// The bytes being read, of one connection at a time.
    var buffer = [UInt8](repeating: 0, count: bufferSize)
    /// A body's bytes without the chunk lines between them, where there were some; empty otherwise.
    var gathered: [UInt8] = []
    /// Milliseconds of the server's monotonic clock when this turn began.
    private(set) var now: Int64
    /// Connections to go on with though their sockets may say nothing.
    private var ready: [Slab<Connection>.Key] = []
    private var lastCheck: Int64
    /// A connection ended since the last check.
    private var hasRoom = false
    /// Connections that came or went since memory was given back, and when that was.
    private var turnover = 0
    private var lastGivenBack: Int64
    private var stopBound: Int64?
    private var date: (second: Int64, text: String) = (-1, "")

    var isStopping: Bool { stopBound != nil }

    init(
        application: any Application, listeners: [Listener], tls: TLSContext?, limits: ConnectionLimits, census: Census,
        readers: WorkQueue, clock: @escaping @Sendable () -> Int64, wallClock: @escaping @Sendable () -> Int64
    ) throws(LinuxError) {
        self.application = application
        self.tls = tls
        self.limits = limits
        self.census = census
        self.readers = readers
        self.clock = clock
        self.wallClock = wallClock
        now = clock()
        lastCheck = now
        lastGivenBack = now
        epoll = try Epoll()
        wakeup = try Wakeup()
        acceptor = Acceptor(listeners)
        try epoll.add(wakeup.descriptor.raw, .readable, token: Self.wakeupToken)
    }

    private static let wakeupToken = UInt64.max
    /// Tokens of listeners are these 32 bits and the listener's number; no slab grows to them.
    static let listenerSlot: UInt64 = 0xFFFF_0000

    // MARK: Any thread

    func post(_ message: Message) {
        let (wake, isOver) = mailbox.change { mailbox in
            if mailbox.isOver { return (false, true) }
            mailbox.messages.append(message)
            defer { mailbox.isAsleep = false }
            return (mailbox.isAsleep, false)
        }
        if wake { wakeup.signal() }
        if isOver { Self.tellEnd(of: message) }
    }

    /// A receiver may hold what only its end lets go: it is told, though its connection ended before it came.
    private static func tellEnd(of message: Message) {
        if case .receive(_, let receiver, _) = message { receiver.abandon(.stopping) }
    }

    // MARK: The loop

    func run(peers: [EventLoop]) {
        acceptor.peers = peers
        acceptor.open(on: self)
        var events: [Epoll.Event] = []
        while true {
            takeMessages()
            let timeout = sleepTime()
            if timeout != 0, !fallAsleep() { continue }
            do {
                try epoll.wait(into: &events, milliseconds: timeout)
            } catch {
                // Only a programming error can come here (EBADF, EINVAL): going on would spin.
                fatalError("\(error)")
            }
            mailbox.change { $0.isAsleep = false }
            now = clock()
            for event in events { dispatch(event) }
            goOnWithReady()
            checkDeadlines()
            if isStopping, connections.count == 0 { break }
        }
        acceptor.close(on: self)
        acceptor.peers = []  // loops that know each other would never be freed, nor their listeners closed
        // What arrives from now on finds nobody; letting go of it closes it.
        let late = mailbox.change { mailbox in
            mailbox.isOver = true
            defer { mailbox.messages.removeAll() }
            return mailbox.messages
        }
        for message in late { Self.tellEnd(of: message) }
    }

    /// False if there is something to do first.
    private func fallAsleep() -> Bool {
        mailbox.change { mailbox in
            guard mailbox.messages.isEmpty else { return false }
            mailbox.isAsleep = true
            return true
        }
    }

    /// How long to wait for events: not at all with work at hand, without end with no deadline to keep.
    private func sleepTime() -> Int32 {
        if !ready.isEmpty || (isStopping && connections.count == 0) { return 0 }
        return connections.count > 0 || acceptor.isPaused ? 250 : -1
    }

    private func dispatch(_ event: Epoll.Event) {
        if event.token == Self.wakeupToken {
            wakeup.clear()
        } else if event.token & 0xFFFF_FFFF >= Self.listenerSlot {
            acceptor.accept(Int(event.token & 0xFFFF), on: self)
        } else if let connection = connections[Slab.Key(token: event.token)] {
            connection.handle(event)
        }
    }

    private func goOnWithReady() {
        let keys = ready
        ready.removeAll(keepingCapacity: true)
        for key in keys { connections[key]?.goOn() }
    }

    func markReady(_ key: Slab<Connection>.Key) {
        ready.append(key)
    }

    private func checkDeadlines() {
        guard now - lastCheck >= 250 || (acceptor.isPaused && hasRoom) else { return }
        hasRoom = false
        lastCheck = now
        if acceptor.isPaused { acceptor.open(on: self) }
        if let stopBound, now >= stopBound {
            for connection in connections.all { connection.stopNow(since: now - stopBound) }
        }
        for connection in connections.all { connection.checkDeadline() }
        giveBackMemory()
    }

    /// Each handshake needs three times what its connection keeps: after a crowd has come, or gone, its holes are the kernel's.
    private func giveBackMemory() {
        guard turnover >= Self.crowd, now - lastGivenBack >= 10_000 else { return }
        turnover = 0
        lastGivenBack = now
        _ = readers.submit { Allocator.giveBackFreedMemory() }
    }

    private static let crowd = 1000

    // MARK: Messages

    private func takeMessages() {
        while true {
            let messages = mailbox.change { mailbox in
                let taken = mailbox.messages
                mailbox.messages = []
                return taken
            }
            if messages.isEmpty { return }
            for message in messages { take(message) }
        }
    }

    private func take(_ message: Message) {
        switch message {
        case .adopt(let arrival): adopt(arrival)
        case .receive(let key, let receiver, let limit):
            // A receiver may hold what only its end lets go: it is told, though its connection ended before it came.
            if let exchange = exchange(key) { exchange.receive(receiver, limit: limit) } else { receiver.abandon(.cut) }
        case .resume(let key): exchange(key)?.resume()
        case .respond(let key, let response): exchange(key)?.respond(response)
        case .forgotten(let key): exchange(key)?.forgotten()
        case .piece(let key, let bytes): exchange(key)?.take(piece: bytes)
        case .shedIdle:
            for connection in connections.all { connection.shedIfIdle() }
        case .reload(let context, let limits):
            tls = context
            self.limits = limits
        case .stop(let bound):
            stopBound = bound
            acceptor.close(on: self)
            for connection in connections.all { connection.shedIfIdle() }
        }
    }

    private func exchange(_ key: ExchangeKey) -> Connection? {
        guard let connection = connections[key.connection], connection.exchangeNumber == key.number else { return nil }
        return connection
    }

    private func adopt(_ arrival: Arrival) {
        guard !isStopping, let transport = try? Transport(arrival, tls: tls) else {
            load.subtract(1, ordering: .relaxed)
            return
        }
        turnover += 1
        let connection = connections.insert { Connection(self, key: $0, transport) }
        connection.start()
    }

    /// The connection is gone: its slot may be another's from now on.
    func forget(_ key: Slab<Connection>.Key) {
        guard let connection = connections.remove(key) else { return }
        try? epoll.remove(connection.transport.raw)
        load.subtract(1, ordering: .relaxed)
        turnover += 1
        hasRoom = true
    }

    // MARK: -

    /// For the `Date` field, made once a second.
    func dateText() -> String {
        let second = wallClock() / 1000
        if second != date.second { date = (second, HTTPDate.text(seconds: max(0, second))) }
        return date.text
    }
}
