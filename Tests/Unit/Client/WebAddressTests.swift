import Client
import Testing

@Suite struct WebAddressTests {
    @Test(arguments: [
        ("http://tsa.example/tsr", Endpoint.http(host: "tsa.example", port: 80), "/tsr"),
        ("http://tsa.example", .http(host: "tsa.example", port: 80), "/"),
        ("HTTP://TSA.example:8080/a/b?c=d", .http(host: "tsa.example", port: 8080), "/a/b?c=d"),
        ("http://tsa.example?x", .http(host: "tsa.example", port: 80), "/?x"),
        ("http://[::1]:81/", .http(host: "::1", port: 81), "/"),
        ("http://[::1]/", .http(host: "::1", port: 80), "/"),
        ("https://tsa.example/tsr", .https(host: "tsa.example", port: 443), "/tsr"),
        ("https://tsa.example:4430/tsr", .https(host: "tsa.example", port: 4430), "/tsr"),
    ])
    func isRead(text: String, endpoint: Endpoint, target: String) throws {
        let address = try WebAddress(parsing: text)
        #expect(address.endpoint == endpoint)
        #expect(address.target == target)
        #expect(address.isInTheClear == text.lowercased().hasPrefix("http:"))
    }

    @Test(arguments: [
        "tsa.example", "ftp://tsa.example/", "http://", "http:///tsr", "http://a b/", "http://user@tsa.example/",
        "http://tsa.example/#x", "http://tsa.example:0/", "http://tsa.example:99999/", "http://tsa.example/\r\nX: y",
        "http://tsa.example/é", "unix:/x",
    ])
    func isRefused(text: String) {
        #expect(throws: ClientError.self) { try WebAddress(parsing: text) }
    }

    /// What bears a token is never sent in the clear.
    @Test func anEndpointOfTheToolIsNeverInTheClear() {
        #expect(throws: ClientError.self) { try Endpoint(parsing: "http://vault.example") }
    }
}
