import HTTP
import Linux
import Server
import Testing

@Suite struct StopTests {
    /// An upload that ends within the bound is taken and answered; nobody new is.
    @Test func anUploadInFlightIsFinished() throws {
        let server = try TestServer()
        let idle = try server.connect()
        try idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try idle.answer().status == 200)
        let client = try server.connect()
        try client.send("PUT /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n")
        try client.send(Pattern.bytes(0..<2))
        #expect(server.waits { $0.bytes == 2 })
        let http = server.server
        let stopping = try OSThread.start(name: "stop") { http.stop(within: 1000) }
        #expect(try idle.isEnded())
        idle.endWriting()
        try client.send(Pattern.bytes(2..<4))
        let answer = try client.answer()
        #expect(answer.body == "4 true\n")
        #expect(answer.closes)
        #expect(try client.isEnded())
        client.endWriting()
        stopping.join()
    }

    @Test func anUploadBeyondTheBoundIsAbandoned() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("PUT /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n")
        try client.send(Pattern.bytes(0..<2))
        #expect(server.waits { $0.bytes == 2 })
        let http = server.server
        let stopping = try OSThread.start(name: "stop") { http.stop(within: 10) }
        server.settle()
        #expect(server.seen.ends == [])
        server.advance(seconds: 10)
        let answer = try client.answer()
        #expect(answer.status == 503)
        #expect(answer.body == "stopping\n")
        #expect(server.seen.ends == [.stopping])
        client.endWriting()
        stopping.join()
    }

    /// What was received whole is answered, even a little after the bound: its bid may be committed by now.
    @Test func whatIsPendingIsAnswered() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(server.waits { $0.exchanges.count == 1 })
        let http = server.server
        let stopping = try OSThread.start(name: "stop") { http.stop(within: 10) }
        server.settle()
        server.advance(seconds: 15)
        server.settle()
        server.seen.exchanges[0].respond(Response(status: 201))
        #expect(try client.answer().status == 201)
        client.endWriting()
        stopping.join()
    }

    @Test func aStoppedServerTakesNobody() throws {
        let server = try TestServer()
        server.stop()
        // The listener is still bound while its object lives; nobody accepts.
        let client = try server.connect()
        try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try !Sockets.wait(client.socket.raw, for: .readable, milliseconds: 100))
        server.stop()
    }
}
