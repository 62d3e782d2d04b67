internal import HTTP
internal import Linux
internal import OpenSSL

extension Connection {
    // MARK: From the client

    /// A head is complete.
    func begin(_ request: Request) {
        exchangeNumber += 1
        self.request = request
        bodyCount = 0
        isBodyComplete = false
        fallback = nil
        closesAfterAnswer = false
        if !request.hasBody {
            // The parser says so at once, without a byte more.
            var position = 0
            _ = try? parser.next(Span(), from: &position)
            isBodyComplete = true
        }
        enter(.deciding)
        let exchange = LoopExchange(loop, ExchangeKey(connection: key, number: exchangeNumber))
        loop.application.handle(request, from: peer, exchange)
    }

    /// Gives the receiver a range of the loop's buffer, or what was gathered of it, and the end if it was reached.
    func deliver(_ range: Range<Int>) {
        guard let receiver else { return }
        if !range.isEmpty {
            // A second reference, not a copy; it is gone before either is written again.
            let bytes = loop.gathered.isEmpty ? loop.buffer : loop.gathered
            let range = loop.gathered.isEmpty ? range : bytes.indices
            bodyCount += Int64(range.count)
            guard bodyCount <= bodyLimit else { return abandon(.tooLarge) }
            pace.moved(range.count, at: loop.now)
            switch receiver.receive(bytes.span.extracting(range)) {
            case .proceed: break
            // What is complete need not wait for room: its end is an instant that somebody may be judged on.
            case .pause: if !isBodyComplete { return enter(.paused) }
            case .stop:
                self.receiver = nil
                return enter(.answering)
            }
        }
        if isBodyComplete { finishBody() }
    }

    private func finishBody() {
        let receiver = self.receiver
        self.receiver = nil
        enter(.answering)
        receiver?.finish()
    }

    /// Ends a body that will not be complete, leaving the application some time for an answer of its own.
    func abandon(_ cause: BodyEnd) {
        guard let receiver else { return }
        self.receiver = nil
        enter(.answering)
        fallback =
            switch cause {
            case .cut, .malformed: .problem(400, "malformed body")
            case .idle, .tooSlow: .problem(408, "the body came too slowly")
            case .tooLarge: .problem(413, "the body is too large")
            case .stopping: .problem(503, "the server is stopping")
            }
        receiver.abandon(cause)
    }

    // MARK: From the application

    func receive(_ receiver: any BodyReceiver, limit: Int64) {
        guard phase == .deciding, let request else { return receiver.abandon(.cut) }
        self.receiver = receiver
        bodyLimit = limit
        if isBodyComplete { return finishBody() }
        if request.expectsContinue, backlog.isEmpty { outgoing.append(ResponseHead.continue) }
        if request.isChunked || request.contentLength ?? 0 > Self.much { transport.expectMuch() }
        enter(.body)
        pace = Pace(from: loop.now)
        loop.markReady(key)
    }

    /// Bodies of more bytes are read many records at once.
    private static let much = 256 * 1024

    func resume() {
        guard phase == .paused else { return }
        enter(.body)
        pace = Pace(from: loop.now)
        loop.markReady(key)
    }

    func respond(_ response: Response) {
        switch phase {
        case .deciding, .body, .paused, .answering: answer(response)
        default: break
        }
    }

    func forgotten() {
        switch phase {
        case .deciding, .body, .paused: answer(.problem(500, "the request was not answered"))
        case .answering: answer(fallback ?? .problem(500, "the request was not answered"))
        default: break
        }
    }
}

extension Response {
    /// The server's own refusal, as a problem document (RFC 9457) that repeats nothing of the request.
    static func problem(_ status: Int, _ detail: StaticString) -> Response {
        let title = ResponseHead.reason(status)
        return Response(
            status: status, fields: [("Content-Type", "application/problem+json")],
            body: .bytes(Array(#"{"title":"\#(title)","status":\#(status),"detail":"\#(detail)"}"#.utf8)), closes: true)
    }
}
