import HTTP
import Testing

@Suite struct ResponseHeadTests {
    private func text(_ response: Response, closes: Bool = false, date: String? = nil) -> String? {
        ResponseHead.encode(response, closes: closes, date: date).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func writesLengthDateAndConnection() {
        let response = Response(status: 201, fields: [("Content-Type", "text/plain")], body: .bytes([1, 2, 3]))
        #expect(
            text(response, closes: true, date: "D")
                == "HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\nDate: D\r\nContent-Length: 3\r\nConnection: close\r\n\r\n")
        #expect(text(Response(status: 200)) == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(text(Response(status: 204)) == "HTTP/1.1 204 No Content\r\n\r\n")
        #expect(text(Response(status: 299)) == "HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n")
    }

    /// Text of a client that reaches an answer's field must not become a field or a body of its own.
    @Test func writesNothingThatChangesTheMessage() {
        for field in [
            ("X", "a\r\nSet-Cookie: b"), ("X", "a\nb"), ("X", "a\0"), ("X\r\nY", "a"), ("X y", "a"), ("", "a"), ("X:", "a"),
            ("Content-Length", "5"), ("transfer-encoding", "chunked"), ("Connection", "close"), ("date", "x"),
        ] {
            #expect(text(Response(status: 200, fields: [field])) == nil, "\(field)")
        }
        #expect(text(Response(status: 199)) == nil)
        #expect(text(Response(status: 600)) == nil)
    }

    /// Values from `TZ=GMT date -d @N`.
    @Test func writesDates() {
        #expect(HTTPDate.text(seconds: 0) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate.text(seconds: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.text(seconds: 951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
        #expect(HTTPDate.text(seconds: 1_767_225_599) == "Wed, 31 Dec 2025 23:59:59 GMT")
        #expect(HTTPDate.text(seconds: 4_107_542_400) == "Mon, 01 Mar 2100 00:00:00 GMT")
    }
}
