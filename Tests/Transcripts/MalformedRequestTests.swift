import Foundation
import Rehearsal
import Testing

/// What is not HTTP as RFC 9112 has it never reaches a route: it is answered, and the connection closed.
@Suite(.serialized) struct MalformedRequestTests {
    let stage: Stage

    init() throws { stage = try Stage() }

    static let requests = [
        ("two lengths", "PUT /api/v1/limits HTTP/1.1\nHost: localhost\nContent-Length: 3\nContent-Length: 4\n\nabcd"),
        ("the same length twice", "PUT /api/v1/limits HTTP/1.1\nHost: localhost\nContent-Length: 3\nContent-Length: 3\n\nabc"),
        ("a list of lengths", "PUT /api/v1/limits HTTP/1.1\nHost: localhost\nContent-Length: 3, 3\n\nabc"),
        ("length and chunked", "PUT /api/v1/limits HTTP/1.1\nHost: localhost\nContent-Length: 3\nTransfer-Encoding: chunked\n\n0\n\n"),
        ("another coding", "PUT /api/v1/limits HTTP/1.1\nHost: localhost\nTransfer-Encoding: gzip, chunked\n\n0\n\n"),
        ("a folded header", "GET /healthz HTTP/1.1\nHost: localhost\nX: a\n b\n\n"),
        ("no Host", "GET /healthz HTTP/1.1\nX: y\n\n"),
        ("two Hosts", "GET /healthz HTTP/1.1\nHost: a\nHost: b\n\n"),
        ("a space before the colon", "GET /healthz HTTP/1.1\nHost: localhost\nX : y\n\n"),
        ("a sign in the length", "PUT /api/v1/limits HTTP/1.1\nHost: localhost\nContent-Length: +3\n\nabc"),
        ("NUL in a header", "GET /healthz HTTP/1.1\nHost: localhost\nX: a\0b\n\n"),
        ("no version", "GET /healthz\n\n"),
        ("another version", "GET /healthz HTTP/3.7\nHost: localhost\n\n"),
        ("an encoded NUL in the path", "GET /health%00z HTTP/1.1\nHost: localhost\n\n"),
        ("half an escape in the path", "GET /healthz%2 HTTP/1.1\nHost: localhost\n\n"),
        ("no HTTP at all", "\u{1}\u{2}\u{3}garbage\n\n"),
    ]

    @Test func isRefused() throws {
        for (name, request) in Self.requests {
            let answer = try RawTLS.send(lines: request, to: stage.instance)
            let status = Int(answer.dropFirst("HTTP/1.1 ".count).prefix(3)) ?? 0
            #expect([400, 501, 505].contains(status), "\(name): \(answer)")
            #expect(answer.components(separatedBy: "HTTP/1.1 ").count == 2, "\(name): one answer, then the end: \(answer)")
        }
        // After all of it the daemon serves.
        #expect(try stage.anyone.get("/healthz").status == 200)
    }

    @Test func bareLineFeeds() throws {
        let answer = try RawTLS.send(Data("GET /healthz HTTP/1.1\nHost: localhost\n\n".utf8), to: stage.instance)
        #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 400 "))
    }

    @Test func aMebibyteOfHeader() throws {
        let long = "GET /healthz HTTP/1.1\nHost: localhost\nX: " + String(repeating: "x", count: 1 << 20) + "\n\n"
        let tooLong = try RawTLS.send(lines: long, to: stage.instance)
        #expect(tooLong.hasPrefix("HTTP/1.1 431 "), "\(tooLong)")
        let many = "GET /healthz HTTP/1.1\nHost: localhost\n" + (1...1000).map { "X\($0): y\n" }.joined() + "\n"
        let tooMany = try RawTLS.send(lines: many, to: stage.instance)
        #expect(tooMany.hasPrefix("HTTP/1.1 431 "), "\(tooMany)")
    }

    /// What stands behind a request that was refused is not another request.
    @Test func nothingIsSmuggled() throws {
        let smuggled = "GET /healthz HTTP/1.1\nHost: localhost\n\n"
        let request = "PUT /api/v1/platform HTTP/1.1\nHost: localhost\nContent-Length: \(smuggled.utf8.count)\n\n" + smuggled
        let answer = try RawTLS.send(lines: request, to: stage.instance)
        #expect(answer.components(separatedBy: "HTTP/1.1 ").count == 2, "\(answer)")
        #expect(!answer.contains("200 OK"))
    }
}
