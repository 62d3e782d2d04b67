import Client
import Foundation
import Linux
import OpenSSL
import Reception
import Synchronization
import Testing

@testable import sceaud

/// External authorities, good and broken in each way: what fails is named, in bounded time.
@Suite struct ExternalAuthorityTests {
    private static let digest = SHA256.hash(Array("the manifest".utf8))

    private func source(
        _ port: UInt16, _ trust: [Certificate], policy: String? = nil, authorization: String? = nil, seconds: Int64 = 60
    ) throws -> ExternalAuthority {
        ExternalAuthority(
            address: try WebAddress(parsing: "http://127.0.0.1:\(port)/tsr"), trust: trust,
            policy: try policy.map { try #require(ObjectIdentifier($0)) }, authorization: authorization, tls: .system,
            limits: Timestamps.Limits(connect: 60_000, answer: seconds * 1000))
    }

    /// What is said of an authority that answers so.
    private func failure(
        _ notary: Notary, trust: [Certificate]? = nil, policy: String? = nil, seconds: Int64 = 60,
        _ answer: @escaping @Sendable ([UInt8]) throws -> [FakeAuthority.Step]
    ) throws -> String {
        let server = try FakeAuthority(answer)
        defer { server.stop() }
        let source = try source(server.port, trust ?? [notary.ca], policy: policy, seconds: seconds)
        let start = Clocks.monotonicMilliseconds()
        defer { if seconds < 60 { #expect(Clocks.monotonicMilliseconds() - start < 20_000) } }
        do throws(StampFailure) {
            _ = try source.token(over: Self.digest)
            return "a token"
        } catch {
            return error.description
        }
    }

    @Test func aGoodAnswerIsTaken() throws {
        let notary = try Notary()
        let server = try FakeAuthority { FakeAuthority.reply(try notary.answer($0)) }
        defer { server.stop() }
        let token = try source(server.port, [notary.ca], authorization: "Bearer abc").token(over: Self.digest)
        #expect(token.genTime == notary.now)
        try token.verify(imprint: Self.digest, trust: [notary.ca])
        let head = server.head.withLock { $0 }
        #expect(head.hasPrefix("POST /tsr HTTP/1.1\r\n"))
        #expect(head.contains("Content-Type: application/timestamp-query"))
        #expect(head.contains("Authorization: Bearer abc"))
    }

    @Test func eachWayToFailIsNamed() throws {
        let notary = try Notary()
        let ended = try Notary(ended: true)
        let other = try TimestampRequest(imprint: Self.digest)
        #expect(try failure(notary) { _ in FakeAuthority.reply(try notary.answer(other.der)) }.contains("wrong nonce"))
        #expect(
            try failure(notary) { request in
                // The same nonce over another digest.
                var changed = request
                let place = try #require(request.firstRange(of: Self.digest.indices.map { Self.digest[$0] }))
                changed[place.lowerBound] ^= 1
                return FakeAuthority.reply(try notary.answer(changed))
            }.contains("wrong imprint"))
        #expect(
            try failure(notary, trust: [ended.ca]) { FakeAuthority.reply(try notary.answer($0)) }
                == "its authority is not trusted here: «Notary»")
        #expect(
            try failure(ended) { FakeAuthority.reply(try ended.answer($0)) }
                == "the certificate «Notary's key» had expired at the token's instant")
        #expect(
            try failure(notary, policy: "1.2.3") { FakeAuthority.reply(try notary.answer($0)) }
                .contains("Requested policy is not supported"))
        #expect(
            try failure(notary) { FakeAuthority.reply(try notary.answer($0, beside: ended.ca)) }
                == "its token bears parts that no signature covers")
        #expect(try failure(notary) { _ in FakeAuthority.reply(Array("garbage".utf8)) }.contains("not a timestamp"))
        #expect(
            try failure(notary) { FakeAuthority.reply(try notary.answer($0), type: "text/html") }
                == "its answer is not of type application/timestamp-reply")
        #expect(
            try failure(notary) { FakeAuthority.reply(try notary.answer($0), status: "503 No") } == "it answered with status 503")
        #expect(
            try failure(notary) { _ in FakeAuthority.reply([], status: "302 Found", more: "Location: http://127.0.0.1:1/\r\n") }
                == "it answered with a redirect (302), which is not followed")
        #expect(try failure(notary) { _ in [.write(Array("SSH-2.0-x\r\n\r\n".utf8))] }.contains("not HTTP"))
        #expect(try failure(notary) { _ in [] } == "its connection ended before the answer did")
        #expect(
            try failure(notary) { request in
                let whole = FakeAuthority.reply(try notary.answer(request))
                guard case .write(let bytes) = whole[0] else { return [] }
                return [.write(Array(bytes.dropLast(10)))]
            } == "its connection ended before the answer did")
    }

    @Test func anAnswerWithoutEndIsCut() throws {
        let notary = try Notary()
        let huge = [UInt8](repeating: 0x30, count: 200_000)
        #expect(try failure(notary) { _ in FakeAuthority.reply(huge) } == "its answer is longer than a timestamp")
        let head = Array("HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        let chunk = Array("4000\r\n".utf8) + [UInt8](repeating: 0x30, count: 0x4000) + Array("\r\n".utf8)
        #expect(
            try failure(notary) { _ in [.write(head)] + Array(repeating: .write(chunk), count: 20) }
                == "its answer is longer than a timestamp")
    }

    @Test func slowOnesAreGivenUp() throws {
        let notary = try Notary()
        #expect(
            try failure(notary, seconds: 3) { request in [.pause(30)] + FakeAuthority.reply(try notary.answer(request)) }
                == "it took too long (waiting for the answer)")
        // A byte now and then keeps a connection alive, and not its request.
        #expect(
            try failure(notary, seconds: 3) { request in
                let head = Array("HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: 1000\r\n\r\n".utf8)
                return [.write(head)] + (0..<150).flatMap { _ in [FakeAuthority.Step.write([0x30]), .pause(0.2)] }
            } == "it took too long (receiving)")
    }

    @Test func whatIsDownIsNamed() throws {
        let notary = try Notary()
        let server = try FakeAuthority { _ in [] }
        server.stop()
        let error = #expect(throws: StampFailure.self) { try source(server.port, [notary.ca]).token(over: Self.digest) }
        #expect(error?.description.hasPrefix("it cannot be reached") == true)
    }
}

