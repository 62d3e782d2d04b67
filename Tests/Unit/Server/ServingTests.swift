import Foundation
import HTTP
import Linux
import OpenSSL
import Server
import Testing

@Suite struct ServingTests {
    @Test func keepsTheConnectionBetweenRequests() throws {
        let server = try TestServer()
        let client = try server.connect()
        for _ in 0..<3 {
            try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try client.answer()
            #expect(answer.status == 200)
            #expect(answer.body == "hello\n")
            #expect(!answer.closes)
        }
    }

    @Test func takesABodyFromCurlOverTLS() throws {
        let server = try TestServer(tls: TestCertificate.shared.server())
        let file = TestCertificate.shared.folder + "/upload-\(UUID().uuidString)"
        try Data(Pattern.bytes(0..<3_000_000)).write(to: URL(fileURLWithPath: file))
        let result = try Command.run(
            "curl", "-sS", "--cacert", TestCertificate.shared.chain, "-T", file, "https://localhost:\(server.port)/sink")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == "3000000 true\n")
        #expect(server.seen.largest > 16 * 1024)
    }
}
