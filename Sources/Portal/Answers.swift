import Canonical
import HTTP
import Procurement
import Reception

extension Response {
    static func json(_ json: JSON, status: Int = 200, _ fields: [(String, String)] = []) -> Response {
        Response(
            status: status, fields: [("Content-Type", "application/json")] + fields,
            body: .bytes(json.encoded() + [0x0a]))
    }
}

/// The connection's limits, as `GET /api/v1/limits` shows them.
public struct PublicLimits: Sendable {
    public let fields: [String: Int64]

    public init(_ fields: [String: Int64]) { self.fields = fields }
}

extension ConsultationView {
    var json: JSON {
        var fields: [String: JSON] = [
            "id": .identifier(consultation.id), "reference": .string(consultation.reference),
            "title": .string(consultation.title), "buyer": .string(consultation.buyer),
            "phase": .string(consultation.phase.rawValue), "training": .bool(consultation.log == .training),
            "parts": .array(consultation.parts.map(JSON.string)), "timeZone": .string(consultation.timeZone),
            "deadline": .instant(consultation.deadline.instant),
            "deadlineVersion": .integer(Int64(consultation.deadline.version)),
            "closesAt": .instant(consultation.deadline.closesAt), "limits": consultation.limits.json,
            "certificates": .array(
                certificates.map { .object(["part": .string($0.part), "certificate": .base64($0.certificate)]) }),
            "acceptances": .array(
                acceptances.map {
                    .object([
                        "number": .integer(Int64($0.number)), "name": .string($0.name), "signed": .base64($0.signed),
                    ])
                }),
        ]
        fields["object"] = consultation.object.map(JSON.string)
        fields["fingerprint"] = (consultation.keys?.fingerprint).map(JSON.digest)
        fields["keySet"] = keySet.map { .base64($0) }
        return .object(fields)
    }
}

extension Vault.OpeningView {
    var json: JSON {
        .object([
            "opening": .identifier(state.opening), "digest": .digest(state.digest), "signed": .base64(signed),
            "announcer": .integer(Int64(state.announcer)), "announcedAt": .instant(state.announcedAt),
            "approvals": .array(state.approvals.map { .integer(Int64($0.member)) }),
            "needed": .integer(Int64(needed)), "released": .bool(state.released), "concluded": .bool(state.concluded),
        ])
    }
}

extension Vault.ReleasedApproval {
    var json: JSON {
        .object([
            "number": .integer(Int64(number)), "signed": .base64(signed),
            "shares": .array(
                shares.map { .object(["part": .string($0.part), "share": .base64($0.share)]) }),
        ])
    }
}

extension Vault.ListedBid {
    var json: JSON {
        .object([
            "position": .integer(entry.position), "bid": .identifier(entry.bid), "event": .base64(event),
            "verdict": .string(entry.verdict.rawValue), "withheld": .bool(isWithheld),
        ])
    }
}
