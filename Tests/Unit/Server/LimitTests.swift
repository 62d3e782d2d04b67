import Foundation
import HTTP
import Linux
import OpenSSL
import Server
import Testing

@Suite struct LimitTests {
    @Test func oneAddressHasItsLimit() throws {
        var limits = TestServer.limits
        limits.connectionsPerAddress = 2
        let server = try TestServer(limits: limits)
        let clients = try [server.connect(), server.connect()]
        for client in clients {
            try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.answer().status == 200)
        }
        let third = try server.connect()
        #expect(server.waits { $0.refused == ["too many connections from one address"] })
        #expect((try? third.readMore()) != true)
        // One that is over makes room.
        clients[0].endWriting()
        #expect(try clients[0].isEnded())
        try clients[1].send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try clients[1].answer().status == 200)
        server.settle()
        let fourth = try server.connect()
        try fourth.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try fourth.answer().status == 200)
    }

    /// What comes in records of one byte is taken in small turns, between which others have theirs.
    @Test func tinyRecordsTakeTurns() throws {
        let server = try TestServer(tls: TestCertificate.shared.server())
        let context = try TLSContext(trustedFile: TestCertificate.shared.chain)
        let client = try TLSClient(port: server.port, context, host: "localhost")
        guard case .complete = try client.handshake() else { Issue.record("handshake"); return }
        _ = try client.write("PUT /held HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3000\r\n\r\n")
        #expect(server.waits { $0.exchanges.count == 1 })
        // All of them are there before the first is asked for.
        for _ in 0..<3000 { _ = try client.write("x") }
        let exchange = server.seen.exchanges[0]
        exchange.receive(Sink(server.application, exchange), limit: 1 << 20)
        #expect(try client.readToEnd().text.hasSuffix("3000 false\n"))
        #expect((1...256).contains(server.seen.largest), "\(server.seen.largest) bytes in one turn")
    }

    @Test func aTrustedAddressHasNoLimitOfItsOwn() throws {
        var limits = TestServer.limits
        limits.connectionsPerAddress = 1
        limits.trustedAddresses = ["127.0.0.1"]
        let server = try TestServer(limits: limits)
        let clients = try (0..<5).map { _ in try server.connect() }
        for client in clients {
            try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.answer().status == 200)
        }
    }

    /// At the limit newcomers wait in the kernel's queue, and connections that do nothing make room for them.
    @Test func whenFullTheIdleMakeRoom() throws {
        var limits = TestServer.limits
        limits.connections = 2
        let server = try TestServer(limits: limits)
        let idle = try server.connect()
        try idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try idle.answer().status == 200)
        let busy = try server.connect()
        try busy.send("PUT /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n\u{0}")
        #expect(server.waits { $0.bytes == 1 })
        server.settle()
        let third = try server.connect()
        try third.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try idle.isEnded())
        idle.endWriting()
        server.advance(seconds: 5)  // the idle one's lingering, were its end not seen
        #expect(try third.answer().status == 200)
        try busy.send([0x1F])
        #expect(try busy.answer().body == "2 true\n")
    }

    @Test func tooFewDescriptorsStopTheStart() throws {
        var limits = TestServer.limits
        limits.connections = 100_000_000
        #expect {
            _ = try TestServer(limits: limits)
        } throws: { error in
            guard case .descriptors(let needed, let available)? = error as? ServerError else { return false }
            return needed > 100_000_000 && available > 0 && available < needed
        }
    }

    /// In a process of its own, for the limit is the whole process's.
    @Test func withoutDescriptorsAcceptingPauses() async {
        await #expect(processExitsWith: .success) {
            let server = try TestServer()
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let first = dup(0)
            limit.rlim_cur = UInt(first) + 8
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            var taken = [first]
            while case let copy = dup(0), copy >= 0 { taken.append(copy) }
            close(taken.removeLast())  // one, for the client
            let client = try server.connect()
            try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            let before = server.looks
            let early = try Sockets.wait(client.socket.raw, for: .readable, milliseconds: 600)
            // It neither answered nor span: a look every quarter of a second.
            precondition(!early && server.looks - before < 20)
            for copy in taken { close(copy) }
            server.advance(seconds: 1)
            let answer = try client.answer()
            precondition(answer.body == "hello\n")
            server.stop()
        }
    }

    /// The host's own processes come by a unix socket: known by user, not counted, and only our user may connect.
    @Test func aUnixSocketNamesItsPeer() throws {
        let path = NSTemporaryDirectory() + "sceau-\(UUID().uuidString.prefix(8)).sock"
        defer { unlink(path) }
        var limits = TestServer.limits
        limits.connections = 1
        let server = try TestServer(tls: TestCertificate.shared.server(), limits: limits, more: [.unix(path: path)])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let full = try server.connect()
        for _ in 0..<2 {
            let result = try Command.run("curl", "-sS", "--unix-socket", path, "http://localhost/hello")
            #expect(result.output == "hello\n", "\(result.errors)")
        }
        let peer = server.seen.peers[0]
        #expect(peer.isLocal)
        #expect(peer.uid == geteuid())
        #expect(peer.address == "local")
        _ = full
    }

    @Test func aPeerHasItsAddressAndNetwork() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try client.answer()
        #expect(server.seen.peers == [Peer(address: "127.0.0.1", prefix: "127.0.0.0/24", isLocal: false, uid: nil)])
    }
}
