internal import Linux
internal import OpenSSL

/// A TCP connection under TLS 1.3, to a server that has shown a certificate for its name.
final class TLSLink: Link {
    // In this order: the TLS state goes first when the link ends.
    private let tls: TLSConnection
    private let socket: FileDescriptor

    /// Connects and shakes hands, each within its bound.
    init(host: String, port: UInt16, context: TLSContext, limits: TimeLimits) throws(ClientError) {
        do {
            socket = try Sockets.connect(host: host, port: port, milliseconds: Int32(clamping: limits.connect))
        } catch {
            if error.operation.description == "getaddrinfo" {
                throw ClientError.unreachable("no address is known for \(host)")
            }
            throw ClientError.unreachable("\(host), port \(port): \(error)")
        }
        do { tls = try TLSConnection(connecting: context, socket: socket.raw, host: host) } catch {
            throw ClientError.untrusted("\(error)")
        }
        try shakeHands(until: Clocks.monotonicMilliseconds() + limits.handshake)
        // Envelopes are long.
        tls.expectMuch()
    }

    deinit { tls.close() }

    private func shakeHands(until deadline: Int64) throws(ClientError) {
        while true {
            let readiness: Sockets.Readiness
            switch tls.handshake() {
            case .complete: return
            case .incompleteRead: readiness = .readable
            case .incompleteWrite: readiness = .writable
            case .ended: throw ClientError.unreachable("the server ended the TLS handshake")
            case .failed(let error): throw ClientError.untrusted(Self.reasons(error))
            }
            let rest = Int32(clamping: max(0, deadline - Clocks.monotonicMilliseconds()))
            guard let isReady = try? Sockets.wait(socket.raw, for: readiness, milliseconds: rest) else {
                throw ClientError.cut(afterSending: false)
            }
            guard isReady else { throw ClientError.timedOut("TLS handshake") }
        }
    }

    /// OpenSSL's words without its numbers: "certificate verify failed; self-signed certificate".
    private static func reasons(_ error: OpenSSLError) -> String {
        let words = error.reasons.map { $0.split(separator: ":").last.map(String.init) ?? $0 }
        return words.isEmpty ? "the TLS handshake failed" : words.joined(separator: "; ")
    }

    var descriptor: Int32 { socket.raw }

    func read(into bytes: inout MutableSpan<UInt8>) throws(ClientError) -> LinkStep {
        try step(tls.read(into: &bytes))
    }

    func write(_ bytes: Span<UInt8>) throws(ClientError) -> LinkStep {
        try step(tls.write(bytes))
    }

    /// A stream that ends without close_notify was cut, perhaps by somebody who wants it shorter.
    private func step(_ outcome: TLSOutcome) throws(ClientError) -> LinkStep {
        switch outcome {
        case .complete(let count): return .moved(count)
        case .incompleteRead: return .wantsRead
        case .incompleteWrite: return .wantsWrite
        case .ended: return .ended
        case .failed: throw ClientError.cut(afterSending: false)
        }
    }
}
