import Canonical
import Foundation
import Linux
import OpenSSL
import Synchronization

@testable import sceau

/// A daemon over TLS that answers each path as it is told, truly or not, and a home for the tool that asks it.
final class PlayedDaemon: Sendable {
    /// What is said to a GET: status and body.
    typealias Said = (status: Int, body: String)
    /// Bytes whose first `given` are sent before the connection ends.
    struct File: Sendable {
        let bytes: [UInt8]
        let given: Int
    }

    let folder = NSTemporaryDirectory() + "sceau-played-\(UUID().uuidString)"
    private let port: UInt16
    private let isOver = Atomic(false)
    private let counts = Mutex<[String: Int]>([:])
    private let files: [String: File]
    private let answer: @Sendable (_ path: String, _ time: Int) -> Said

    /// - Parameters:
    ///   - files: by the end of their paths.
    ///   - answer: to any other path, the how-manieth time (from 1) it is asked for.
    init(files: [String: File] = [:], _ answer: @escaping @Sendable (_ path: String, _ time: Int) -> Said) throws {
        self.files = files
        self.answer = answer
        let key = try PrivateKey.generateP256()
        let now = Clocks.realtimeMilliseconds() / 1000
        let certificate = try Certificate.selfSigned(
            key, commonName: "daemon", alternativeNames: ["127.0.0.1"], usage: .server, notBefore: now - 60,
            notAfter: now + 3600)
        let pem = certificate.pem
        let context = try key.pem().withBytes { key in try TLSContext(chainPEM: Array(pem.utf8).span, keyPEM: key) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try pem.write(toFile: folder + "/ca.pem", atomically: false, encoding: .utf8)
        try "token".write(toFile: folder + "/token", atomically: false, encoding: .utf8)
        let listener = try Sockets.listen(SocketAddress("127.0.0.1:0")!)
        port = try Sockets.localAddress(of: listener.raw)!.port
        let raw = listener.release()
        _ = try OSThread.start(name: "played") { [self] in
            let listener = FileDescriptor(owning: raw)
            while !isOver.load(ordering: .relaxed) {
                guard (try? Sockets.wait(listener.raw, for: .readable, milliseconds: 100)) == true,
                    let accepted = try? Sockets.accept(from: listener.raw)
                else { continue }
                serve(accepted, context)
            }
        }
    }

    func end() {
        isOver.store(true, ordering: .relaxed)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The command line `words`, at this daemon.
    func invocation(_ words: [String], now: Instant) throws -> Invocation {
        guard case .run(let arguments) = try Arguments.read(words) else { preconditionFailure("no command") }
        return Invocation(
            arguments: arguments,
            environment: [
                "SCEAU_URL": "https://127.0.0.1:\(port)", "SCEAU_CA": folder + "/ca.pem",
                "SCEAU_TOKEN_FILE": folder + "/token", "SCEAU_HOME": folder + "/home",
            ], terminal: Terminal(showsProgress: false), clock: { now })
    }

    // One request a connection.
    private func serve(_ accepted: consuming AcceptedSocket, _ context: TLSContext) {
        let socket = accepted.descriptor.raw
        guard let tls = try? TLSConnection(accepting: context, socket: socket) else { return }
        func step(_ outcome: TLSOutcome) -> Int? {
            switch outcome {
            case .complete(let count): return count
            case .incompleteRead: return (try? Sockets.wait(socket, for: .readable, milliseconds: 5000)) == true ? 0 : nil
            case .incompleteWrite: return (try? Sockets.wait(socket, for: .writable, milliseconds: 5000)) == true ? 0 : nil
            default: return nil
            }
        }
        shaking: while true {
            switch tls.handshake() {
            case .complete: break shaking
            case .incompleteRead: _ = try? Sockets.wait(socket, for: .readable, milliseconds: 5000)
            case .incompleteWrite: _ = try? Sockets.wait(socket, for: .writable, milliseconds: 5000)
            default: return
            }
        }
        var heard = ""
        while !heard.hasSuffix("\r\n\r\n") {
            var bytes = [UInt8](repeating: 0, count: 4096)
            var span = bytes.mutableSpan
            guard let count = step(tls.read(into: &span)) else { return }
            heard += String(decoding: bytes[..<count], as: UTF8.self)
        }
        let path = String(heard.split(separator: " ")[1])
        let time = counts.withLock { counts in
            counts[path, default: 0] += 1
            return counts[path]!
        }
        var status = 200
        var body: [UInt8] = []
        var given = Int.max
        if let file = files.first(where: { path.hasSuffix($0.key) })?.value {
            (body, given) = (file.bytes, file.given)
        } else {
            let said = answer(path, time)
            (status, body) = (said.status, Array(said.body.utf8))
        }
        let reply =
            Array("HTTP/1.1 \(status) Said\r\nConnection: close\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
            + body.prefix(given)
        var offset = 0
        while offset < reply.count, let count = step(tls.write(reply.span.extracting(offset..<reply.count))) { offset += count }
        tls.close()
    }
}
