internal import HTTP
internal import Linux

/// One connection and one exchange at a time on it, each phase within its bound.
///
/// A refusal may come at any moment, before the body or amid it: while it sends, the connection listens, and stops
/// sending at the head of a final answer. It is then not used again, for the server may not have read the rest.
final class Connection {
    private let link: any Link
    private let limits: TimeLimits
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    /// What was read and not yet parsed.
    private var waiting: Range<Int> = 0..<0
    private var ended = false
    private var parser = ResponseParser()
    /// The whole request was sent, and the server keeps the connection.
    private var mayBeKept = false
    private(set) var isReusable = true
    /// Bytes of an answer have arrived in this exchange.
    private(set) var heard = false

    init(_ link: any Link, limits: TimeLimits) {
        self.link = link
        self.limits = limits
    }

    /// Whether a kept connection still looks alive: nothing may have come unasked, least of all its end.
    func isQuiet() -> Bool {
        guard isReusable, waiting.isEmpty else { return false }
        do {
            // Session tickets are readable at any time; only the layer above knows what they are.
            return try read() == .wantsRead
        } catch { return false }
    }

    /// Sends the call and reads up to the head of its answer; the body follows by `read`.
    func begin(_ call: Call, authority: String) throws -> ReceivedHead {
        heard = false
        isReusable = false
        mayBeKept = false
        parser = ResponseParser(toHead: call.method == "HEAD")
        try send(Array(Self.head(of: call, authority: authority).utf8), phase: "sending the request")
        if let refusal = try sendBody(of: call) { return refusal }
        mayBeKept = true
        let head = try nextHead(until: now + limits.answer, phase: "waiting for the answer")
        mayBeKept = head.keepsAlive
        return head
    }

    /// The next bytes of the answer's body; empty at its end, after which the connection may be reusable.
    func read(max: Int) throws -> [UInt8] {
        while true {
            let start = waiting.lowerBound
            // Not more than asked for: the parser sees a part of what is there.
            switch try next(atMost: max) {
            case .end:
                isReusable = mayBeKept && waiting.isEmpty && !ended
                return []
            case .body(let range):
                return Array(buffer[(start + range.lowerBound)..<(start + range.upperBound)])
            case .incomplete:
                guard try fill(until: now + limits.idle) else { throw ClientError.timedOut("receiving") }
                if ended, waiting.isEmpty {
                    do { try parser.close() } catch { throw ClientError.cut(afterSending: true) }
                    return []
                }
            case .interim, .head: throw ClientError.malformed("two answers to one request")
            }
        }
    }

    private static func head(of call: Call, authority: String) -> String {
        var text = "\(call.method) \(call.target) HTTP/1.1\r\nHost: \(authority)\r\n"
        for (name, value) in call.fields { text += "\(name): \(value)\r\n" }
        switch call.body {
        case .none: if call.method != "GET" && call.method != "HEAD" { text += "Content-Length: 0\r\n" }
        case .bytes(let bytes): text += "Content-Length: \(bytes.count)\r\n"
        case .stream(let length, _): text += "Content-Length: \(length)\r\nExpect: 100-continue\r\n"
        }
        return text + "\r\n"
    }

    private var now: Int64 { Clocks.monotonicMilliseconds() }
}

// MARK: Sending

extension Connection {
    /// Sends the body, if the server lets us; returns the head of a final answer that came before the body's end.
    private func sendBody(of call: Call) throws -> ReceivedHead? {
        switch call.body {
        case .none: return nil
        case .bytes(let bytes): return try stream(bytes)
        case .stream(let length, let source):
            if length > 0, let refusal = try awaitConsent() { return refusal }
            var sent: Int64 = 0
            while sent < length {
                let piece: [UInt8]
                do { piece = try source.read(max: Int(min(256 * 1024, length - sent))) } catch {
                    throw ClientError.upload("\(error)")
                }
                guard !piece.isEmpty else {
                    throw ClientError.upload("the file became shorter while it was being sent")
                }
                guard Int64(piece.count) <= length - sent else { throw ClientError.upload("more bytes than announced") }
                if let refusal = try stream(piece) { return refusal }
                sent += Int64(piece.count)
                call.progress?(sent)
            }
            return nil
        }
    }

    /// Until `100 Continue`, a final answer, or the end of patience.
    private func awaitConsent() throws -> ReceivedHead? {
        let deadline = now + limits.consent
        while true {
            switch try next() {
            case .interim(let head) where head.status == 100: return nil
            case .interim, .body: continue
            case .head(let head): return head
            case .end: throw ClientError.malformed("an end without an answer")
            case .incomplete: break
            }
            guard try fill(until: deadline) else { return nil }
        }
    }

