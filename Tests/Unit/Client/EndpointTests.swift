import Client
import Testing

@Suite struct EndpointTests {
    @Test(arguments: [
        ("https://vault.example", Endpoint.https(host: "vault.example", port: 443)),
        ("https://Vault.Example:8443/", .https(host: "vault.example", port: 8443)),
        ("HTTPS://127.0.0.1:1", .https(host: "127.0.0.1", port: 1)),
        ("https://[::1]:8443", .https(host: "::1", port: 8443)),
        ("https://[2001:db8::1]", .https(host: "2001:db8::1", port: 443)),
        ("unix:/run/sceau/admin.sock", .unix(path: "/run/sceau/admin.sock")),
    ])
    func addressesAreRead(text: String, endpoint: Endpoint) throws {
        #expect(try Endpoint(parsing: text) == endpoint)
    }

    @Test(arguments: [
        "", "vault.example", "http://vault.example", "https://", "https://:443", "https://a:0", "https://a:65536",
        "https://a:x",
        "https://a/path", "https://a?q", "https://user@a", "https://a b", "https://a\r\nb", "https://[::1",
        "https://[::1]x",
        "https://é.example", "unix:relative",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: ClientError.self) { try Endpoint(parsing: text) }
    }

    @Test func pathsAreEncoded() {
        #expect(Call.path(["api", "a b/c", "é", "..", "a~b"]) == "/api/a%20b%2Fc/%C3%A9/../a~b")
    }
}
