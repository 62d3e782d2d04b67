import Canonical
import Evidence
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
            mediaType: MediaType.kept(call.request.fields["Content-Type"]), length: call.request.contentLength,
            bidCode: call.request.fields["Bid-Code"], idempotencyKey: call.request.fields["Idempotency-Key"],
            intent: try intent(call.request.query("intent")),
            attempt: attempt)
        guard asked.length != nil || call.request.isChunked else { throw Refusal(.lengthRequired) }
        let reception = try vault.receive(asked, by: principal, token: token) {
            call.exchange.resume()
        } finished: { [self] result in
            switch result {
            case .success(let receipt): acknowledge(call, receipt, by: principal, token: token)
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
                        if cause == .tooLarge { refuse(call, deposit.beyond) } else { abandon(call, cause) }
                    }), limit: deposit.limit)
        case .replay(let replay):
            call.exchange.receive(
                BidBody(
                    take: { replay.receive($0) }, end: { replay.finish() },
                    stop: { [self] cause in abandon(call, cause) }), limit: .max)
        }
    }

    /// The receipt: as JSON, or as its container where that was asked for.
    func acknowledge(_ call: Call, _ receipt: Receipt, by principal: Principal, token: [UInt8]) {
        let bid = receipt.bid.bid
        let fields = [("Location", "/api/v1/bids/\(bid)/receipt"), ("Attempt", bid.text)]
        let json = Response.json(receipt.json, status: 201, fields)
        guard call.request.fields.tokens("Accept").contains(where: { $0.split(separator: ";").first.map(String.init) == ReceiptContainer.mediaType })
        else { return call.exchange.respond(json) }
        // This may be the scribe's thread, which must not read or seal. The bid is recorded: whatever fails now, the answer
        // is a receipt, and its Location gives the container.
        let isTaken = vault.perform { [self] in
            do {
                // The embedded authority's token takes a moment, and makes the receipt whole; nobody waits for another's.
                _ = try vault.awaitStamp(ofBid: bid, milliseconds: 2000)
                let container = try vault.receipt(of: bid, for: principal, bidCode: nil, token: token)
                let code = receipt.bidCode.map { [("Bid-Code", $0)] } ?? []
                call.exchange.respond(.receipt(container, of: bid, status: 201, fields + code))
            } catch {
                vault.report("request \(call.reference): no container could be made: \(error)")
                call.exchange.respond(json)
            }
        }
        if !isTaken { call.exchange.respond(json) }
    }

}

enum MediaType {
    /// Kept in the sealed manifest where it is one, and left out where it is not.
    static func kept(_ value: String?) -> String? {
        guard let value, (3...100).contains(value.utf8.count),
            value.utf8.allSatisfy({ (0x21...0x7e).contains($0) || $0 == 0x20 }), value.contains("/")
        else { return nil }
        return value
    }
}

/// Between the server's words for a body and the vault's.
final class BidBody: BodyReceiver {
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
