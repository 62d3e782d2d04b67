import Foundation
@testable import Linux
import Testing

@Suite struct SocketTests {
    @Test(arguments: [
        ("127.0.0.1:0", "127.0.0.1:0", "127.0.0.0/24"), ("192.0.2.77:65535", "192.0.2.77:65535", "192.0.2.0/24"),
        ("[2001:DB8:1:2::3]:443", "[2001:db8:1:2::3]:443", "2001:db8:1::/48"), ("[::1]:1", "[::1]:1", "::/48"),
        ("[::ffff:192.0.2.1]:80", "192.0.2.1:80", "192.0.2.0/24"),
    ])
    func readsAddresses(text: String, canonical: String, prefix: String) throws {
        let address = try #require(SocketAddress(text))
        #expect(address.description == canonical)
        #expect(address.prefix == prefix)
    }

    @Test(arguments: [
        "", ":1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "localhost:1", "::1:1",
        "[127.0.0.1]:1", "[::1]", "127.1:1", "127.0.0.1 :1", "[::1%lo]:1",
    ])
    func refusesWhatIsNoAddress(text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test(arguments: ["127.0.0.1:0", "[::1]:0"]) func connectsAndTellsWho(text: String) throws {
        let listener = try Sockets.listen(try #require(SocketAddress(text)))
        let address = try #require(try Sockets.localAddress(of: listener.raw))
        #expect(address.port > 0)
        if let _ = try Sockets.accept(from: listener.raw) { Issue.record("somebody came") }
        let client = try Sockets.connect(host: address.host, port: address.port, milliseconds: 10_000)
        guard let server = try Sockets.accept(from: listener.raw) else { Issue.record("nobody came"); return }
        let (seen, own) = (server.address, try Sockets.localAddress(of: client.raw))
        #expect(seen == own)
        var buffer = [UInt8](repeating: 0, count: 8)
        #expect(try read(server.descriptor.raw, &buffer) == nil)
        #expect(try Sockets.write(client.raw, [1, 2, 3].span) == 3)
        #expect(try Sockets.wait(server.descriptor.raw, for: .readable, milliseconds: 10_000))
        #expect(try read(server.descriptor.raw, &buffer) == 3)
        #expect(try Sockets.write(client.raw, [UInt8](repeating: 0, count: 5).span) == 5)
        Sockets.shutdownWriting(client.raw)
        #expect(try Sockets.wait(server.descriptor.raw, for: .readable, milliseconds: 10_000))
        #expect(try Sockets.discard(server.descriptor.raw, max: 100) == 5)
        #expect(try Sockets.wait(server.descriptor.raw, for: .readable, milliseconds: 10_000))
        #expect(try Sockets.discard(server.descriptor.raw, max: 100) == 0)
    }

    @Test func aClosedPortRefuses() throws {
        let port: UInt16
        do {
            let listener = try Sockets.listen(SocketAddress(bytes: [127, 0, 0, 1], port: 0))
            port = try #require(try Sockets.localAddress(of: listener.raw)).port
        }
        #expect(throws: LinuxError(operation: "connect", errno: ECONNREFUSED)) {
            _ = try Sockets.connect(host: "127.0.0.1", port: port, milliseconds: 10_000)
        }
    }

    @Test func aUnixSocketIsOursAlone() throws {
        let temporary = try TemporaryFolder()
        let path = temporary.path + "/socket"
        let listener = try Sockets.listen(unix: path)
        #expect(try temporary.mode("socket") == 0o600)
        let client = try Sockets.connect(unix: path)
        guard let server = try Sockets.accept(from: listener.raw) else { Issue.record("nobody came"); return }
        let seen = server.address
        #expect(seen == nil)
        #expect(try Sockets.peerUser(of: server.descriptor.raw) == geteuid())
        #expect(try Sockets.peerUser(of: client.raw) == geteuid())
        // A socket left by an earlier run is replaced; a file is not ours to remove.
        _ = try Sockets.listen(unix: path)
        _ = try temporary.folder.create("file")
        #expect(throws: LinuxError(operation: "bind", errno: EEXIST)) {
            _ = try Sockets.listen(unix: temporary.path + "/file")
        }
        #expect(throws: LinuxError(operation: "bind", errno: ENAMETOOLONG)) {
            _ = try Sockets.listen(unix: "/" + String(repeating: "a", count: 200))
        }
    }

    @Test func takesInheritedListenersMeantForIt() throws {
        let listener = try Sockets.listen(SocketAddress(bytes: [127, 0, 0, 1], port: 0))
        let pid = Int(getpid())
        #expect(try InheritedSockets.take(process: pid, count: 1, first: listener.raw) == [listener.raw])
        #expect(try InheritedSockets.take(process: pid + 1, count: 1, first: listener.raw) == [])
        #expect(try InheritedSockets.take(process: nil, count: 1, first: listener.raw) == [])
        #expect(try InheritedSockets.take(process: pid, count: 0, first: listener.raw) == [])
        #expect(throws: LinuxError.self) { try InheritedSockets.take(process: pid, count: 65, first: listener.raw) }
        // A socket that does not listen is none of a daemon's.
        let port = try #require(try Sockets.localAddress(of: listener.raw)).port
        let client = try Sockets.connect(host: "127.0.0.1", port: port, milliseconds: 10_000)
        #expect(throws: LinuxError.self) { try InheritedSockets.take(process: pid, count: 1, first: client.raw) }
    }

    private func read(_ raw: Int32, _ buffer: inout [UInt8]) throws -> Int? {
        var span = buffer.mutableSpan
        return try Sockets.read(raw, into: &span)
    }
}
