import Canonical
import HTTP
import Procurement
import Reception

extension FrontDesk {
    /// The one-request deposit.
    func receive(_ call: Call, _ id: Identifier, _ name: String) throws {
        guard let principal = call.principal, let token = call.token, let attempt = call.attempt else { throw Refusal(.unauthenticated) }
        guard call.request.fields["Content-Encoding"] == nil, call.request.fields["Content-Range"] == nil else {
            throw Refusal(.unsupported, "Content-Encoding and Content-Range are not known here.")
        }
        let asked = DepositRequest(
            consultation: id, name: name, part: call.request.query.first { $0.0 == "part" }?.1,
            mediaType: mediaType(call.request.fields["Content-Type"]), length: call.request.contentLength,
            bidCode: call.request.fields["Bid-Code"], idempotencyKey: call.request.fields["Idempotency-Key"],
            attempt: attempt)
        guard asked.length != nil || call.request.isChunked else { throw Refusal(.lengthRequired) }
        let reception = try vault.receive(asked, by: principal, token: token) {
            call.exchange.resume()
        } finished: { [self] result in
            switch result {
            case .success(let receipt):
                call.exchange.respond(
                    .json(
                        receipt.json, status: 201,
                        [("Location", "/api/v1/bids/\(receipt.bid.bid)"), ("Attempt", receipt.bid.bid.text)]))
            case .failure(let error): refuse(call, error)
            }
        }
        switch reception {
        case .deposit(let deposit):
            call.exchange.receive(
                BidBody(
                    take: { deposit.receive($0) }, end: { deposit.finish() },
                    stop: { [self] cause in
                        deposit.abandon(cause.word)
                        abandon(call, cause)
                    }), limit: deposit.limit)
        case .replay(let replay):
            call.exchange.receive(
                BidBody(
                    take: { replay.receive($0) }, end: { replay.finish() },
                    stop: { [self] cause in abandon(call, cause) }), limit: .max)
        }
    }

    /// Kept in the sealed manifest where it is one, and left out where it is not.
    private func mediaType(_ value: String?) -> String? {
        guard let value, (3...100).contains(value.utf8.count),
            value.utf8.allSatisfy({ (0x21...0x7e).contains($0) || $0 == 0x20 }), value.contains("/")
        else { return nil }
        return value
    }
}

/// Between the server's words for a body and the vault's.
private final class BidBody: BodyReceiver {
    private let take: (Span<UInt8>) -> Deposit.Flow
    private let end: () -> Void
    private let stop: (BodyEnd) -> Void

    init(take: @escaping (Span<UInt8>) -> Deposit.Flow, end: @escaping () -> Void, stop: @escaping (BodyEnd) -> Void) {
        self.take = take
        self.end = end
        self.stop = stop
    }

    func receive(_ bytes: Span<UInt8>) -> Flow {
        switch take(bytes) {
        case .proceed: .proceed
        case .pause: .pause
        case .stop: .stop
        }
    }

    func finish() { end() }

    func abandon(_ cause: BodyEnd) { stop(cause) }
}

extension BodyEnd {
    /// As it stands in an `attempt-failed` event.
    var word: String {
        switch self {
        case .cut: "cut"
        case .idle: "idle"
        case .tooSlow: "too-slow"
        case .tooLarge: "too-large"
        case .stopping: "stopping"
        case .malformed: "malformed"
        }
    }
}
