internal import HTTP
internal import Linux
internal import OpenSSL

extension Connection {
    /// Bytes of an answer's file read and held at once; two such pieces are held at most.
    private static let piece = 1024 * 1024

    /// Starts to write the answer, the only one of this request.
    func answer(_ response: Response) {
        receiver = nil
        fallback = nil
        // An unwanted body is never read to its end: where it stops, nobody could say where the next request starts.
        closesAfterAnswer =
            response.closes || (request?.closes ?? true) || loop.isStopping || !isBodyComplete
        var response = response
        var head = ResponseHead.encode(response, closes: closesAfterAnswer, date: loop.dateText())
        if head == nil {
            response = .problem(500, "the answer could not be written")
            head = ResponseHead.encode(response, closes: closesAfterAnswer, date: loop.dateText())
        }
        enter(.writing)
        pace = Pace(from: loop.now)
        guard var bytes = head else { return drop() }
        if request?.method != .head, response.status != 204, response.status != 304 {
            switch response.body {
            case .none: break
            case .bytes(let body): if body.count <= 64 * 1024 { bytes += body }
            case .file(let source):
                file = source
                fileLeft = source.length
            }
        }
        outgoing.append(bytes)
        if case .bytes(let body) = response.body, request?.method != .head, body.count > 64 * 1024 { outgoing.append(body) }
        readMore()
        loop.markReady(key)
    }

    /// Writes what there is, and goes on to the next request when the answer is out.
    func flush() {
        guard phase != .closed, phase != .lingering, phase != .handshake else { return }
        writeWantsRead = false
        while let first = outgoing.first {
            switch transport.write(first.span.extracting(written..<first.count)) {
            case .complete(let count):
                pace.moved(count, at: loop.now)
                written += count
                if written == first.count {
                    outgoing.removeFirst()
                    written = 0
                    readMore()
                }
            case .incompleteWrite:
                return
            case .incompleteRead:
                writeWantsRead = true
                return
            case .ended, .failed:
                return drop()
            }
        }
        if phase == .writing, file == nil { finishAnswer() }
    }

    private func finishAnswer() {
        request = nil
        if closesAfterAnswer || loop.isStopping { return linger() }
        enter(.idle)
        // The next request may be here already, where the socket will not speak of it again.
        if !backlog.isEmpty || peerEnded || transport.hasPending { loop.markReady(key) }
    }

    // MARK: Files

    /// Has the next piece of the file read, if there is room for it.
    private func readMore() {
        guard let file, !isReadingFile, outgoing.count < 2 else { return }
        guard fileLeft > 0 else {
            self.file = nil
            return
        }
        isReadingFile = true
        let loop = self.loop
        let key = ExchangeKey(connection: key, number: exchangeNumber)
        let max = Int(min(fileLeft, Int64(Self.piece)))
        let taken = loop.readers.submit {
            let bytes = try? file.read(max: max)
            loop.post(.piece(key, bytes.flatMap { $0.isEmpty || $0.count > max ? nil : $0 }))
        }
        if !taken { drop() }
    }

    /// A piece of the file, or nil if it could not be read: then the client must see a cut, since the head is out already.
    func take(piece: [UInt8]?) {
        isReadingFile = false
        guard phase == .writing, file != nil else { return }
        guard let piece else { return drop() }
        fileLeft -= Int64(piece.count)
        outgoing.append(piece)
        readMore()
        loop.markReady(key)
    }
}
