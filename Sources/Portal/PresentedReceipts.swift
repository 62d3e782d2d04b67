import Canonical
import Evidence
import HTTP
import Procurement
import Reception

extension FrontDesk {
    /// Receipts that are brought back after a loss.
    func answerPresented(_ call: Call, _ route: Route, _ body: [UInt8], by principal: Principal) throws -> Response {
        switch route {
        case .present:
            let type = call.request.fields["Content-Type"]?.split(separator: ";").first.map { $0.lowercased() }
            guard type == ReceiptContainer.mediaType else {
                throw Refusal(.unsupported, "Content-Type: \(ReceiptContainer.mediaType).")
            }
            let presented = try vault.present(body, by: principal)
            return .json(presented.json, status: presented.recorded == nil ? 200 : 201)
        case .presented(let id):
            let receipts = try vault.presented(in: id, for: principal).map { fact, at, bid in
                var fields = fact.fields
                fields["at"] = .instant(at)
                fields["depositorName"] = .string(bid.by.name)
                fields["received"] = .instant(bid.received)
                fields["verdict"] = .string(bid.verdict.rawValue)
                return JSON.object(fields)
            }
            return .json(.object(["receipts": .array(receipts)]))
        case .presentedReceipt(let id, let bid):
            return .receipt(try vault.presentedReceipt(of: bid, in: id, for: principal), of: bid)
        default: throw Refusal(.notFound)
        }
    }
}

extension PresentedReceipt {
    fileprivate var json: JSON {
        var fields: [String: JSON] = [
            "standing": .string(recorded?.standing.rawValue ?? "present"), "bid": .identifier(bid.bid),
            "consultation": .identifier(bid.consultation), "leaf": .digest(leaf), "log": .string(log.rawValue),
            "generation": .integer(generation), "position": .integer(position), "checks": .array(checks.map(\.json)),
        ]
        fields["presented"] = (recorded?.at).map(JSON.instant)
        fields["event"] = (recorded?.position).map(JSON.integer)
        fields["phase"] = (phase?.rawValue).map(JSON.string)
        return .object(fields)
    }
}
