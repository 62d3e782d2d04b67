internal import HTTP
internal import Linux
internal import OpenSSL

extension Connection {
    /// Ends what has taken too long in its phase.
    func checkDeadline() {
        let limits = loop.limits
        let elapsed = loop.now - since
        func isOver(_ seconds: Int) -> Bool { elapsed >= Int64(seconds) * 1000 }
        switch phase {
        case .handshake:
            guard isOver(limits.handshakeSeconds) else { return }
            loop.application.refused("TLS handshake too slow", from: peer)
            drop()
        case .idle:
            if isOver(limits.keepAliveSeconds) { linger() }
        case .head:
            guard isOver(limits.headSeconds) else { return }
            if parser.isBetweenRequests {
                // Never asked anything: there is nothing to answer.
                linger()
            } else {
                loop.application.refused("head too slow", from: peer)
                answer(.problem(408, "the head came too slowly"))
            }
        case .body:
            switch pace.check(
                at: loop.now, idle: Int64(limits.idleBodySeconds) * 1000, rate: Int64(limits.slowestBodyRate),
                window: Int64(limits.slowestSeconds) * 1000)
            {
            case .kept: break
            case .idle: abandon(.idle)
            case .tooSlow: abandon(.tooSlow)
            }
        case .answering:
            if let fallback, isOver(limits.lingerSeconds) { answer(fallback) }
        case .writing:
            // Waiting for the disk is not the client's slowness.
            if outgoing.isEmpty {
                pace = Pace(from: loop.now)
            } else if pace.check(at: loop.now, idle: Int64(limits.writeSeconds) * 1000, rate: 0, window: 1) != .kept {
                drop()
            }
        case .lingering:
            if isOver(limits.lingerSeconds) { drop() }
        case .deciding, .paused, .closed:
            break
        }
        watch()
    }

    // MARK: Stopping and making room

    func shedIfIdle() {
        if phase == .idle || (loop.isStopping && phase == .head && parser.isBetweenRequests) { linger() }
    }

    /// The server's time is up; `late` says by how many milliseconds.
    func stopNow(since late: Int64) {
        switch phase {
        case .handshake, .idle, .head: drop()
        case .body, .paused: abandon(.stopping)
        default: if late >= 2 * Int64(loop.limits.lingerSeconds) * 1000 { drop() }
        }
    }
}
