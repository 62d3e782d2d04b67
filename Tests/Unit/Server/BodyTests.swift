import Foundation
import HTTP
import Linux
import Server
import Testing

@Suite struct BodyTests {
    @Test func aCutBodyIsAbandoned() throws {
        let server = try TestServer()
        do {
            let client = try server.connect()
            try client.send("PUT /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
            try client.send(Pattern.bytes(0..<9))
            #expect(server.waits { $0.bytes == 9 })
        }
        #expect(server.waits { $0.ends == [.cut] })
        #expect(server.seen.finished == 0)
    }

    /// The stream's end in order is no better than a cut.
    @Test func aShortBodyIsAbandoned() throws {
        let server = try TestServer()
        for head in ["Content-Length: 10\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3\r\n"] {
            let client = try server.connect()
            try client.send("PUT /sink HTTP/1.1\r\nHost: a\r\n\(head)")
            try client.send(Pattern.bytes(0..<3))
            client.endWriting()
            #expect(try client.isEnded())
        }
        #expect(server.seen.ends == [.cut, .cut])
        #expect(server.seen.finished == 0)
    }

    @Test func chunksArriveTogether() throws {
        let server = try TestServer()
        let client = try server.connect()
        var body = Array("PUT /sink HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        var position: Int64 = 0
        while position < 100_000 {
            let size = Int64([1, 2, 700, 5000][Int(position % 4)])
            body += Array("\(String(size, radix: 16));x=y\r\n".utf8) + Pattern.bytes(position..<(position + size)) + [13, 10]
            position += size
        }
        body += Array("0\r\nTrailer: x\r\n\r\n".utf8)
        try client.send(body)
        let answer = try client.answer()
        #expect(answer.body == "\(position) true\n")
        #expect(!answer.closes)
        try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.answer().status == 200)
        // Not one call for each chunk of a byte.
        #expect(server.seen.largest > 5000)
    }

    @Test func aMalformedChunkEndsTheBody() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("PUT /sink HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n\u{0}\r\nx")
        let answer = try client.answer()
        #expect(answer.status == 400)
        #expect(answer.closes)
        #expect(server.waits { $0.ends == [.malformed] })
        #expect(server.seen.finished == 0)
    }

    @Test func aChunkedBodyIsAbandonedAtItsLimit() throws {
        let server = try TestServer()
        for size in [1000, 1001] {
            let client = try server.connect()
            try client.send("PUT /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            try client.send("\(String(size, radix: 16))\r\n")
            try client.send(Pattern.bytes(0..<Int64(size)))
            if size == 1000 { try client.send("\r\n0\r\n\r\n") }
            let answer = try client.answer()
            #expect(answer.status == (size == 1000 ? 201 : 413))
            #expect(answer.closes == (size == 1001))
        }
        #expect(server.seen.ends == [.tooLarge])
        #expect(server.seen.finished == 1)
    }

    /// A receiver that asks to wait stops the client: the server holds one buffer, the kernel what its own buffers hold.
    @Test func aPausedBodyFillsUpTheConnection() throws {
        let server = try TestServer()
        let client = try server.connect()
        let piece = 1 << 20
        let length = 40 * piece
        try client.send("PUT /pausing HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n")
        let body = Pattern.bytes(0..<Int64(length))
        var sent = 0
        while sent < length {
            guard let count = try Sockets.write(client.socket.raw, body.span.extracting(sent..<min(length, sent + piece))) else {
                if try Sockets.wait(client.socket.raw, for: .writable, milliseconds: 300) { continue }
                break
            }
            sent += count
        }
        #expect(sent < length / 2)
        #expect(server.seen.bytes <= 256 * 1024)

        let application = server.application
        let resumer = try OSThread.start(name: "resumer") {
            var resumed = 0
            while true {
                let next: (any Exchange)?? = application.seen.wait(milliseconds: 60_000) { seen in
                    if seen.finished > 0 { return .some(nil) }
                    return seen.exchanges.count > resumed ? .some(seen.exchanges[resumed]) : nil
                }
                guard let exchange = next ?? nil else { return }
                resumed += 1
                exchange.resume()
                if application.seen.change({ $0.bytes == Int64(length) && $0.exchanges.count == resumed }) { return }
            }
        }
        try client.send(Array(body[sent...]))
        #expect(try client.answer().body == "\(length) true\n")
        resumer.join()
    }

    /// The end of a body is an instant that somebody may be judged on: it does not wait until the receiver has room again.
    @Test func aCompleteBodyDoesNotWaitForItsResumption() throws {
        for head in ["Content-Length: 3\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"] {
            let server = try TestServer()
            let client = try server.connect()
            try client.send("PUT /pausing HTTP/1.1\r\nHost: a\r\n\(head)")
            let answer = try client.answer()
            #expect(answer.status == 201)
            #expect(!answer.closes)
            // A resumption that comes after all is none of the next request's.
            for exchange in server.seen.exchanges { exchange.resume() }
            try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.answer().status == 200)
        }
    }

