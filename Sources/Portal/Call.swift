import Canonical
import Foundation
import HTTP
import OpenSSL
import Procurement
import Reception

/// One request on its way through the portal. Each field is written before the next thread is given the call.
final class Call: @unchecked Sendable {
    let request: Request
    let peer: Peer
    let exchange: any Exchange
    let started: Instant
    /// Under which the daemon's log knows this request. Random: it tells nothing and is no counter.
    let reference: String
    var route: Route?
    var principal: Principal?
    /// Of a deposit.
    var attempt: Attempt?

    init(request: Request, peer: Peer, exchange: any Exchange, started: Instant) {
        self.request = request
        self.peer = peer
        self.exchange = exchange
        self.started = started
        var random = SystemRandomNumberGenerator()
        reference = String(UInt64.random(in: 0...UInt64.max, using: &random), radix: 36)
    }

    var language: Language { Language(accepting: request.fields["Accept-Language"]) }

    var token: [UInt8]? {
        guard let value = request.fields["Authorization"], value.utf8.count <= 200 else { return nil }
        let words = value.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return Array(words[1].utf8)
    }
}

/// A JSON body, gathered whole within its route's bound.
final class WholeBody: BodyReceiver {
    private var bytes: [UInt8] = []
    private let finished: @Sendable ([UInt8]) -> Void
    private let abandoned: @Sendable (BodyEnd) -> Void

    init(
        finished: @escaping @Sendable ([UInt8]) -> Void, abandoned: @escaping @Sendable (BodyEnd) -> Void
    ) {
        self.finished = finished
        self.abandoned = abandoned
    }

    func receive(_ bytes: Span<UInt8>) -> Flow {
        for index in bytes.indices { self.bytes.append(bytes[index]) }
        return .proceed
    }

    func finish() { finished(bytes) }

    func abandon(_ cause: BodyEnd) { abandoned(cause) }
}

extension Peer {
    /// A process of the daemon's own user, or root's, on a unix socket. Its mode says so already where the socket is the
    /// daemon's own; one that the service manager gave may serve a reverse proxy, behind which anybody may be.
    var isHost: Bool { isLocal && (uid == 0 || uid == geteuid()) }
}
