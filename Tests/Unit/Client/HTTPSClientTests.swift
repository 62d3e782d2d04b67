import Client
import HTTP
import Linux
import OpenSSL
import Testing

private func ok(_ body: String, _ fields: String = "") -> String {
    "HTTP/1.1 200 OK\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
}

private final class Zeroes: BodySource {
    private(set) var given = 0
    private var left: Int
    init(_ count: Int) { left = count }

    func read(max: Int) -> [UInt8] {
        let count = min(max, left)
        left -= count
        given += count
        return [UInt8](repeating: 0x30, count: count)
    }
}

private let quick = TimeLimits(connect: 5000, handshake: 5000, idle: 5000, answer: 5000, consent: 5000)

private func client(_ server: ScriptedServer, limits: TimeLimits = quick) -> HTTPSClient {
    HTTPSClient(.unix(path: server.path), trust: .system, limits: limits)
}

private func text(_ answer: Answer) -> String { String(decoding: answer.body, as: UTF8.self) }

@Suite struct HTTPSClientTests {
    @Test func aConnectionIsKeptWhileTheServerKeepsIt() throws {
        let server = try ScriptedServer([
            [.until("\r\n\r\n"), .send(ok("one")), .until("\r\n\r\nbody"), .send(ok("two", "Connection: close\r\n"))],
            [.until("\r\n\r\n"), .send(ok("three"))],
        ])
        let client = client(server)
        #expect(try text(client.send(Call("GET", "/1"), limit: 10)) == "one")
        #expect(try text(client.send(Call("POST", "/2", body: .bytes(Array("body".utf8))), limit: 10)) == "two")
        #expect(try text(client.send(Call("GET", "/3"), limit: 10)) == "three")
        let heard = server.stop()
        #expect(heard.count == 2)
        #expect(heard[0].hasPrefix("GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\nPOST /2 HTTP/1.1\r\n"))
        #expect(heard[0].contains("Content-Length: 4\r\n"))
    }

    @Test func aDeadKeptConnectionIsReplaced() throws {
        let server = try ScriptedServer([
            [.until("\r\n\r\n"), .send(ok("one"))],
            [.until("\r\n\r\n"), .send(ok("two"))],
        ])
        let client = client(server)
        #expect(try text(client.send(Call("GET", "/1"), limit: 10)) == "one")
        #expect(try text(client.send(Call("GET", "/2"), limit: 10)) == "two")
        _ = server.stop()
    }

    @Test func aCallThatActsIsNeverRepeatedUnasked() throws {
        let server = try ScriptedServer([
            [.until("\r\n\r\n"), .send(ok("one")), .until("\r\n\r\n"), .cut],
            [.until("\r\n\r\n"), .send(ok("two"))],
        ])
        let client = client(server)
        _ = try client.send(Call("GET", "/1"), limit: 10)
        #expect(throws: ClientError.cut(afterSending: true)) { try client.send(Call("POST", "/2"), limit: 10) }
        _ = try client.send(Call("GET", "/3"), limit: 10)
        #expect(server.stop()[1].hasPrefix("GET /3"))
    }

    @Test func aBodyWaitsForConsent() throws {
        let server = try ScriptedServer([
            [.until("\r\n\r\n"), .send("HTTP/1.1 100 Continue\r\n\r\n"), .read(1_000_000), .send(ok("received"))]
        ])
        var progress: [Int64] = []
        let call = Call(
            "PUT", "/f", body: .stream(length: 1_000_000, Zeroes(1_000_000)), progress: { progress.append($0) })
        #expect(try text(client(server).send(call, limit: 100)) == "received")
        #expect(progress.last == 1_000_000)
        #expect(progress == progress.sorted())
        #expect(server.stop()[0].contains("Expect: 100-continue\r\n"))
    }

    @Test func aRefusalBeforeTheUploadIsReadAndNothingIsSent() throws {
        let refusal = "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig"
        let server = try ScriptedServer([[.until("\r\n\r\n"), .send(refusal)]])
        let source = Zeroes(1 << 20)
        let answer = try client(server).send(Call("PUT", "/f", body: .stream(length: 1 << 20, source)), limit: 100)
        #expect(answer.status == 413)
        #expect(text(answer) == "big")
        #expect(source.given == 0)
        _ = server.stop()
    }

