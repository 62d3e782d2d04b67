import Canonical
import HTTP
import Procurement
import Reception
import Sealing

extension FrontDesk {
    /// Standing committees, shares that a key holds, and rehearsals.
    func answerMembers(_ route: Route, _ body: [UInt8], by principal: Principal) throws -> Response {
        switch route {
        case .committees:
            return .json(.object(["committees": .array(try vault.committees(for: principal).map(\.json))]))
        case .committee(let name): return .json(try vault.standing(name, for: principal).json)
        case .setCommittee(let name):
            let asked = try NewCommittee.reading(body)
            let replaced = try asked.replaces.map { (text) throws(Refusal) in
                guard let digest = try? Digest(hex: text) else { throw Refusal(.invalid, "replaces: not a digest.") }
                return digest
            }
            return .json(try vault.setCommittee(Array(asked.committee), named: name, replacing: replaced, by: principal).json)
        case .shares(let certificate):
            return .json(.object(["shares": .array(try vault.shares(of: certificate, for: principal).map(\.json))]))
        case .rehearse(let id):
            let entry = try vault.rehearse(id, by: principal, signed: Array(try SignedObject.reading(body).signed))
            return .json(
                .object(["number": .integer(Int64(entry.member)), "since": .instant(entry.since)]), status: 201)
        case .reminders:
            return .json(.object(["reminders": .array(try vault.reminders(for: principal).map(\.json))]))
        default: throw Refusal(.notFound)
        }
    }
}

extension Vault.StandingView {
    var json: JSON {
        .object([
            "name": .string(committee.name), "digest": .digest(committee.digest), "committee": .base64(bytes),
            "at": .instant(at),
            "due": .array(
                due.map {
                    .object([
                        "consultation": .identifier($0.id), "reference": .string($0.reference),
                        "phase": .string($0.phase.rawValue), "deadline": .instant($0.deadline.instant),
                    ])
                }),
        ])
    }
}

extension Vault.HeldShare {
    var json: JSON {
        var fields: [String: JSON] = [
            "consultation": .identifier(consultation.id), "reference": .string(consultation.reference),
            "title": .string(consultation.title), "phase": .string(consultation.phase.rawValue),
            "deadline": .instant(consultation.deadline.instant), "fingerprint": .digest(fingerprint),
            "number": .integer(Int64(number)), "accepted": .bool(rehearsal != nil),
        ]
        fields["since"] = (rehearsal?.since).map(JSON.instant)
        return .object(fields)
    }
}

extension Vault.Reminder {
    var json: JSON {
        var fields: [String: JSON] = [
            "consultation": .identifier(consultation.id), "reference": .string(consultation.reference),
            "deadline": .instant(consultation.deadline.instant), "fingerprint": .digest(rehearsal.fingerprint),
            "number": .integer(Int64(rehearsal.member)), "name": .string(name), "since": .instant(rehearsal.since),
        ]
        fields["reminded"] = rehearsal.reminded.map(JSON.instant)
        return .object(fields)
    }
}
