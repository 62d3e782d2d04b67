import Client
import HTTP
import Linux
import OpenSSL
import Reception

/// An external time-stamping authority, asked over HTTP (RFC 3161, 3.4): one request, one answer, nothing followed, every
/// byte and second bounded, and nothing believed that does not hold under the certificates configured for it.
struct ExternalAuthority: TimestampSource {
    let address: WebAddress
    let trust: [Certificate]
    let policy: ObjectIdentifier?
    /// The value of the `Authorization` field; a secret.
    let authorization: String?
    let tls: Trust
    let limits: Timestamps.Limits

    var name: String { address.host }

    func token(over digest: InlineArray<32, UInt8>) throws(StampFailure) -> TimestampToken {
        let request: TimestampRequest
        do { request = try TimestampRequest(imprint: digest, policy: policy) } catch { throw StampFailure("\(error)") }
        let answer = try ask(request)
        do {
            let (token, verified) = try TimestampResponse.token(of: answer, to: request, trust: trust)
            // A verifier refuses it: no receipt is handed out that does not hold.
            guard verified.unproved == 0 else { throw StampFailure("its token bears parts that no signature covers") }
            return token
        } catch let failure as StampFailure {
            throw failure
        } catch {
            throw StampFailure("\(error)")
        }
    }

    /// The body of a 200 of the right type.
    private func ask(_ request: TimestampRequest) throws(StampFailure) -> [UInt8] {
        var fields = [("Content-Type", TimestampRequest.mediaType), ("Accept", TimestampResponse.mediaType)]
        if let authorization { fields.append(("Authorization", authorization)) }
        let client = HTTPSClient(
            address.endpoint, trust: tls,
            limits: TimeLimits(
                connect: limits.connect, handshake: limits.connect, idle: limits.answer, answer: limits.answer))
        let call = Call("POST", address.target, fields: fields, body: .bytes(request.der), isRepeatable: true)
        do {
            let download = try client.open(call)
            guard download.status == 200 else {
                throw StampFailure(
                    (300..<400).contains(download.status)
                        ? "it answered with a redirect (\(download.status)), which is not followed"
                        : "it answered with status \(download.status)")
            }
            let type = download.head.value(of: "content-type")?.split(separator: ";").first.map { $0.lowercased() }
            guard type == TimestampResponse.mediaType else {
                throw StampFailure("its answer is not of type \(TimestampResponse.mediaType)")
            }
            return try gather(download)
        } catch let failure as StampFailure {
            throw failure
        } catch {
            throw StampFailure(Self.words(error))
        }
    }

    /// As the client's own gathering, with an end: one byte now and then is no answer.
    private func gather(_ download: Download) throws -> [UInt8] {
        let end = Clocks.monotonicMilliseconds() + limits.answer
        var body: [UInt8] = []
        while true {
            let bytes = try download.read(max: 16 * 1024)
            guard !bytes.isEmpty else { return body }
            body += bytes
            guard body.count <= TimestampResponse.maximumCount else { throw ClientError.tooLarge }
            guard Clocks.monotonicMilliseconds() < end else { throw ClientError.timedOut("receiving") }
        }
    }

    private static func words(_ error: any Error) -> String {
        guard let error = error as? ClientError else { return "\(error)" }
        return switch error {
        case .badAddress(let what): what
        case .unreachable(let what): "it cannot be reached (\(what))"
        case .untrusted(let what): "its TLS certificate does not hold (\(what))"
        case .timedOut(let phase): "it took too long (\(phase))"
        case .cut: "its connection ended before the answer did"
        case .malformed(let what): "its answer is not HTTP (\(what))"
        case .tooLarge: "its answer is longer than a timestamp"
        case .upload(let what): what
        }
    }
}