    @Test func aRefusalAmidTheUploadIsReadAndEndsIt() throws {
        let refusal = "HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 4\r\n\r\nfull"
        let server = try ScriptedServer([
            [
                .until("\r\n\r\n"), .send(ok("one")), .until("\r\n\r\n"), .send("HTTP/1.1 100 Continue\r\n\r\n"),
                .read(300_000), .send(refusal), .untilEnd,
            ],
            [.until("\r\n\r\n"), .send(ok("two"))],
        ])
        let length = 1 << 30
        let source = Zeroes(length)
        let client = client(server)
        #expect(try text(client.send(Call("GET", "/"), limit: 10)) == "one")
        let answer = try client.send(Call("PUT", "/f", body: .stream(length: Int64(length), source)), limit: 100)
        #expect(answer.status == 507)
        #expect(text(answer) == "full")
        #expect(source.given < length / 2)
        // What the server did not read still stands between the two: never on that connection again.
        #expect(try text(client.send(Call("GET", "/"), limit: 10)) == "two")
        _ = server.stop()
    }

    @Test func aSourceThatEndsEarlyIsAnErrorAndNoAnswerIsAwaited() throws {
        let server = try ScriptedServer([[.until("\r\n\r\n"), .send("HTTP/1.1 100 Continue\r\n\r\n"), .untilEnd]])
        #expect {
            _ = try client(server).send(Call("PUT", "/f", body: .stream(length: 10, Zeroes(9))), limit: 100)
        } throws: {
            if case .upload = $0 as? ClientError { true } else { false }
        }
        _ = server.stop()
    }

    @Test func answersAreBounded() throws {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n8\r\n01234567\r\n"
        let server = try ScriptedServer([
            [.until("\r\n\r\n"), .send(ok("0123456789")), .untilEnd],
            [.until("\r\n\r\n"), .send(chunked), .untilEnd],
        ])
        #expect(throws: ClientError.tooLarge) { try client(server).send(Call("GET", "/"), limit: 9) }
        #expect(throws: ClientError.tooLarge) { try client(server).send(Call("GET", "/"), limit: 15) }
        _ = server.stop()
    }

    @Test func aDownloadIsReadAsItComesAndItsConnectionKeptIfReadToTheEnd() throws {
        let large = "HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n"
        let server = try ScriptedServer([
            [
                .until("\r\n\r\n"), .send(large), .sendZeroes(5_000_000), .until("\r\n\r\n"), .send(large),
                .sendZeroes(5_000_000),
            ],
            [.until("\r\n\r\n"), .send(ok("new"))],
        ])
        let client = client(server)
        let whole = try client.open(Call("GET", "/1"))
        var count = 0
        while true {
            let bytes = try whole.read(max: 1000)
            if bytes.isEmpty { break }
            #expect(bytes.count <= 1000)
            count += bytes.count
        }
        #expect(count == 5_000_000)
        do {
            let part = try client.open(Call("GET", "/2"))
            #expect(try !part.read(max: 10).isEmpty)
        }
        #expect(try text(client.send(Call("GET", "/3"), limit: 10)) == "new")
        let heard = server.stop()
        #expect(heard[0].contains("GET /2"))
        #expect(heard[1].hasPrefix("GET /3"))
    }

    @Test func silenceEndsEachPhase() throws {
        let limits = TimeLimits(connect: 200, handshake: 200, idle: 200, answer: 200, consent: 200)
        let server = try ScriptedServer([
            [.until("\r\n\r\n"), .untilEnd],
            [.until("\r\n\r\n"), .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), .untilEnd],
            [.until("\r\n\r\n"), .untilEnd],
        ])
        for _ in 0..<2 {
            #expect {
                _ = try client(server, limits: limits).send(Call("GET", "/"), limit: 100)
            } throws: {
                if case .timedOut = $0 as? ClientError { true } else { false }
            }
        }
        // Without consent the body is sent unasked, into a server that never answers.
        let source = Zeroes(1000)
        #expect {
            _ = try client(server, limits: limits).send(
                Call("PUT", "/", body: .stream(length: 1000, source)), limit: 100)
        } throws: {
            if case .timedOut = $0 as? ClientError { true } else { false }
        }
        #expect(source.given == 1000)
        _ = server.stop()
    }

    @Test func lineBreaksNeverReachTheRequest() throws {
        let client = HTTPSClient(.unix(path: "/nowhere"), trust: .system)
        for call in [
            Call("GET", "/a b"), Call("GET", "a"), Call("GET", "/a\r\nX: y"), Call("GET", "/é"),
            Call("GET", "/", fields: [("X", "a\r\nY: b")]), Call("GET", "/", fields: [("X: a", "b")]),
        ] {
            #expect {
                _ = try client.send(call, limit: 1)
            } throws: {
                if case .malformed = $0 as? ClientError { true } else { false }
            }
        }
    }
}

