import Foundation
import Linux
import OpenSSL
import Synchronization

/// What a server does with one connection, in order.
enum Act: Sendable {
    /// Reads until what was read by this act ends with this text.
    case until(String)
    /// Reads this many bytes more.
    case read(Int)
    case send(String)
    /// Sends as much as the client takes.
    case sendZeroes(Int)
    /// Waits until the client ends the connection.
    case untilEnd
    /// Ends the stream without any farewell.
    case cut
}

/// A server that plays a script, one connection after the other, on a unix socket or with TLS on a free loopback port.
final class ScriptedServer: Sendable {
    let path: String
    let port: UInt16
    private let thread: OSThread
    private let heard: Log

    final class Log: Sendable {
        private let texts = Mutex<[String]>([])
        func add(_ text: String) { texts.withLock { $0.append(text) } }
        var all: [String] { texts.withLock { $0 } }
    }

    /// What each connection had sent when its script was over.
    func stop() -> [String] {
        thread.join()
        try? FileManager.default.removeItem(atPath: path)
        return heard.all
    }

    init(_ scripts: [[Act]], tls: TLSContext? = nil) throws {
        path = "/tmp/sceau-client-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
        let listener = try tls == nil ? Sockets.listen(unix: path) : Sockets.listen(SocketAddress("127.0.0.1:0")!)
        port = try tls == nil ? 0 : Sockets.localAddress(of: listener.raw)!.port
        let heard = Log()
        self.heard = heard
        let raw = listener.release()
        thread = try OSThread.start(name: "scripted") {
            let listener = FileDescriptor(owning: raw)
            for script in scripts {
                guard (try? Sockets.wait(listener.raw, for: .readable, milliseconds: 10_000)) == true,
                    let accepted = try? Sockets.accept(from: listener.raw)
                else { return }
                let connection = ScriptedConnection(accepted, tls: tls)
                for act in script where connection.isAlive { connection.play(act) }
                heard.add(String(decoding: connection.heard, as: UTF8.self))
            }
        }
    }
}

private final class ScriptedConnection {
    private var tls: TLSConnection?
    private let socket: Int32
    private(set) var heard: [UInt8] = []
    private(set) var isAlive = true
    private var isCut = false

    init(_ accepted: consuming AcceptedSocket, tls context: TLSContext?) {
        socket = dup(accepted.descriptor.raw)
        guard let context else { return }
        tls = try? TLSConnection(accepting: context, socket: socket)
        while let tls, isAlive {
            switch tls.handshake() {
            case .complete: return
            case .incompleteRead: wait(.readable)
            case .incompleteWrite: wait(.writable)
            default: isAlive = false
            }
        }
    }

    deinit {
        if !isCut { tls?.close() }
        tls = nil
        close(socket)
    }

    func play(_ act: Act) {
        switch act {
        case .until(let text):
            let start = heard.count
            while isAlive, !heard[start...].suffix(text.utf8.count).elementsEqual(text.utf8) { read(1) }
        case .read(let count):
            let goal = heard.count + count
            while isAlive, heard.count < goal { read(goal - heard.count) }
        case .send(let text): send(Array(text.utf8))
        case .sendZeroes(let count):
            var left = count
            while isAlive, left > 0 {
                send([UInt8](repeating: 0, count: min(left, 65536)))
                left -= 65536
            }
        case .untilEnd: while isAlive { read(65536) }
        case .cut:
            isCut = true
            isAlive = false
        }
    }

    private func wait(_ readiness: Sockets.Readiness) {
        if (try? Sockets.wait(socket, for: readiness, milliseconds: 10_000)) != true { isAlive = false }
    }

    private func read(_ max: Int) {
        var bytes = [UInt8](repeating: 0, count: max)
        var span = bytes.mutableSpan
        var count = 0
        if let tls {
            switch tls.read(into: &span) {
            case .complete(let got): count = got
            case .incompleteRead: return wait(.readable)
            case .incompleteWrite: return wait(.writable)
            default: isAlive = false
            }
        } else {
            do {
                guard let got = try Sockets.read(socket, into: &span) else { return wait(.readable) }
                if got == 0 { isAlive = false }
                count = got
            } catch { isAlive = false }
        }
        heard += bytes[..<count]
    }

    private func send(_ bytes: [UInt8]) {
        var offset = 0
        while isAlive, offset < bytes.count {
            let rest = bytes.span.extracting(offset..<bytes.count)
            if let tls {
                switch tls.write(rest) {
                case .complete(let count): offset += count
                case .incompleteRead: wait(.readable)
                case .incompleteWrite: wait(.writable)
                default: isAlive = false
                }
            } else {
                do {
                    if let count = try Sockets.write(socket, rest) { offset += count } else { wait(.writable) }
                } catch { isAlive = false }
            }
        }
    }
}
