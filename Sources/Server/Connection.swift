internal import HTTP
internal import Linux
internal import OpenSSL

/// One connection: which phase it is in, and what its socket is watched for. Owned by its loop's thread.
///
/// Bytes come in through `Connection+Reading`, requests and bodies through `Connection+Exchange`, answers go out through
/// `Connection+Writing`; `Connection+Deadlines` ends what takes too long.
final class Connection {
    enum Phase {
        case handshake
        /// Between two requests.
        case idle
        case head
        /// The application has the head and has not asked for the body, if there is one.
        case deciding
        case body
        /// The receiver asked to wait.
        case paused
        /// The body ended, was abandoned or stopped, or there was none: the application's answer is awaited.
        case answering
        case writing
        /// All is said; the client is given time to read it.
        case lingering
        case closed
    }

    unowned let loop: EventLoop
    let key: Slab<Connection>.Key
    let transport: Transport
    let peer: Peer

    var phase: Phase
    /// When the phase began, or for `head` when its time began.
    var since: Int64
    var pace: Pace

    // What was read and not yet parsed: a pipelined request, or a body not yet asked for. Bounded by one read.
    var backlog: [UInt8] = []
    var parser: RequestParser
    /// The peer sends nothing more.
    var peerEnded = false

    // The exchange under way; `exchangeNumber` tells its messages from those of earlier ones.
    var exchangeNumber: UInt64 = 0
    var request: Request?
    var receiver: (any BodyReceiver)?
    var bodyLimit: Int64 = 0
    var bodyCount: Int64 = 0
    var isBodyComplete = false
    /// The server's own answer for a body it abandoned, if the application gives none by `lingerSeconds`.
    var fallback: Response?

    // The answer: pieces to write, and what is still to be read of its file.
    var outgoing: [[UInt8]] = []
    var written = 0
    var file: (any FileSource)?
    var fileLeft: Int64 = 0
    var isReadingFile = false
    var closesAfterAnswer = false

    var lingerLeft = 0
    /// TLS wants the socket writable before it reads on, or the other way round.
    var readWantsWrite = false
    var writeWantsRead = false
    private var watched: Epoll.Interest?

    init(_ loop: EventLoop, key: Slab<Connection>.Key, _ transport: Transport) {
        self.loop = loop
        self.key = key
        self.transport = transport
        peer = transport.arrival.peer
        phase = transport.needsHandshake ? .handshake : .head
        since = loop.now
        pace = Pace(from: loop.now)
        parser = RequestParser(maximumHead: loop.limits.headBytes, maximumFields: loop.limits.headFields)
    }

    func start() {
        goOn()
    }

    func enter(_ phase: Phase) {
        self.phase = phase
        since = loop.now
    }

    // MARK: Events

    func handle(_ event: Epoll.Event) {
        // With bytes still to read the reading will tell of the break; without, nothing more can come of this connection.
        if event.isBroken, !wantsRead { return drop() }
        goOn()
    }

    /// Does what can be done now: the handshake, writing, reading; then watches the socket for the rest.
    func goOn() {
        if case .handshake = phase { stepHandshake() }
        flush()
        if case .lingering = phase { discard() } else { readTurn() }
        watch()
    }

    private func stepHandshake() {
        readWantsWrite = false
        switch transport.handshake() {
        case .complete:
            enter(.head)
        case .incompleteRead:
            break
        case .incompleteWrite:
            readWantsWrite = true
        case .ended, .failed:
            loop.application.refused("TLS handshake failed", from: peer)
            // TLS may have sent an alert: closing at once over unread bytes would destroy it.
            linger(sayingGoodbye: false)
        }
    }

    /// Bytes are wanted from the client now.
    var wantsRead: Bool {
        switch phase {
        case .handshake, .idle, .head, .body: true
        case .lingering: lingerLeft > 0
        case .deciding, .paused, .answering, .writing, .closed: false
        }
    }

    func watch() {
        guard phase != .closed else { return }
        var interest: Epoll.Interest = []
        if (wantsRead && !peerEnded && !readWantsWrite) || writeWantsRead { interest.insert(.readable) }
        if (!outgoing.isEmpty && !writeWantsRead) || (wantsRead && readWantsWrite) { interest.insert(.writable) }
        guard interest != watched else { return }
        do throws(LinuxError) {
            if watched == nil {
                try loop.epoll.add(transport.raw, interest, token: key.token)
            } else {
                try loop.epoll.modify(transport.raw, interest, token: key.token)
            }
            watched = interest
        } catch {
            drop()
        }
    }

    // MARK: The end

    /// Closes at once. A body under way is cut.
    func drop() {
        guard phase != .closed else { return }
        let receiver = self.receiver
        self.receiver = nil
        if case .head = phase, !parser.isBetweenRequests {
            loop.application.refused("connection ended within a head", from: peer)
        }
        phase = .closed
        request = nil
        file = nil
        outgoing = []
        backlog = []
        loop.forget(key)
        receiver?.abandon(.cut)
    }

    /// Ends our half and waits a while for the client to end its own. Closing over unread bytes would make the kernel reset
    /// the connection, and the client lose the answer.
    func linger(sayingGoodbye: Bool = true) {
        guard phase != .closed else { return }
        if sayingGoodbye { transport.endWriting() } else { transport.endStream() }
        outgoing = []
        backlog = []
        lingerLeft = loop.limits.lingerBytes
        enter(.lingering)
        discard()
        watch()
    }

    /// Throws away a bounded number of received bytes, undecrypted and uncopied.
    private func discard() {
        do throws(LinuxError) {
            while lingerLeft > 0 {
                guard let count = try Sockets.discard(transport.raw, max: min(lingerLeft, 64 * 1024)) else { return }
                if count == 0 { return drop() }
                lingerLeft -= count
            }
        } catch {
            drop()
        }
    }
}
