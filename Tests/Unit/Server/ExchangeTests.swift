import Foundation
import HTTP
import Linux
import Testing

@Suite struct ExchangeTests {
    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send(
            "GET /held HTTP/1.1\r\nHost: a\r\n\r\nPUT /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n\u{0}\u{1F}"
                + "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /hello")
        #expect(server.waits { $0.exchanges.count == 1 })
        server.settle()
        // One exchange at a time: the second is not begun before the first is answered.
        #expect(server.seen.requests == ["GET /held"])
        server.seen.exchanges[0].respond(Response(status: 200, body: .bytes(Array("first".utf8))))
        #expect(try client.answer().body == "first")
        #expect(try client.answer().body == "2 true\n")
        #expect(try client.answer().body == "hello\n")
        let last = try client.answer()
        #expect(last.status == 404)
        #expect(last.closes)
        #expect(try client.isEnded())
    }

    /// The hold on an answered exchange reaches no later one of the same connection.
    @Test func anAnswerReachesItsOwnRequestOnly() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(server.waits { $0.exchanges.count == 1 })
        let first = server.seen.exchanges[0]
        first.respond(Response(status: 201))
        first.respond(Response(status: 202))
        #expect(try client.answer().status == 201)
        try client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(server.waits { $0.exchanges.count == 2 })
        first.respond(Response(status: 203))
        first.resume()
        server.seen.exchanges[1].respond(Response(status: 204))
        #expect(try client.answer().status == 204)
    }

    /// An answer for a connection that has gone does not reach the one that took its slot and its descriptor.
    @Test func anAnswerReachesItsOwnConnectionOnly() throws {
        let server = try TestServer()
        do {
            let client = try server.connect()
            try client.send("PUT /held HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
            #expect(server.waits { $0.exchanges.count == 1 })
            // Reset, so that the server sees the end while it does not read.
            var linger: [Int32] = [1, 0]
            setsockopt(client.socket.raw, SOL_SOCKET, SO_LINGER, &linger, 8)
        }
        server.settle()
        let client = try server.connect()
        try client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(server.waits { $0.exchanges.count == 2 })
        server.seen.exchanges[0].respond(Response(status: 201))
        server.settle()
        server.seen.exchanges[1].respond(Response(status: 202))
        #expect(try client.answer().status == 202)
    }

    @Test func anExchangeLetGoIsAnswered() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("GET /forget HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.answer().status == 500)
    }

    @Test func anAnswerThatWouldSmuggleIsNotSent() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("GET /injection HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try client.answer()
        #expect(answer.status == 500)
        #expect(!answer.head.contains("Set-Cookie"))
    }

    @Test func filesAreSentWhole() throws {
        let server = try TestServer(tls: TestCertificate.shared.server())
        let result = try Command.run(
            "curl", "-sS", "--cacert", TestCertificate.shared.chain, "-o", TestCertificate.shared.folder + "/down",
            "https://localhost:\(server.port)/file/5000001")
        #expect(result.status == 0, "\(result.errors)")
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: TestCertificate.shared.folder + "/down")))
        #expect(bytes == Pattern.bytes(0..<5_000_001))
    }

    @Test func aFileThatCannotBeReadIsCut() throws {
        let server = try TestServer(tls: TestCertificate.shared.server())
        let result = try Command.run(
            "curl", "-sS", "--cacert", TestCertificate.shared.chain, "-o", "/dev/null", "https://localhost:\(server.port)/broken")
        #expect(result.status != 0)
    }

    @Test func headHasNoBody() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\nHEAD /file/5000 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.answer(hasBody: false).head.contains("Content-Length: 6"))
        #expect(try client.answer(hasBody: false).head.contains("Content-Length: 5000"))
        try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.answer().body == "hello\n")
    }

    @Test func aMegabyteOfHeaderIsRefusedAndClosed() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("GET /hello HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 1 << 20) + "\r\n\r\n")
        let answer = try client.answer()
        #expect(answer.status == 431)
        #expect(answer.closes)
        #expect(try client.isEnded())
        #expect(server.seen.refused == ["head too long"])
        #expect(server.seen.requests == [])
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n", "PUT /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        "PUT /sink HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\nx",
    ])
    func malformedRequestsNeverReachTheApplication(text: String) throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send(text)
        let answer = try client.answer()
        #expect(answer.status == 400)
        #expect(answer.closes)
        #expect(try client.isEnded())
        #expect(server.seen.requests == [])
        #expect(server.seen.refused.count == 1)
    }
}
