import Foundation
import Rehearsal
import Testing

/// Two servers that disagree on where a request ends let a stranger put a request into another's connection. So what could be
/// read in two ways is answered once and the connection ends: the request hidden behind it is never answered, over a real
/// socket. (The parser alone, row by row: `RefusalTests`.)
@Suite(.serialized) struct SmugglingTests {
    private static let hidden = "GET /api/v1/limits HTTP/1.1\r\nHost: localhost\r\n\r\n"
    /// Only the answer to the hidden request holds this.
    private static let mark = "\"deposits\""

    /// Of a call that a stranger may make, and whose connection goes on after it: nothing but the parser stands between.
    private static func post(_ fields: String, _ body: String) -> String {
        "POST /log/cosignatures HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\(body)"
    }

    private static func put(_ fields: String, _ body: String, path: String = "/api/v1/platform") -> String {
        "PUT \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\(body)"
    }

    private static let length = hidden.utf8.count

    static let rows: [(String, String)] = [
        ("CL.TE", post("Content-Length: \(length + 5)\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + hidden)),
        ("TE.CL", post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "5c\r\n" + hidden + "\r\n0\r\n\r\n")),
        ("TE.TE", post("Transfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n", "0\r\n\r\n" + hidden)),
        ("TE, space before the colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n" + hidden)),
        ("TE, vertical tab", post("Transfer-Encoding:\u{0B}chunked\r\n", "0\r\n\r\n" + hidden)),
        ("TE, folded", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n" + hidden)),
        ("TE behind a bare LF", post("X: y\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + hidden)),
        ("TE behind a bare CR", post("X: y\rTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + hidden)),
        ("TE, xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + hidden)),
        ("TE, chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n" + hidden)),
        ("CL.CL", post("Content-Length: 0\r\nContent-Length: \(length)\r\n", hidden)),
        ("CL, a list", post("Content-Length: 0, \(length)\r\n", hidden)),
        ("CL, a plus", post("Content-Length: +0\r\n", hidden)),
        ("CL, spaces", post("Content-Length: 0 0\r\n", hidden)),
        ("CL, too many zeros", post("Content-Length: 00000000000000000000\r\n", hidden)),
        ("CL, overflow", post("Content-Length: 18446744073709551616\r\n", hidden)),
        ("a size that overflows", post("Transfer-Encoding: chunked\r\n", "10000000000000000\r\n" + hidden)),
        ("a size with a prefix", post("Transfer-Encoding: chunked\r\n", "0x0\r\n\r\n" + hidden)),
        ("a size behind a bare LF", post("Transfer-Encoding: chunked\r\n", "0\n\n" + hidden)),
        ("an extension with a bare LF", post("Transfer-Encoding: chunked\r\n", "2;\nxx\r\n0\r\n\r\n" + hidden)),
        ("a chunk longer than its size", post("Transfer-Encoding: chunked\r\n", "1\r\nab\r\n0\r\n\r\n" + hidden)),
        ("a request in the trailer", post("Transfer-Encoding: chunked\r\n", "0\r\n" + hidden)),
        ("NUL in a name", post("Content-Length\0: 0\r\n", hidden)),
        ("two addresses", "GET http://other/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + hidden),
        ("HTTP/1.0, kept", "GET /healthz HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n" + hidden),
        // Well-formed, and refused before the body was read: it is not another request.
        ("a refused body", put("Content-Length: \(length)\r\n", hidden)),
        ("a refused body in chunks", put("Transfer-Encoding: chunked\r\n", String(length, radix: 16) + "\r\n" + hidden + "\r\n0\r\n\r\n")),
        ("a refused expectation", put("Content-Length: \(length)\r\nExpect: 100-continue\r\n", hidden)),
        ("another expectation", put("Content-Length: \(length)\r\nExpect: 200-ok\r\n", hidden)),
        ("a refused deposit",
            put("Content-Length: \(length)\r\n", hidden, path: "/api/v1/consultations/00000000000000000000000000000000/bid/a.zip")),
    ]

    @Test func whatIsHiddenIsNeverAnswered() throws {
        let stage = try Stage()
        // The same bytes behind a request that is none of these are answered: so the rows could fail.
        let last = Self.hidden.replacing("\r\n\r\n", with: "\r\nConnection: close\r\n\r\n")
        let both = try answer(Self.post("Content-Length: 1\r\n", "x") + last, stage)
        #expect(both.components(separatedBy: "HTTP/1.1 ").count == 3 && both.contains(Self.mark), "\(both)")
        for (name, request) in Self.rows {
            let answer = try answer(request, stage)
            #expect(answer.components(separatedBy: "HTTP/1.1 ").count == 2 && !answer.contains(Self.mark), "\(name): \(answer)")
            #expect(answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 5"), "\(name): \(answer)")
        }
        #expect(try stage.anyone.get("/healthz").status == 200)
    }

    private func answer(_ request: String, _ stage: Stage) throws -> String {
        String(decoding: try RawTLS.send(Data(request.utf8), to: stage.instance), as: UTF8.self)
    }
}
