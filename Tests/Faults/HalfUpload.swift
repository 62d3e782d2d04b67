import Foundation
import Glibc
import Linux
import OpenSSL
import Rehearsal

/// A client that sends a deposit by hand, stops where it likes, and ends as rudely as it likes.
final class HalfUpload {
    struct Broken: Error, CustomStringConvertible { let description: String }

    private var socket: FileDescriptor?
    private let raw: Int32
    private var tls: TLSConnection?
    private var received: [UInt8] = []

    /// Sends the head of a deposit. `length` nil is a chunked body.
    init(_ vault: WatchedVault, by bidder: Rehearsal.Person? = nil, length: Int?, expects: Bool = false) throws {
        Signals.ignorePipe()
        let socket = try Sockets.connect(
            SocketAddress(bytes: [127, 0, 0, 1], port: UInt16(vault.instance.port)), milliseconds: 10_000)
        raw = socket.raw
        let context = try TLSContext(trustedFile: vault.instance.ca)
        tls = try TLSConnection(connecting: context, socket: raw, host: "localhost")
        self.socket = consume socket
        try step { $0.handshake() }
        let head = """
            PUT \(vault.consultation.path)/bid/offre.zip HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer \((bidder ?? vault.bidder).token)\r
            \(length.map { "Content-Length: \($0)" } ?? "Transfer-Encoding: chunked")\r
            \(expects ? "Expect: 100-continue\r\n" : "")\r

            """
        try send(Data(head.utf8))
    }

    func send(_ bytes: Data) throws {
        let bytes = Array(bytes)
        var sent = 0
        while sent < bytes.count {
            sent += try step { $0.write(bytes.span.extracting(sent..<bytes.count)) }
        }
    }

    /// All that the daemon says until it closes or `until` stands in it.
    func reads(until text: String? = nil) -> String {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let said = String(decoding: received, as: UTF8.self)
            if let text, said.contains(text) { return said }
            do {
                let count = try step {
                    var span = buffer.mutableSpan
                    return $0.read(into: &span)
                }
                received += buffer[..<count]
            } catch {
                return said
            }
        }
    }

    /// An end in order: TLS says goodbye, then FIN.
    func close() {
        tls?.close()
        tls = nil
        socket = nil
    }

    /// FIN without a word of TLS.
    func cut() {
        Sockets.shutdownWriting(raw)
        tls = nil
        socket = nil
    }

    /// RST.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(raw, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        tls = nil
        socket = nil
    }

    @discardableResult
    private func step(_ body: (TLSConnection) -> TLSOutcome) throws -> Int {
        guard let tls else { throw Broken(description: "closed") }
        while true {
            let readiness: Sockets.Readiness
            switch body(tls) {
            case .complete(let count): return count
            case .incompleteRead: readiness = .readable
            case .incompleteWrite: readiness = .writable
            case .ended: throw Broken(description: "ended")
            case .failed(let error): throw Broken(description: "\(error)")
            }
            guard try Sockets.wait(raw, for: readiness, milliseconds: 60_000) else { throw Broken(description: "slow") }
        }
    }
}
