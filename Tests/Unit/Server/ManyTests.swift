import HTTP
import Linux
import Testing

/// Many clients on several loops at once: what the thread sanitizer is for.
@Suite struct ManyTests {
    @Test func manyClientsAtOnce() throws {
        let server = try TestServer(threads: 3)
        let port = server.port
        let failures = Monitor<[String]>([])
        let clients = try (0..<6).map { number in
            try OSThread.start(name: "client-\(number)") {
                do {
                    for round in 0..<6 {
                        let client = try RawClient(port: port)
                        let length = (number * 7919 + round * 104_729) % 100_000
                        try client.send("PUT /sink HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n")
                        try client.send(Pattern.bytes(0..<Int64(length)))
                        let stored = try client.answer()
                        try client.send("GET /file/\(length) HTTP/1.1\r\nHost: a\r\n\r\n")
                        let file = try client.answer()
                        if stored.body != "\(length) true\n" || file.length != length {
                            failures.change { $0.append("\(number).\(round): \(stored) \(file.head)") }
                        }
                        // Some leave in the middle.
                        if round % 3 == 0 { try client.send("PUT /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n") }
                    }
                } catch {
                    failures.change { $0.append("\(number): \(error)") }
                }
            }
        }
        for client in clients { client.join() }
        #expect(failures.change { $0 } == [])
        #expect(server.waits { $0.finished == 36 && $0.ends.count == 12 })
        #expect(Set(server.seen.ends) == [.cut])
    }
}