    /// Resumed and gone on with, it would end where it broke, and be taken for complete.
    @Test func aBodyThatBreaksWhileItsReceiverWaitsIsAbandoned() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("PUT /pausing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nno length\r\n")
        #expect(server.waits { $0.ends == [.malformed] })
        for exchange in server.seen.exchanges { exchange.resume() }
        let answer = try client.answer()
        #expect(answer.status == 400)
        #expect(answer.closes)
        #expect(server.seen.finished == 0)
    }

    @Test func continuesBeforeTheUpload() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("PUT /sink HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        #expect(try client.answer().status == 100)
        try client.send(Pattern.bytes(0..<3))
        #expect(try client.answer().body == "3 true\n")
        // A client that does not wait is not told.
        try client.send("PUT /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n")
        try client.send(Pattern.bytes(0..<3))
        #expect(try client.answer().status == 201)
    }

    @Test func refusesBeforeTheUpload() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("PUT /forbidden HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1000000000\r\n\r\n")
        let answer = try client.answer()
        #expect(answer.status == 403)
        #expect(answer.body == "no\n")
        #expect(answer.closes)
        #expect(try client.isEnded())
    }

    /// A client that sends all before it reads finds the refusal, not a reset connection.
    @Test func aRefusalOutlastsTheUpload() throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("PUT /forbidden HTTP/1.1\r\nHost: a\r\nContent-Length: 1500000\r\n\r\n")
        server.settle()
        try client.send([UInt8](repeating: 0, count: 1_500_000))
        server.settle()
        #expect(try client.answer().body == "no\n")
        #expect(try client.isEnded())
    }

    /// A client that has sent its all and waits costs no processor time, even with bytes left that nobody will read.
    @Test func lingeringDoesNotSpin() throws {
        var limits = TestServer.limits
        limits.lingerBytes = 1000
        let server = try TestServer(limits: limits)
        let client = try server.connect()
        try client.send("PUT /forbidden HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
        server.settle()
        try client.send([UInt8](repeating: 0, count: 100_000))
        server.settle()
        #expect(try client.answer().status == 403)
        #expect(try client.isEnded())
        let before = server.looks
        _ = Monitor(0).wait(milliseconds: 300) { _ in Bool?.none }
        client.endWriting()
        _ = Monitor(0).wait(milliseconds: 300) { _ in Bool?.none }
        #expect(server.looks - before < 20)
        server.advance(seconds: 5)
        server.settle()
    }

    @Test(arguments: ["forbidden", "stopping"]) func curlReadsARefusalWhileItUploads(path: String) throws {
        let server = try TestServer(tls: TestCertificate.shared.server())
        let file = TestCertificate.shared.folder + "/upload-\(UUID().uuidString)"
        try Data(count: 100_000_000).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let result = try Command.run(
            "curl", "-sS", "-H", "Expect:", "--cacert", TestCertificate.shared.chain, "-T", file, "-w", "%{http_code}",
            "https://localhost:\(server.port)/\(path)")
        #expect(result.output == (path == "forbidden" ? "no\n403" : "full\n507"), "\(result.errors)")
        // Not drained: far less than the file was looked at.
        #expect(server.seen.bytes < 1_000_000)
        server.settle()
    }
}