/// `timestamps` of the configuration, and the files that it names.
struct TimestampsConfigurationTests {
    private func read(_ text: String) throws -> Timestamps {
        try Timestamps(Settings(JSON5(reading: Array(text.utf8))), in: "/etc/sceau")
    }

    private func message(_ text: String) -> String? {
        do {
            _ = try read(text)
            return nil
        } catch {
            return (error as? DaemonError)?.message
        }
    }

    @Test func isRead() throws {
        let read = try read(
            """
            { required: true, connectSeconds: 2, answerSeconds: 3, authorities: [
                { url: "http://tsa.example/tsr", ca: "a.pem", policy: "1.2.250.1" },
                { url: "https://tsa.test", ca: "/b.pem", tlsCa: "c.pem", authorization: "d" } ] }
            """)
        #expect(read.isRequired)
        #expect(read.limits == Timestamps.Limits(connect: 2000, answer: 3000))
        #expect(read.authorities.map(\.address.host) == ["tsa.example", "tsa.test"])
        #expect(read.authorities.map(\.ca) == ["/etc/sceau/a.pem", "/b.pem"])
        #expect(read.authorities[0].policy?.description == "1.2.250.1")
        #expect(read.authorities[1].tlsCA == "/etc/sceau/c.pem")
        #expect(read.authorities[1].authorization == "/etc/sceau/d")
    }

    @Test(arguments: [
        ("{ authorities: [{ url: \"tsa.example\", ca: \"a\" }] }", "authorities[0].url: an address such as"),
        ("{ authorities: [{ url: \"http://a/\" }] }", "authorities[0].ca: this key is required"),
        ("{ authorities: [{ url: \"http://a/\", ca: \"a\", policy: \"one\" }] }", "authorities[0].policy: an object identifier"),
        ("{ authorities: [{ url: \"http://a/\", ca: \"a\", key: \"x\" }] }", "authorities[0].key: there is no such key"),
        ("{ authorities: [{ url: \"http://a/\", ca: \"a\", authorization: \"f\" }] }", "authorities[0].authorization: over http://"),
        ("{ authorities: [\"http://a/\"] }", "authorities[0]: an object is expected"),
        ("{ authorities: {} }", "authorities: a list of at most 8"),
        ("{ required: 1 }", "required: true or false"),
        ("{ answerSeconds: 0 }", "answerSeconds: a whole number from 1"),
        ("{ authority: [] }", "authority: there is no such key"),
    ])
    func whatIsBadIsNamed(text: String, expected: String) {
        #expect(message(text)?.hasPrefix(expected) == true, "\(message(text) ?? "nothing")")
    }

    @Test func itsFilesAreJudged() throws {
        let folder = try TemporaryFolder()
        let notary = try Notary()
        let other = try Notary()
        try folder.write("two.pem", notary.ca.pem + other.ca.pem)
        try folder.write("none.pem", "nothing")
        try folder.write("broken.pem", notary.ca.pem + other.ca.pem.replacingOccurrences(of: "MII", with: "M!I"))
        try folder.write("credential", "Bearer abc\n")
        chmod(folder.path + "/credential", 0o600)
        func sources(_ ca: String) throws -> [ExternalAuthority] {
            try read(
                "{ authorities: [{ url: 'https://a/', ca: '\(folder.path)/\(ca)', authorization: '\(folder.path)/credential' }] }"
            ).sources()
        }
        let good = try sources("two.pem")
        #expect(good.first?.trust == [notary.ca, other.ca])
        #expect(good.first?.authorization == "Bearer abc")
        for bad in ["none.pem", "broken.pem"] {
            let error = #expect(throws: DaemonError.self) { try sources(bad) }
            #expect(error?.message.hasSuffix("are not certificates in PEM") == true)
        }
        chmod(folder.path + "/credential", 0o640)
        let error = #expect(throws: DaemonError.self) { try sources("two.pem") }
        #expect(error?.message.contains("can be read by others") == true)
    }
}
