import Foundation
import Glibc
import Linux
import Rehearsal

/// Stands between clients and a daemon, on the loopback, and cuts: after so many bytes, one way or the other, with FIN or RST.
/// What it cuts is TLS, so a cut falls anywhere: within a handshake, a head, a segment, an answer.
///
/// It stays when the daemon does not: a client finds the next one at the same address.
final class CuttingProxy: @unchecked Sendable {
    /// What one connection suffers.
    struct Fate: Sendable {
        /// Bytes from the client, and from the daemon, after which it ends; nil: never.
        var up: Int?
        var down: Int?
        var isReset = false
        /// The daemon is not told: to it the connection hangs.
        var isSilent = false
    }

    let port: UInt16
    private let listener: FileDescriptor
    private let target = Monitor<UInt16>(0)
    private let isEnding = Monitor(false)
    private let fate: @Sendable () -> Fate
    private var acceptor: OSThread?
    private let relays = Monitor(0)
    private let count = Monitor(0)

    /// - Parameter fate: asked for each connection.
    init(fate: @escaping @Sendable () -> Fate) throws {
        listener = try Sockets.listen(SocketAddress(bytes: [127, 0, 0, 1], port: 0))
        port = try Sockets.localAddress(of: listener.raw)?.port ?? 0
        self.fate = fate
        acceptor = try OSThread.start(name: "proxy") { [unowned self] in accept() }
    }

    /// Where the daemon listens now; 0 while there is none.
    func aim(at port: Int) { target.change { $0 = UInt16(port) } }

    /// Connections that it ended before their ends.
    var cuts: Int { count.change { $0 } }

    func end() {
        isEnding.change { $0 = true }
        acceptor?.join()
        let _: Bool? = relays.wait(milliseconds: 10_000) { $0 == 0 ? true : nil }
    }

    private func accept() {
        while !isEnding.change({ $0 }) {
            guard (try? Sockets.wait(listener.raw, for: .readable, milliseconds: 20)) == true,
                let accepted = try? Sockets.accept(from: listener.raw)
            else { continue }
            let client = accepted.take().release()
            relays.change { $0 += 1 }
            let fate = fate()
            let started = try? OSThread.start(name: "relay") { [self] in
                relay(client, fate)
                relays.change { $0 -= 1 }
            }
            if started == nil {
                close(client)
                relays.change { $0 -= 1 }
            }
        }
    }

    private func relay(_ client: Int32, _ fate: Fate) {
        let port = target.change { $0 }
        guard port != 0, let server = try? Sockets.connect(SocketAddress(bytes: [127, 0, 0, 1], port: port), milliseconds: 1000) else {
            close(client)
            return
        }
        var (up, down) = (fate.up ?? .max, fate.down ?? .max)
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while !isEnding.change({ $0 }) {
            var sockets = [pollfd(fd: client, events: Int16(POLLIN), revents: 0), pollfd(fd: server.raw, events: Int16(POLLIN), revents: 0)]
            guard poll(&sockets, 2, 100) >= 0 else { break }
            if sockets[0].revents != 0 { guard pass(client, server.raw, &buffer, &up) else { break } }
            if sockets[1].revents != 0 { guard pass(server.raw, client, &buffer, &down) else { break } }
        }
        if up == 0 || down == 0 { count.change { $0 += 1 } }
        if fate.isSilent, up == 0 || down == 0 {
            close(client)
            while !isEnding.change({ $0 }), (try? Sockets.wait(server.raw, for: .readable, milliseconds: 100)) != true {}
            return
        }
        if fate.isReset, up == 0 || down == 0 {
            var option = linger(l_onoff: 1, l_linger: 0)
            for raw in [client, server.raw] { setsockopt(raw, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size)) }
        }
        close(client)
    }

    /// - Returns: false where it is over, `left` being 0 where it was cut.
    private func pass(_ from: Int32, _ to: Int32, _ buffer: inout [UInt8], _ left: inout Int) -> Bool {
        let count = recv(from, &buffer, min(buffer.count, left), 0)
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        guard count > 0 else { return false }
        var sent = 0
        while sent < count {
            let done = buffer.withUnsafeBytes { send(to, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL)) }
            if done >= 0 {
                sent += done
                continue
            }
            guard errno == EAGAIN || errno == EINTR, (try? Sockets.wait(to, for: .writable, milliseconds: 20_000)) == true else { return false }
        }
        if left != .max { left -= count }
        return left > 0
    }
}
