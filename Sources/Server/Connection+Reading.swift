internal import HTTP
internal import Linux
internal import OpenSSL

extension Connection {
    /// Reads, parses and delivers for one turn, as long as bytes are wanted and there are some.
    func readTurn() {
        var left = EventLoop.turn
        var reads = EventLoop.readsInTurn
        while isReading {
            guard left > 0, reads > 0 else {
                // What the socket holds is announced again; what TLS holds is not.
                if transport.hasPending { loop.markReady(key) }
                return
            }
            let fromBacklog = backlog.count
            loop.buffer.replaceSubrange(0..<fromBacklog, with: backlog)
            backlog.removeAll(keepingCapacity: false)
            let (filled, end) = fill(from: fromBacklog, reads: &reads)
            left -= filled
            if filled > 0 { consume(filled) }
            switch end {
            case .wait: return
            case .full: continue
            case .over:
                peerEnded = true
                if isReading, backlog.isEmpty { drop() }
            }
        }
    }

    private var isReading: Bool {
        switch phase {
        case .idle, .head, .body: true
        default: false
        }
    }

    private enum End {
        /// The socket has no more now.
        case wait
        /// As much was read as is taken at once.
        case full
        case over
    }

    /// Reads into the loop's buffer behind what it holds; how much it holds then, and why reading ended.
    ///
    /// - Parameter reads: how many are left in this turn.
    private func fill(from start: Int, reads: inout Int) -> (Int, End) {
        var filled = start
        let room = max(start, capacity)
        if peerEnded { return (filled, .over) }
        if start > 0 && start >= room { return (filled, .full) }
        readWantsWrite = false
        while filled < room, reads > 0 {
            reads -= 1
            switch transport.read(into: &loop.buffer, filled..<room) {
            case .complete(let count):
                filled += count
            case .incompleteRead:
                return (filled, .wait)
            case .incompleteWrite:
                readWantsWrite = true
                return (filled, .wait)
            case .ended, .failed:
                return (filled, .over)
            }
        }
        return (filled, .full)
    }

    /// How many bytes to take at once. Little more than a head where a head is expected, and no more than the rest of a body
    /// whose length is known, so that what stays in the backlog is small.
    private var capacity: Int {
        guard phase == .body, let request else { return min(16 * 1024, loop.buffer.count) }
        guard let length = request.contentLength else { return 64 * 1024 }
        return Int(min(Int64(loop.buffer.count), length - bodyCount))
    }

    /// Parses the first `filled` bytes of the loop's buffer, as far as the phase allows; keeps the rest.
    private func consume(_ filled: Int) {
        var position = 0
        // The body's bytes found so far: one range of the buffer, or gathered where chunk lines stood between them.
        var body = 0..<0
        loop.gathered.removeAll(keepingCapacity: true)
        do throws(RequestRefusal) {
            parsing: while phase == .idle || phase == .head || phase == .body {
                if phase == .idle { enter(.head) }
                guard let event = try nextEvent(filled, from: &position) else { break }
                switch event {
                case .head(let request):
                    begin(request)
                case .body(let range):
                    if body.isEmpty {
                        body = range
                    } else {
                        if loop.gathered.isEmpty { loop.gathered += loop.buffer[body] }
                        loop.gathered += loop.buffer[range]
                    }
                case .end:
                    isBodyComplete = true
                    break parsing
                }
            }
        } catch {
            if !body.isEmpty { deliver(body) }
            return refuse(error)
        }
        if position < filled, phase != .closed { backlog = Array(loop.buffer[position..<filled]) }
        if phase == .body { deliver(body) }
    }

    private func nextEvent(_ filled: Int, from position: inout Int) throws(RequestRefusal) -> RequestParser.Event? {
        // A second reference, not a copy; it is gone before the buffer is written again.
        let bytes = loop.buffer
        return try parser.next(bytes.span.extracting(0..<filled), from: &position)
    }

    /// A request that cannot be read: answered, counted, and the end of the connection.
    private func refuse(_ refusal: RequestRefusal) {
        if phase == .body || phase == .paused {
            // Paused, too: a body that went on after its resumption would be taken for complete where it broke.
            abandon(.malformed)
        } else if phase == .head {
            loop.application.refused(refusal.reason, from: peer)
            answer(.problem(refusal.status, refusal.reason))
        }
    }
}
