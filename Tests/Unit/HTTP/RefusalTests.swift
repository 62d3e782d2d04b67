import Testing

/// What is not HTTP/1.1 as we read it, row by row. Most rows are known ways to make two parsers disagree on where a request
/// ends (request smuggling, desynchronisation): CL.CL, CL.TE, TE.TE, TE.0 and their variants; the others are the grammar's.
@Suite struct RefusalTests {
    static let rows: [(String, Int, String)] = [
        // Two lengths, or one that is none (RFC 9112 section 6.3).
        (put("Content-Length: 5\r\nContent-Length: 6\r\n"), 400, "two content lengths"),
        (put("Content-Length: 5\r\nContent-Length: 5\r\n"), 400, "two content lengths"),
        (put("Content-Length: 5, 5\r\n"), 400, "malformed content length"),
        (put("Content-Length: +5\r\n"), 400, "malformed content length"),
        (put("Content-Length: -1\r\n"), 400, "malformed content length"),
        (put("Content-Length: 0x5\r\n"), 400, "malformed content length"),
        (put("Content-Length: 5 5\r\n"), 400, "malformed content length"),
        (put("Content-Length: 1e1\r\n"), 400, "malformed content length"),
        (put("Content-Length: \r\n"), 400, "malformed content length"),
        (put("Content-Length: 9223372036854775808\r\n"), 400, "malformed content length"),
        (put("Content-Length: 00000000000000000005\r\n"), 400, "malformed content length"),
        (put("Content-Length: \u{0665}\r\n"), 400, "malformed content length"),
        // Length with coding: CL.TE and TE.CL.
        (put("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG"), 400, "content length with transfer encoding"),
        (put("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "5c\r\n"), 400, "content length with transfer encoding"),
        (put("Transfer-Encoding: identity\r\nContent-Length: 4\r\n"), 400, "content length with transfer encoding"),
        // TE.TE: a coding that one parser takes for chunked and another does not.
        (put("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400, "two transfer encodings"),
        (put("Transfer-Encoding: chunked\r\nTransfer-encoding: x\r\n"), 400, "two transfer encodings"),
        (put("Transfer-Encoding: xchunked\r\n"), 501, "transfer coding other than chunked"),
        (put("Transfer-Encoding: gzip, chunked\r\n"), 501, "transfer coding other than chunked"),
        (put("Transfer-Encoding: chunked, identity\r\n"), 501, "transfer coding other than chunked"),
        (put("Transfer-Encoding: chunked, chunked\r\n"), 501, "transfer coding other than chunked"),
        (put("Transfer-Encoding: \"chunked\"\r\n"), 501, "transfer coding other than chunked"),
        (put("Transfer-Encoding: chunked;q=1\r\n"), 501, "transfer coding other than chunked"),
        (put("Transfer-Encoding: ,chunked\r\n"), 501, "transfer coding other than chunked"),
        (put("Transfer-Encoding:\r\n"), 501, "transfer coding other than chunked"),
        (put("Transfer-Encoding : chunked\r\n"), 400, "whitespace before the colon of a field"),
        (put("Transfer-Encoding\t: chunked\r\n"), 400, "whitespace before the colon of a field"),
        (put(" Transfer-Encoding: chunked\r\n"), 400, "folded field line"),
        (put("X: y\r\n\tTransfer-Encoding: chunked\r\n"), 400, "folded field line"),
        (put("Transfer-Encoding:\u{0B}chunked\r\n"), 400, "control character in a field's value"),
        (put("Transfer-Encoding: chunked\u{0C}\r\n"), 400, "control character in a field's value"),
        (put("X: y\rTransfer-Encoding: chunked\r\n"), 400, "bare CR"),
        (put("X: y\nTransfer-Encoding: chunked\r\n"), 400, "bare LF"),
        (put("X: y\r\r\n"), 400, "bare CR"),
        (put("Transfer_Encoding\u{00}: chunked\r\n"), 400, "NUL in the head"),
        // Line ends and field lines (RFC 9112 sections 2.2 and 5).
        ("GET / HTTP/1.1\nHost: a\n\n", 400, "bare LF"),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", 400, "bare LF"),
        ("GET / HTTP/1.1\r\nHost: a\r\n\rX", 400, "bare CR"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400, "folded field line"),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "folded field line"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400, "field line without a colon"),
        ("GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400, "field without a name"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX y: z\r\n\r\n", 400, "bad character in a field's name"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX(: z\r\n\r\n", 400, "bad character in a field's name"),
        ("GET / HTTP/1.1\r\nHost: a\r\n\u{E9}: z\r\n\r\n", 400, "bad character in a field's name"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{7F}\r\n\r\n", 400, "control character in a field's value"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{1B}[31m\r\n\r\n", 400, "control character in a field's value"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{00}\r\n\r\n", 400, "NUL in the head"),
        ("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: a\r\nauthorization: b\r\n\r\n", 400, "repeated header field"),
        ("GET / HTTP/1.1\r\nHost: a\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n", 400, "repeated header field"),
        // Host (RFC 9112 section 3.2).
        ("GET / HTTP/1.1\r\n\r\n", 400, "no host"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "two hosts"),
        ("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", 400, "two hosts"),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "malformed host"),
        ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400, "malformed host"),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "malformed host"),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "malformed host"),
        ("GET / HTTP/1.1\r\nHost: user@a\r\n\r\n", 400, "malformed host"),
        ("GET / HTTP/1.1\r\nHost: a:\r\n\r\n", 400, "malformed host"),
        ("GET / HTTP/1.1\r\nHost: a:80x\r\n\r\n", 400, "malformed host"),
        ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, "malformed host"),
        ("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "address and host differ"),
        ("GET http://a@b/ HTTP/1.1\r\nHost: b\r\n\r\n", 400, "address and host differ"),
        // The request line (RFC 9112 section 3).
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed request line"),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, "malformed request line"),
        (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed request line"),
        ("GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed request line"),
        ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed request line"),
        ("GET /\r\n\r\n", 400, "malformed request line"),
        ("\r\n\r\nGET / HTTP/1.1\r\n", 400, "malformed request line"),
        ("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed method"),
        ("GET / HTTP/1.0\r\nHost: a\r\n\r\n", 505, "not HTTP/1.1"),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "not HTTP/1.1"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "not HTTP/1.1"),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", 400, "malformed protocol version"),
        ("GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400, "malformed protocol version"),
        ("GET / HTTP/1,1\r\nHost: a\r\n\r\n", 400, "malformed protocol version"),
        ("\u{16}\u{03}\u{01}\u{02}\u{00}", 400, "NUL in the head"),
        // The target (RFC 9112 section 3.2, RFC 3986).
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request target is neither a path nor an address"),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 400, "request target is neither a path nor an address"),
        ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request target is neither a path nor an address"),
        ("GET http://a?x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "address without a path"),
        ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad percent-escape"),
        ("GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad percent-escape"),
        ("GET /% HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad percent-escape"),
        ("GET /%u0041 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad percent-escape"),
        ("GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "NUL in the request target"),
        ("GET /?a=%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "NUL in the request target"),
        ("GET /%FF HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request target is not UTF-8"),
        ("GET /%C0%AF HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request target is not UTF-8"),
        ("GET /%ED%A0%80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request target is not UTF-8"),
        ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad character in the request target"),
        ("GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad character in the request target"),
        ("GET /<a> HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad character in the request target"),
        ("GET /a\u{01}b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad character in the request target"),
        // Expectations (RFC 9110 section 10.1.1).
        (put("Expect: 200-ok\r\nContent-Length: 1\r\n"), 417, "expectation other than 100-continue"),
        (put("Expect: 100-continue, x\r\nContent-Length: 1\r\n"), 417, "expectation other than 100-continue"),
        // Chunks (RFC 9112 section 7.1).
        (chunked("x\r\n"), 400, "chunk without a size"),
        (chunked("\r\n"), 400, "chunk without a size"),
        (chunked(";a\r\n"), 400, "chunk without a size"),
        (chunked("-1\r\n"), 400, "chunk without a size"),
        (chunked(" 1\r\na\r\n"), 400, "chunk without a size"),
        (chunked("0x1\r\na\r\n"), 400, "bad character in a chunk size"),
        (chunked("1 \r\na\r\n"), 400, "bad character in a chunk size"),
        (chunked("1_0\r\n"), 400, "bad character in a chunk size"),
        (chunked("1\na\r\n"), 400, "bad character in a chunk size"),
        (chunked("0000000000000001\r\na\r\n"), 400, "chunk size too long"),
        (chunked("ffffffffffffffff\r\n"), 400, "chunk size too long"),
        (chunked("1;a\n"), 400, "bad character in a chunk extension"),
        (chunked("1;\u{00}\r\n"), 400, "bad character in a chunk extension"),
        (chunked("1;" + String(repeating: "a", count: 300) + "\r\n"), 400, "chunk extensions too long"),
        (chunked(String(repeating: "1;" + String(repeating: "a", count: 200) + "\r\nx\r\n", count: 21)), 400, "chunk extensions too long"),
        (chunked("1\rxa\r\n"), 400, "bare CR after a chunk size"),
        (chunked("1\r\nab\r\n"), 400, "chunk longer than its size"),
        (chunked("1\r\na\n"), 400, "chunk longer than its size"),
        (chunked("1\r\na\rx"), 400, "bare CR after a chunk"),
        (chunked("0\r\nX: y\n\r\n"), 400, "bare LF in the trailer section"),
        (chunked("0\r\nX: y\rz"), 400, "bare CR in the trailer section"),
        (chunked("0\r\nX\r\n\r\n"), 400, "field line without a colon"),
        (chunked("0\r\n X: y\r\n\r\n"), 400, "folded field line"),
        (chunked("0\r\nX: \u{00}\r\n\r\n"), 400, "NUL in the trailer section"),
        (chunked("0\r\nGET /admin HTTP/1.1\r\n\r\n"), 400, "field line without a colon"),
        (chunked("0\r\n" + String(repeating: "X: y\r\n", count: 700) + "\r\n"), 400, "trailer section too long"),
    ]

    @Test(arguments: 0..<rows.count) func isRefused(_ row: Int) {
        let (text, status, reason) = Self.rows[row]
        #expect(refusal(text) == .refused(status, reason), "\(text.prefix(200).debugDescription)")
    }

    /// Bytes that Swift's strings cannot hold.
    @Test func refusesWhatIsNotUTF8() {
        let head = Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8)
        let rest = Array("\r\n\r\n".utf8)
        for bad: [UInt8] in [[0xFF], [0xC0, 0xAF], [0xE9], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]] {
            #expect(heard(head + bad + rest, inPiecesOf: 1) == [.refused(400, "field value is not UTF-8")])
            #expect(
                heard(Array("GET /".utf8) + bad + Array(" HTTP/1.1\r\n".utf8), inPiecesOf: 1)
                    == [.refused(400, "request target is not UTF-8")])
        }
    }

    private static func put(_ fields: String, _ body: String = "") -> String {
        "PUT /a HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\(body)"
    }

    private static func chunked(_ body: String) -> String {
        put("Transfer-Encoding: chunked\r\n", body)
    }
}
