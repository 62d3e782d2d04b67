internal import Linux
internal import OpenSSL

/// A connected socket, with TLS or plain. Not blocking.
final class Transport {
    enum Outcome {
        case complete(Int)
        case incompleteRead, incompleteWrite
        /// The peer sends nothing more.
        case ended
        case failed
    }

    /// Owns the descriptor, and counts in the census while this object lives.
    let arrival: Arrival
    private let tls: TLSConnection?
    private var isHandshaken: Bool

    init(_ arrival: Arrival, tls context: TLSContext?) throws(OpenSSLError) {
        if let context, arrival.isSecure {
            tls = try TLSConnection(accepting: context, socket: arrival.descriptor.raw)
        } else {
            tls = nil
        }
        isHandshaken = tls == nil
        self.arrival = arrival
    }

    var raw: Int32 { arrival.descriptor.raw }

    var needsHandshake: Bool { !isHandshaken }

    func handshake() -> Outcome {
        guard let tls else { return .complete(0) }
        let outcome = Outcome(tls.handshake())
        if case .complete = outcome { isHandshaken = true }
        return outcome
    }

    /// Bytes that the socket will not announce again wait inside TLS.
    var hasPending: Bool { tls?.hasPending ?? false }

    /// A body comes.
    func expectMuch() { tls?.expectMuch() }

    /// Reads into `buffer[range]`, which is not empty.
    func read(into buffer: inout [UInt8], _ range: Range<Int>) -> Outcome {
        var whole = buffer.mutableSpan
        var part = whole._mutatingExtracting(range)
        if let tls { return Outcome(tls.read(into: &part)) }
        do {
            guard let count = try Sockets.read(raw, into: &part) else { return .incompleteRead }
            return count == 0 ? .ended : .complete(count)
        } catch {
            return .failed
        }
    }

    /// Writes a prefix of `bytes`, which is not empty.
    func write(_ bytes: Span<UInt8>) -> Outcome {
        if let tls { return Outcome(tls.write(bytes)) }
        do {
            guard let count = try Sockets.write(raw, bytes) else { return .incompleteWrite }
            return .complete(count)
        } catch {
            return .failed
        }
    }

    /// Says that nothing more will come from here: close_notify, then the end of the stream.
    func endWriting() {
        tls?.close()
        endStream()
    }

    /// The end of the stream without close_notify, for TLS that never stood.
    func endStream() {
        Sockets.shutdownWriting(raw)
    }
}

extension Transport.Outcome {
    fileprivate init(_ outcome: TLSOutcome) {
        self =
            switch outcome {
            case .complete(let count): .complete(count)
            case .incompleteRead: .incompleteRead
            case .incompleteWrite: .incompleteWrite
            case .ended: .ended
            case .failed: .failed
            }
    }
}
