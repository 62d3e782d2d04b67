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

    /// As they are kept with an attempt.
    var limits: [AttemptTraced.Limit] {
        fields.sorted { $0.key < $1.key }.prefix(64).map { AttemptTraced.Limit(name: $0.key, value: $0.value) }
    }
}

extension Consultation {
    /// As a list shows it.
    var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "id": .identifier(id), "reference": .string(reference), "title": .string(title), "buyer": .string(buyer),
            "phase": .string(phase.rawValue), "training": .bool(log == .training),
            "parts": .array(parts.map(JSON.string)), "timeZone": .string(timeZone),
            "deadline": .instant(deadline.instant), "deadlineVersion": .integer(Int64(deadline.version)),
            "closesAt": .instant(deadline.closesAt), "limits": limits.json,
        ]
        fields["object"] = object.map(JSON.string)
        // That of the tender documents, whatever re-share came since.
        fields["fingerprint"] = (keys?.original).map(JSON.digest)
        if !earlier.isEmpty { fields["earlierKeys"] = .array(earlier.map { .digest($0.keys.original) }) }
        if isHeld { fields["held"] = .bool(true) }
        if frozen { fields["frozen"] = .bool(true) }
        if isDisclosed { fields["disclosed"] = .bool(true) }
        return fields
    }
}

extension KeysView {
    var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "fingerprint": .digest(fingerprint), "keySet": .base64(keySet), "capsules": .array(capsules.map { .base64($0) }),
            "acceptances": .array(
                acceptances.map {
                    .object([
                        "number": .integer(Int64($0.number)), "name": .string($0.name), "signed": .base64($0.signed),
                    ])
                }),
        ]
        fields["original"] = original.map(JSON.digest)
        fields["pending"] = pending.map(JSON.digest)
        if !sets.isEmpty {
            fields["sets"] = .array(
                sets.map { .object(["original": .digest($0.original), "state": .string($0.state.rawValue)]) })
        }
        return fields
    }
}

extension SuccessionView {
    var json: JSON {
        var fields: [String: JSON] = ["first": .object(first.fields), "links": .array(links.map(\.json))]
        fields["pending"] = pending?.json
        return .object(fields)
    }
}

extension SuccessionView.Link {
    var json: JSON {
        .object([
            "announcement": .base64(announcement), "committee": .base64(committee),
            "approvals": .array(approvals.map { .base64($0) }), "renewed": .object(renewed.fields),
        ])
    }
}

extension ConsultationView {
    /// With what a publication tells its buyer of the platform; no field where there is nothing.
    func json(warnings: [Vault.PublicationWarning]) -> JSON {
        guard !warnings.isEmpty, case .object(var fields) = json else { return json }
        fields["warnings"] = .array(warnings.map { .string($0.rawValue) })
        return .object(fields)
    }

    var json: JSON {
        var fields = consultation.fields
        fields["certificates"] = .array(
            certificates.map { .object(["part": .string($0.part), "certificate": .base64($0.certificate)]) })
        fields["acceptances"] = .array(
            acceptances.map {
                .object([
                    "number": .integer(Int64($0.number)), "name": .string($0.name), "signed": .base64($0.signed),
                ])
            })
        fields["keySet"] = keySet.map { .base64($0) }
        return .object(fields)
    }
}

extension JudgedClock.Status {
    var json: JSON {
        var fields: [String: JSON] = [
            "state": .string(state.rawValue), "faults": .array(faults.map { .string($0.rawValue) }),
        ]
        fields["drift"] = drift.map(JSON.integer)
        fields["synchronised"] = isSynchronised.map(JSON.bool)
        fields["since"] = since.map(JSON.instant)
        return .object(fields)
    }
}

extension Vault.OpeningView {
    var json: JSON {
        var fields: [String: JSON] = [
            "opening": .identifier(state.opening), "digest": .digest(state.digest), "signed": .base64(signed),
            "announcer": .integer(Int64(state.announcer)), "announcedAt": .instant(state.announcedAt),
            "approvals": .array(state.approvals.map { .integer(Int64($0.member)) }),
            "needed": .integer(Int64(needed)), "released": .bool(state.released), "concluded": .bool(state.concluded), "voided": .bool(state.voided),
            "keys": .digest(state.keys), "original": .digest(state.original),
        ]
        fields["committee"] = committee.map { .base64($0) }
        return .object(fields)
    }
}

extension Vault.StatementView {
    var json: JSON {
        var fields: [String: JSON] = [
            "statement": .base64(bytes), "digest": .digest(digest), "log": .string(log.rawValue),
            "position": .integer(position), "decisions": .array(decisions.map { .base64($0) }),
            "refusals": .integer(refusals), "proof": .base64(proof),
        ]
        fields["token"] = token.map { .base64($0) }
        return .object(fields)
    }
}

extension Vault.LineView {
    var json: JSON {
        .object(["line": .base64(bytes), "log": .string(log.rawValue), "position": .integer(position), "proof": .base64(proof)])
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
        var fields: [String: JSON] = [
            "position": .integer(entry.position), "bid": .identifier(entry.bid), "event": .base64(event),
            "verdict": .string(entry.verdict.rawValue), "withheld": .bool(isWithheld),
        ]
        fields["given"] = verdict.map { .base64($0) }
        if !changes.isEmpty { fields["changes"] = .array(changes.map { .base64($0) }) }
        return .object(fields)
    }
}
