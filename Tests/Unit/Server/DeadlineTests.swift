import HTTP
import OpenSSL
import Testing

/// Each phase ends in its time, on a clock that the tests move.
@Suite struct DeadlineTests {
    @Test func aSlowHeadIsRefused() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("GET /hello HTTP/1.1\r\nHost:")
        server.settle()
        server.advance(seconds: 9)
        server.settle()
        try client.send(" a\r\nX: ")  // a byte now and then buys no time
        server.settle()
        server.advance(seconds: 1)
        let answer = try client.answer()
        #expect(answer.status == 408)
        #expect(answer.closes)
        #expect(try client.isEnded())
        #expect(server.seen.refused == ["head too slow"])
        #expect(server.seen.requests == [])
    }

    @Test func aSilentConnectionIsClosed() throws {
        let server = try TestServer()
        let client = try server.connect()
        server.settle()
        server.advance(seconds: 10)
        #expect(try client.isEnded())
        #expect(server.seen.refused == [])
    }

    @Test func anIdleConnectionIsClosedAfterItsTime() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.answer().status == 200)
        server.settle()
        server.advance(seconds: 29)
        server.settle()
        try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.answer().status == 200)
        server.settle()
        server.advance(seconds: 30)
        #expect(try client.isEnded())
    }

    @Test func anIdleBodyIsAbandoned() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("PUT /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        try client.send(Pattern.bytes(0..<500_000))
        #expect(server.waits { $0.bytes == 500_000 })
        server.settle()
        server.advance(seconds: 59)
        server.settle()
        #expect(server.seen.ends == [])
        server.advance(seconds: 1)
        let answer = try client.answer()
        #expect(answer.status == 408)
        #expect(answer.body == "idle\n")
        #expect(answer.closes)
        #expect(server.seen.ends == [.idle])
    }

    @Test func aBodyThatTricklesIsAbandoned() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("PUT /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        // A first minute at twice the slowest rate, then one at half of it.
        var sent: Int64 = 0
        for piece: Int64 in [61_440, 61_440, 15_360, 15_360] {
            try client.send(Pattern.bytes(sent..<(sent + piece)))
            sent += piece
            #expect(server.waits { $0.bytes == sent })
            #expect(server.seen.ends == [])
            server.settle()
            server.advance(seconds: 30)
            server.settle()
        }
        #expect(try client.answer().body == "tooSlow\n")
        #expect(server.seen.ends == [.tooSlow])
    }

    /// While we make the client wait, its silence is ours.
    @Test func timeStandsStillWhilePaused() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("PUT /pausing HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n")
        try client.send(Pattern.bytes(0..<3))
        #expect(server.waits { $0.exchanges.count == 1 })
        server.advance(seconds: 100_000)
        server.settle()
        server.seen.exchanges[0].resume()
        server.settle()
        server.advance(seconds: 59)
        server.settle()
        #expect(server.seen.ends == [])
        try client.send(Pattern.bytes(3..<6))
        #expect(server.waits { $0.exchanges.count == 2 })
        server.advance(seconds: 100_000)
        server.settle()
        server.seen.exchanges[0].resume()
        #expect(try client.answer().body == "6 true\n")
    }

    /// An application that says nothing of a body it lost: the server answers for it, and a late answer changes nothing.
    @Test func theServerAnswersForASilentApplication() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("PUT /unanswered HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n")
        try client.send(Pattern.bytes(0..<0x800))
        #expect(server.waits { $0.ends == [.tooLarge] })
        server.settle()
        server.advance(seconds: 5)
        let answer = try client.answer()
        #expect(answer.status == 413)
        #expect(answer.head.contains("application/problem+json"))
        server.seen.exchanges[0].respond(Response(status: 201))
        server.settle()
        #expect(try client.isEnded())
    }

    @Test func anAnswerThatNobodyReadsIsCut() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("GET /file/50000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(server.waits { $0.file != nil })
        // What the kernel's buffers hold is taken; then a minute without progress ends it, and lets the file go.
        var minutes = 0
        while server.seen.file != nil, minutes < 1000 {
            server.advance(seconds: 60)
            server.settle()
            minutes += 1
        }
        #expect(server.seen.file == nil)
        #expect(client.countToEnd() < 50_000_000)
    }

    /// Half way: the server has said its part and waits for the client's.
    @Test func aHandshakeLeftHalfWayIsClosed() throws {
        var found: (TestServer, TLSClient)?
        // A server that answers before the client has looked leaves nothing to wait for: another one is asked.
        for _ in 1...50 where found == nil {
            let server = try TestServer(tls: TestCertificate.shared.server())
            let client = try TLSClient(
                port: server.port, TLSContext(trustedFile: TestCertificate.shared.chain), host: "localhost")
            if case .incompleteRead = client.tls.handshake() { found = (server, client) }
        }
        let (server, client) = try #require(found, "it waits for nothing")
        server.settle()
        server.advance(seconds: 9)
        server.settle()
        #expect(server.seen.refused == [])
        server.advance(seconds: 1)
        #expect(server.waits { $0.refused == ["TLS handshake too slow"] })
        // The client may end its part: nobody is there.
        _ = try client.handshake()
        #expect(try client.readToEnd().text == "")
    }

    @Test func aSlowHandshakeIsClosed() throws {
        let server = try TestServer(tls: TestCertificate.shared.server())
        let client = try server.connect()
        try client.send([22, 3, 1])
        server.settle()
        server.advance(seconds: 10)
        #expect(server.waits { $0.refused == ["TLS handshake too slow"] })
        #expect((try? client.readMore()) != true)
    }
}
