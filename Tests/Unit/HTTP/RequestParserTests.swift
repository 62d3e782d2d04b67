import HTTP
import Testing

@Suite struct RequestParserTests {
    static let accepted: [String] = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "PUT /a/b%20c%2Fd/..?x=1&y=%C3%A9+z HTTP/1.1\r\nHost: a.example:8443\r\nContent-Length: 5\r\n\r\nhello",
        "POST /x HTTP/1.1\r\nhost:a\r\ntransfer-encoding:  Chunked \r\n\r\n3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n0\r\nX-T: v\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1]:80\r\nX: \t a b \t\r\nX-Empty:\r\nAccept: a\r\nAccept: b\r\n\r\nGET /2 HTTP/1.1\r\nHost: b\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n\r\nPUT /é HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nok",
    ]

    /// One byte at a time, and any other cut, gives what the whole gives: also for what is refused.
    @Test func piecesChangeNothing() {
        for text in Self.accepted + RefusalTests.rows.map(\.0) {
            let bytes = Array(text.utf8)
            let whole = heard(bytes, inPiecesOf: bytes.count)
            #expect(!whole.isEmpty)
            for size in [1, 2, 3, 7, 64] { #expect(heard(bytes, inPiecesOf: size) == whole, "\(text)") }
        }
        for text in Self.accepted { #expect(refusal(text) == nil, "\(text)") }
    }

    @Test func decodesTheTarget() throws {
        let request = try head("PUT /api/b%2F..%2Fid/../offre%20%C3%A9t%C3%A9.zip?a=b+c&d HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(request.path == ["api", "b/../id", "..", "offre été.zip"])
        #expect(request.query("a") == "b c")
        #expect(request.query("d") == "")
        #expect(request.query("e") == nil)
        #expect(try head("GET / HTTP/1.1\r\nHost: a\r\n\r\n").path == [])
        #expect(try head("GET //a/ HTTP/1.1\r\nHost: a\r\n\r\n").path == ["", "a", ""])
        #expect(try head("GET https://A:1/b HTTP/1.1\r\nHost: a:1\r\n\r\n").path == ["b"])
        #expect(try head("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n").path == [])
    }

    @Test func readsFraming() throws {
        let fixed = try head("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n")
        #expect(fixed.contentLength == .max && !fixed.isChunked && fixed.hasBody)
        let empty = try head("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 000\r\nExpect: 100-continue\r\n\r\n")
        #expect(empty.contentLength == 0 && !empty.hasBody && !empty.expectsContinue)
        let chunked = try head("PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\nExpect: 100-continue\r\n\r\n")
        #expect(chunked.contentLength == nil && chunked.isChunked && chunked.expectsContinue)
        #expect(try head("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n").closes)
        #expect(try !head("GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n").closes)
        #expect(try head("get / HTTP/1.1\r\nHost: a\r\n\r\n").method == .other("get"))
    }

    /// The second request of a pipeline is left alone until the first is dealt with.
    @Test func stopsBehindEachRequest() throws {
        let bytes = Array("PUT /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nokGET /2 HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        var parser = RequestParser(maximumHead: 1000, maximumFields: 10)
        var position = 0
        #expect(parser.isBetweenRequests)
        guard case .head? = try parser.next(bytes.span, from: &position) else { Issue.record("no head"); return }
        let afterHead = position
        #expect(!parser.isBetweenRequests)
        guard case .body(let range)? = try parser.next(bytes.span, from: &position) else { Issue.record("no body"); return }
        #expect(range == afterHead..<(afterHead + 2))
        guard case .end? = try parser.next(bytes.span, from: &position) else { Issue.record("no end"); return }
        #expect(position == afterHead + 2)
        #expect(parser.isBetweenRequests)
    }

    @Test func boundsTheHead() {
        let line = "GET / HTTP/1.1\r\nHost: a\r\n"
        let long = line + "X: " + String(repeating: "a", count: 16 * 1024)
        #expect(refusal(long) == .refused(431, "head too long"))
        let exact = line + "X: " + String(repeating: "a", count: 16 * 1024 - line.utf8.count - 7) + "\r\n\r\n"
        #expect(exact.utf8.count == 16 * 1024)
        #expect(refusal(exact) == nil)
        #expect(refusal(line + String(repeating: "X-a: b\r\n", count: 63) + "\r\n") == nil)
        #expect(refusal(line + String(repeating: "X-a: b\r\n", count: 64) + "\r\n") == .refused(431, "too many header fields"))
        #expect(refusal("GET /" + String(repeating: "a", count: 20_000)) == .refused(414, "request line too long"))
        #expect(refusal("GET " + String(repeating: "/a", count: 17) + " HTTP/1.1\r\n") == .refused(414, "path of too many segments"))
        #expect(refusal("GET /?" + String(repeating: "a&", count: 33) + " HTTP/1.1\r\n") == .refused(414, "query of too many pairs"))
    }

    /// A megabyte of header is refused at the limit, not stored.
    @Test func refusesAMegabyteOfHeader() {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 1 << 20) + "\r\n\r\n"
        #expect(refusal(text) == .refused(431, "head too long"))
    }

    private func head(_ text: String) throws -> Request {
        var parser = RequestParser(maximumHead: 16 * 1024, maximumFields: 64)
        var position = 0
        let bytes = Array(text.utf8)
        guard case .head(let request)? = try parser.next(bytes.span, from: &position) else { throw NoHead() }
        return request
    }

    struct NoHead: Error {}
}