    /// Sends `bytes`, with an ear for a final answer.
    private func stream(_ bytes: [UInt8]) throws -> ReceivedHead? {
        var offset = 0
        var deadline = now + limits.idle
        var listens = true
        while offset < bytes.count {
            if listens, let head = try overhear() { return head }
            listens = false
            let step: LinkStep
            do { step = try link.write(bytes.span.extracting(offset..<bytes.count)) } catch {
                // A server that refuses and closes resets what we still send; its answer may have arrived before.
                if let head = try? lastWord() { return head }
                throw error
            }
            if case .moved(let count) = step {
                offset += count
                deadline = now + limits.idle
                continue
            }
            // In slices, because the answer may come while there is no room to write.
            listens = true
            let isReady = try Sockets.wait(
                link.descriptor, for: step == .wantsRead ? .readable : .writable, milliseconds: 100)
            guard isReady || now < deadline else { throw ClientError.timedOut("sending") }
        }
        return nil
    }

    /// The head of a final answer that has come while we were sending, if one has.
    private func overhear() throws -> ReceivedHead? {
        while true {
            switch try next() {
            case .head(let head): return head
            case .incomplete:
                switch try read() {
                case .moved: continue
                case .ended: throw ClientError.cut(afterSending: false)
                case .wantsRead, .wantsWrite: return nil
                }
            default: continue
            }
        }
    }

    private func lastWord() throws -> ReceivedHead {
        try nextHead(until: now + 2000, phase: "sending")
    }

    private func send(_ bytes: [UInt8], phase: String) throws(ClientError) {
        var offset = 0
        let deadline = now + limits.idle
        while offset < bytes.count {
            switch try link.write(bytes.span.extracting(offset..<bytes.count)) {
            case .moved(let count): offset += count
            case .ended: throw ClientError.cut(afterSending: false)
            case .wantsRead: try wait(.readable, until: deadline, phase: phase)
            case .wantsWrite: try wait(.writable, until: deadline, phase: phase)
            }
        }
    }
}

// MARK: Receiving

extension Connection {
    private func nextHead(until deadline: Int64, phase: String) throws -> ReceivedHead {
        while true {
            switch try next() {
            case .head(let head): return head
            case .incomplete: break
            default: continue
            }
            guard try fill(until: deadline) else { throw ClientError.timedOut(phase) }
            if ended, waiting.isEmpty { throw ClientError.cut(afterSending: true) }
        }
    }

    /// One event from the bytes that are there.
    private func next(atMost max: Int = .max) throws(ClientError) -> ResponseParser.Event {
        do {
            let bytes = buffer
            let offered = waiting.lowerBound..<(waiting.lowerBound + min(waiting.count, max))
            let step = try parser.next(bytes.span.extracting(offered))
            waiting = (waiting.lowerBound + step.consumed)..<waiting.upperBound
            return step.event
        } catch {
            switch error {
            case .malformed(let what): throw ClientError.malformed(what)
            case .tooLarge(let what): throw ClientError.malformed(what + " is too large")
            case .cut: throw ClientError.cut(afterSending: true)
            }
        }
    }

    /// Waits for bytes or the end; false when the deadline passed first.
    private func fill(until deadline: Int64) throws -> Bool {
        while waiting.isEmpty, !ended {
            switch try read() {
            case .moved, .ended: return true
            case .wantsRead:
                guard now < deadline, try ready(.readable, until: deadline) else { return false }
            case .wantsWrite:
                guard now < deadline, try ready(.writable, until: deadline) else { return false }
            }
        }
        return true
    }

    /// Reads what is there, once the bytes before it are used up.
    private func read() throws(ClientError) -> LinkStep {
        guard waiting.isEmpty else { return .moved(waiting.count) }
        guard !ended else { return .ended }
        // Out of the object while it is lent: no other access can meet it, and nothing is copied.
        var bytes: [UInt8] = []
        swap(&bytes, &buffer)
        defer { swap(&bytes, &buffer) }
        var span = bytes.mutableSpan
        let step = try link.read(into: &span)
        switch step {
        case .moved(let count):
            waiting = 0..<count
            heard = true
        case .ended: ended = true
        case .wantsRead, .wantsWrite: break
        }
        return step
    }

    private func ready(_ readiness: Sockets.Readiness, until deadline: Int64) throws(ClientError) -> Bool {
        do {
            return try Sockets.wait(
                link.descriptor, for: readiness, milliseconds: Int32(clamping: max(0, deadline - now)))
        } catch { throw ClientError.cut(afterSending: false) }
    }

    private func wait(_ readiness: Sockets.Readiness, until deadline: Int64, phase: String) throws(ClientError) {
        guard try ready(readiness, until: deadline) else { throw ClientError.timedOut(phase) }
    }
}
