import Foundation
import Linux
import OpenSSL
import Synchronization

/// A time-stamping authority on the loopback that answers as a test wants: bytes and pauses, in the clear.
final class FakeAuthority: Sendable {
    enum Step: Sendable {
        case write([UInt8])
        case pause(Double)
    }

    let port: UInt16
    /// The body of the last request.
    let asked = Mutex<[UInt8]>([])
    /// Its head.
    let head = Mutex("")
    private let socket: Int32
    private let isStopping = Mutex(false)

    /// - Parameter answer: what is sent for a request's body; then the connection ends.
    init(_ answer: @escaping @Sendable ([UInt8]) throws -> [Step]) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = socket
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(socket, generic, length) == 0 && listen(socket, 8) == 0 && getsockname(socket, generic, &length) == 0
            }
        }
        guard isBound else { throw CocoaError(.fileWriteUnknown) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(socket, nil, nil)
                guard client >= 0 else { return }
                Thread.detachNewThread { [self] in serve(client, answer) }
            }
        }
    }

    /// Ends the listening; the thread that waits in `accept` ends with it.
    func stop() {
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }

    private func serve(_ client: Int32, _ answer: ([UInt8]) throws -> [Step]) {
        defer { close(client) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(client, &buffer, buffer.count)
            guard count > 0 else { return }
            bytes += buffer[..<count]
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
            let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
            let length = head.firstMatch(of: #/Content-Length: (\d+)/#).flatMap { Int($0.1) } ?? 0
            guard bytes.count - end.upperBound >= length else { continue }
            let body = Array(bytes[end.upperBound...])
            asked.withLock { $0 = body }
            self.head.withLock { $0 = head }
            guard let steps = try? answer(body) else { return }
            for step in steps {
                switch step {
                case .write(let bytes):
                    guard send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return }
                case .pause(let seconds): Thread.sleep(forTimeInterval: seconds)
                }
            }
            return
        }
    }

    static func reply(
        _ body: [UInt8], status: String = "200 OK", type: String = TimestampResponse.mediaType, more: String = ""
    ) -> [Step] {
        [.write(Array("HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n\(more)\r\n".utf8) + body)]
    }
}

/// An authority with its certificates, for tests of those who ask one.
struct Notary: Sendable {
    let authority: TimestampAuthority
    let ca: Certificate
    let now = Clocks.realtimeMilliseconds()

    /// - Parameter ended: whether the certificate ended an hour ago.
    init(_ name: String = "Notary", ended: Bool = false) throws {
        let second = Clocks.realtimeMilliseconds() / 1000
        let caKey = try PrivateKey.generateP256()
        ca = try Certificate.selfSigned(
            caKey, commonName: name, usage: .authority, notBefore: second - 864_000, notAfter: second + 864_000)
        let key = try PrivateKey.generateP256()
        let certificate = try ca.issue(
            to: key, commonName: "Notary's key", usage: .timestamping, notBefore: second - 86_400,
            notAfter: ended ? second - 3600 : second + 86_400, signedWith: caKey)
        authority = try TimestampAuthority(key: key, certificate: certificate)
    }

    func answer(_ request: [UInt8]) throws -> [UInt8] { try authority.answer(request, at: now) }

    /// The same answer with a certificate more in its token, which no signature covers.
    func answer(_ request: [UInt8], beside certificate: Certificate) throws -> [UInt8] {
        var answer = try answer(request)
        let own = authority.certificate.der
        guard let place = answer.indices.first(where: { answer[$0...].starts(with: own) }) else { return answer }
        // Lengths of the answer, of ContentInfo, its content, SignedData and the certificates, each of two bytes.
        for header in [0, 9, 24, 28, place - 4] {
            let length = Int(answer[header + 2]) << 8 + Int(answer[header + 3]) + certificate.der.count
            (answer[header + 2], answer[header + 3]) = (UInt8(length >> 8), UInt8(length & 255))
        }
        answer.insert(contentsOf: certificate.der, at: place + own.count)
        return answer
    }
}
