import Foundation
import HTTP
import Linux
import OpenSSL
import Server
import Testing

@Suite struct TLSTests {
    @Test func speaksTLS13AndEndsInOrder() throws {
        let server = try TestServer(tls: TestCertificate.shared.server())
        let context = try TLSContext(trustedFile: TestCertificate.shared.chain)
        for host in ["localhost", "127.0.0.1"] {
            let client = try TLSClient(port: server.port, context, host: host)
            guard case .complete = try client.handshake() else { Issue.record("handshake"); return }
            #expect(client.tls.version == "TLSv1.3")
            _ = try client.write("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let (text, ended) = try client.readToEnd()
            #expect(text.hasSuffix("\r\n\r\nhello\n"))
            // close_notify, so that a cut answer can be told from a whole one.
            #expect(ended)
        }
    }

    @Test func aClientTrustsOnlyItsPinAndItsName() throws {
        let server = try TestServer(tls: TestCertificate.shared.server())
        let other = try TestCertificate()
        defer { try? FileManager.default.removeItem(atPath: other.folder) }
        for (pin, host) in [(other.chain, "localhost"), (TestCertificate.shared.chain, "example.org"), (TestCertificate.shared.chain, "127.0.0.2")] {
            let client = try TLSClient(port: server.port, TLSContext(trustedFile: pin), host: host)
            guard case .failed(let error) = try client.handshake() else {
                Issue.record("\(host) was trusted")
                continue
            }
            #expect(error.reasons.contains { $0.contains("certificate") || $0.contains("mismatch") }, "\(error)")
        }
        #expect(server.waits { $0.refused.count == 3 })
        #expect(Set(server.seen.refused) == ["TLS handshake failed"])
    }

    @Test func readsCertificatesFromBytes() throws {
        let chain = try [UInt8](Data(contentsOf: URL(fileURLWithPath: TestCertificate.shared.chain)))
        let key = try [UInt8](Data(contentsOf: URL(fileURLWithPath: TestCertificate.shared.key)))
        let server = try TestServer(tls: TLSContext(chainPEM: chain.span, keyPEM: key.span))
        let client = try TLSClient(port: server.port, TLSContext(trustedPEM: chain.span), host: "localhost")
        guard case .complete = try client.handshake() else { Issue.record("handshake"); return }
        #expect(throws: OpenSSLError.self) { try TLSContext(chainPEM: key.span, keyPEM: key.span) }
        #expect(throws: OpenSSLError.self) { try TLSContext(chainPEM: chain.span, keyPEM: chain.span) }
        #expect(throws: OpenSSLError.self) { try TLSContext(trustedPEM: Span()) }
        let other = try TestCertificate()
        defer { try? FileManager.default.removeItem(atPath: other.folder) }
        #expect(throws: OpenSSLError.self) { try TLSContext(chainFile: other.chain, keyFile: TestCertificate.shared.key) }
    }

    @Test(arguments: [TLSContext.Version.tls13, .tls12]) func refusesOlderVersions(minimum: TLSContext.Version) throws {
        let server = try TestServer(tls: TestCertificate.shared.server(minimum))
        for (flag, works) in [("-tls1_3", true), ("-tls1_2", minimum == .tls12), ("-tls1_1", false)] {
            let result = try Command.run(
                "openssl", "s_client", "-connect", "127.0.0.1:\(server.port)", "-CAfile", TestCertificate.shared.chain,
                "-verify_return_error", "-cipher", "DEFAULT@SECLEVEL=0", "-ign_eof", flag,
                input: "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(result.output.contains("hello\n") == works, "\(flag): \(result.errors)")
        }
    }

    /// RFC 7301: a client that offers other protocols only meant another server.
    @Test func refusesOtherProtocols() throws {
        let server = try TestServer(tls: TestCertificate.shared.server())
        for (protocols, works) in [("http/1.1", true), ("h2,http/1.1", true), ("h2", false), ("smtp", false)] {
            let result = try Command.run(
                "openssl", "s_client", "-connect", "127.0.0.1:\(server.port)", "-alpn", protocols, "-ign_eof",
                input: "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(result.output.contains("hello\n") == works, "\(protocols): \(result.errors)")
        }
    }

    /// A request that TLS has read together with the body before it is not forgotten: the socket never speaks of it again.
    @Test func aRequestInsideTLSIsNotForgotten() throws {
        let server = try TestServer(tls: TestCertificate.shared.server())
        let client = try TLSClient(port: server.port, TLSContext(trustedFile: TestCertificate.shared.chain), host: "localhost")
        guard case .complete = try client.handshake() else { Issue.record("handshake"); return }
        _ = try client.write("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(server.waits { $0.exchanges.count == 1 })
        // Each its own record. Where a head is expected 16 KiB are taken, which ends inside the body; then its exact rest.
        _ = try client.write("PUT /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 16384\r\n\r\n")
        _ = try client.write(String(repeating: "x", count: 16384))
        _ = try client.write("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        server.settle()
        server.seen.exchanges[0].respond(Response(status: 200))
        let (text, _) = try client.readToEnd()
        #expect(text.contains("16384 false\n"))
        #expect(text.hasSuffix("hello\n"))
    }

    @Test func plainHTTPOnTheTLSPortIsNoRequest() throws {
        let server = try TestServer(tls: TestCertificate.shared.server())
        let client = try server.connect()
        try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(server.waits { $0.refused == ["TLS handshake failed"] })
        #expect(server.seen.requests == [])
    }

    /// Connections begun before go on; those begun after see the new certificate.
    @Test func reloadsItsCertificate() throws {
        let server = try TestServer(tls: TestCertificate.shared.server())
        let other = try TestCertificate()
        defer { try? FileManager.default.removeItem(atPath: other.folder) }
        let url = "https://localhost:\(server.port)/hello"
        #expect(try Command.run("curl", "-sS", "--cacert", other.chain, url).status != 0)
        try server.server.reload(tls: other.server(), limits: TestServer.limits)
        let result = try Command.run("curl", "-sS", "--cacert", other.chain, url)
        #expect(result.output == "hello\n", "\(result.errors)")
    }
}
