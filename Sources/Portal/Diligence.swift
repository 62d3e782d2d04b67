import Canonical
import HTTP
import Procurement
import Reception

extension FrontDesk {
    /// What became of an attempt, and what the platform vouches for.
    func answerDiligence(_ call: Call, _ route: Route, by principal: Principal) throws -> Response {
        switch route {
        case .attempts:
            return .json(.object(["attempts": .array(try vault.attempts(for: principal).map(\.listed))]))
        case .attempt(let number): return .json(try vault.attempt(number, for: principal).json)
        case .attestAttempt(let number): return .json(try vault.attest(attempt: number, by: principal).json)
        case .attestHealth:
            let from = try instant("from", of: call)
            let to = try instant("to", of: call)
            return .json(try vault.attestHealth(from: from, to: to, by: principal).json)
        default: throw Refusal(.notFound)
        }
    }

    private func instant(_ name: String, of call: Call) throws -> Instant {
        guard let text = call.request.query.first(where: { $0.0 == name })?.1 else {
            throw Refusal(.invalid, "\(name): an instant is asked for, such as 2026-11-23T17:00:00Z.")
        }
        return try Instant(asked: text, field: name)
    }
}

extension AttemptTraced {
    /// As a list shows it.
    var listed: JSON {
        var fields: [String: JSON] = [
            "attempt": .identifier(attempt), "started": .instant(started), "cause": .string(cause),
        ]
        fields["consultation"] = consultation.map(JSON.identifier)
        fields["announced"] = announced.map(JSON.integer)
        fields["offset"] = offset.map(JSON.integer)
        fields["status"] = status.map(JSON.integer)
        return .object(fields)
    }
}

extension Vault.AttemptView {
    var json: JSON {
        var fields: [String: JSON] = [
            "attempt": .identifier(attempt), "outcome": .string(bid == nil ? "failed" : "received"),
            "events": .array(
                events.map {
                    .object(["log": .string($0.log.rawValue), "position": .integer($0.position), "event": .base64($0.bytes)])
                }),
        ]
        fields["bid"] = (bid?.bid).map(JSON.identifier)
        return .object(fields)
    }
}

extension Vault.Attestation {
    var json: JSON {
        .object([
            "statement": .base64(statement), "log": .string(log.rawValue), "position": .integer(position),
            "event": .base64(event), "proof": .string(String(decoding: proof, as: UTF8.self)),
        ])
    }
}