@Suite struct HTTPSClientTrustTests {
    /// A server's context for `names`, and its certificate.
    private func identity(_ names: [String]) throws -> (TLSContext, String) {
        let key = try PrivateKey.generateP256()
        let now = Clocks.realtimeMilliseconds() / 1000
        let certificate = try Certificate.selfSigned(
            key, commonName: "server", alternativeNames: names, usage: .server, notBefore: now - 60,
            notAfter: now + 3600)
        let pem = certificate.pem
        let context = try key.pem().withBytes { key in try TLSContext(chainPEM: Array(pem.utf8).span, keyPEM: key) }
        return (context, pem)
    }

    @Test func aServerVouchedForByTheGivenCertificateIsSpokenTo() throws {
        let (context, pem) = try identity(["127.0.0.1", "localhost"])
        let refusal = "HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 4\r\n\r\nfull"
        let server = try ScriptedServer(
            [
                [
                    .until("\r\n\r\n"), .send(ok("one")), .until("\r\n\r\n"),
                    .send("HTTP/1.1 100 Continue\r\n\r\n"), .read(300_000), .send(refusal), .untilEnd,
                ]
            ], tls: context)
        let client = HTTPSClient(
            .https(host: "127.0.0.1", port: server.port), trust: .authorities(pem: Array(pem.utf8)), limits: quick)
        #expect(try text(client.send(Call("GET", "/"), limit: 10)) == "one")
        let source = Zeroes(1 << 30)
        let answer = try client.send(Call("PUT", "/f", body: .stream(length: 1 << 30, source)), limit: 10)
        #expect(text(answer) == "full")
        #expect(source.given < 1 << 29)
        _ = server.stop()
    }

    @Test func anyOtherServerIsNot() throws {
        let (context, pem) = try identity(["somewhere.example"])
        let (_, otherPEM) = try identity(["127.0.0.1"])
        // The name does not match; the authority does not; the system knows none of them.
        let trusts: [Trust] = [.authorities(pem: Array(pem.utf8)), .authorities(pem: Array(otherPEM.utf8)), .system]
        let server = try ScriptedServer(trusts.map { _ in [.until("\r\n\r\n"), .send(ok("one"))] }, tls: context)
        for trust in trusts {
            let client = HTTPSClient(.https(host: "127.0.0.1", port: server.port), trust: trust, limits: quick)
            #expect {
                _ = try client.send(Call("GET", "/"), limit: 10)
            } throws: {
                if case .untrusted = $0 as? ClientError { true } else { false }
            }
        }
        #expect(server.stop() == ["", "", ""])
    }

    @Test func aStreamCutWithoutFarewellIsNotAnEnd() throws {
        let (context, pem) = try identity(["127.0.0.1"])
        let server = try ScriptedServer(
            [
                [.until("\r\n\r\n"), .send("HTTP/1.1 200 OK\r\n\r\nhalf"), .cut],
                [.until("\r\n\r\n"), .send("HTTP/1.1 200 OK\r\n\r\nwhole")],
            ],
            tls: context)
        let client = HTTPSClient(
            .https(host: "127.0.0.1", port: server.port), trust: .authorities(pem: Array(pem.utf8)), limits: quick)
        #expect(throws: ClientError.self) { try client.send(Call("GET", "/"), limit: 10) }
        #expect(try text(client.send(Call("GET", "/"), limit: 10)) == "whole")
        _ = server.stop()
    }
}
