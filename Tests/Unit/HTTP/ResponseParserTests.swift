import HTTP
import Testing

/// What one whole exchange gave: heads, body bytes, whether the end was reached.
private struct HeardAnswer: Equatable {
    var interim: [Int] = []
    var head: ReceivedHead?
    var body: [UInt8] = []
    var ended = false
    var left = 0
}

/// Feeds `bytes` in pieces of `size` and gathers the events.
private func hear(_ bytes: [UInt8], pieces size: Int, toHead: Bool = false, closes: Bool = false) throws -> HeardAnswer {
    var parser = ResponseParser(toHead: toHead)
    var heard = HeardAnswer()
    var start = 0
    feeding: while start < bytes.count {
        let piece = Array(bytes[start..<min(start + size, bytes.count)])
        var offset = 0
        while true {
            let rest = piece.span.extracting(offset..<piece.count)
            let step = try parser.next(rest)
            switch step.event {
            case .incomplete: break
            case .interim(let head): heard.interim.append(head.status)
            case .head(let head): heard.head = head
            case .body(let range): heard.body += piece[(offset + range.lowerBound)..<(offset + range.upperBound)]
            case .end: heard.ended = true
            }
            offset += step.consumed
            if heard.ended {
                heard.left = bytes.count - start - offset
                break feeding
            }
            if step.event == .incomplete { break }
        }
        start += size
    }
    if closes {
        try parser.close()
        heard.ended = true
    }
    return heard
}

private func hear(_ text: String, toHead: Bool = false, closes: Bool = false) throws -> HeardAnswer {
    let bytes = Array(text.utf8)
    let whole = try hear(bytes, pieces: max(bytes.count, 1), toHead: toHead, closes: closes)
    for size in [1, 2, 3, 7] {
        #expect(try hear(bytes, pieces: size, toHead: toHead, closes: closes) == whole, "in pieces of \(size)")
    }
    return whole
}

@Suite struct ResponseParserTests {
    @Test func aLengthDelimitsTheBody() throws {
        let heard = try hear("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhelloHTTP/1.1 ")
        #expect(heard.head?.status == 200)
        #expect(heard.head?.framing == .length(5))
        #expect(heard.head?.value(of: "x-a") == "b")
        #expect(heard.head?.keepsAlive == true)
        #expect(heard.body == Array("hello".utf8))
        #expect(heard.ended)
        #expect(heard.left == 9)
    }

    @Test func chunksAreJoinedAndTrailersIgnored() throws {
        let heard = try hear(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0A ;x=y\r\n0123456789\r\n0\r\nT: v\r\n\r\nrest"
        )
        #expect(heard.body == Array("abc0123456789".utf8))
        #expect(heard.ended)
        #expect(heard.left == 4)
    }

    @Test func interimAnswersComeBeforeTheFinalOne() throws {
        let heard = try hear("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 \r\nContent-Length: 0\r\n\r\n")
        #expect(heard.interim == [100])
        #expect(heard.head?.status == 201)
        #expect(heard.ended && heard.body.isEmpty)
    }

    @Test func someAnswersHaveNoBody() throws {
        #expect(try hear("HTTP/1.1 204 No Content\r\n\r\n").head?.framing == ReceivedHead.Framing.none)
        #expect(
            try hear("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n").head?.framing
                == ReceivedHead.Framing.none)
        let toHead = try hear("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", toHead: true)
        #expect(toHead.head?.framing == ReceivedHead.Framing.none)
    }

    @Test func withoutLengthTheBodyEndsWithTheConnection() throws {
        let heard = try hear("HTTP/1.1 200 OK\r\n\r\nabc", closes: true)
        #expect(heard.body == Array("abc".utf8))
        #expect(heard.head?.keepsAlive == false)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        "HTTP/1.1 200 O",
        "",
    ])
    func aConnectionThatEndsEarlyIsCut(text: String) {
        #expect(throws: ResponseError.cut) { try hear(text, closes: true) }
    }

    @Test func connectionCloseEndsReuse() throws {
        #expect(
            try hear("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n").head?.keepsAlive == false)
        #expect(try hear("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").head?.keepsAlive == false)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "http/1.1 200 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 200 O\u{0}K\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1,1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-A : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-A\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-A: b\u{0}\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-A: b\rc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3 4\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffff\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nbad trailer\r\n\r\n",
    ])
    func doubtfulFramingIsRefused(text: String) {
        for size in [1, 4096] {
            #expect("in pieces of \(size)") {
                _ = try hear(Array(text.utf8), pieces: size)
            } throws: {
                switch $0 as? ResponseError {
                case .malformed, .tooLarge: true
                default: false
                }
            }
        }
    }

    @Test func everythingIsBounded() {
        let longHead = "HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 17_000)
        let manyFields = "HTTP/1.1 200 OK\r\n" + String(repeating: "X: a\r\n", count: 65) + "\r\n"
        let endlessInterim = String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 9)
        let longChunkLine =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;" + String(repeating: "a", count: 300)
        let endlessTrailer =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
            + String(repeating: "X: aaaaaaaa\r\n", count: 2000)
        for text in [longHead, manyFields, endlessInterim, longChunkLine, endlessTrailer] {
            #expect {
                _ = try hear(Array(text.utf8), pieces: 1000)
            } throws: {
                if case .tooLarge = $0 as? ResponseError { true } else { false }
            }
        }
    }
}
