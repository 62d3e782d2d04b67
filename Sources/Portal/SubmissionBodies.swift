import Procurement
import Sealing

struct NewDraft: Decodable {
    /// Chosen by its bidder.
    var id: String?
    /// Its documents come sealed.
    var sealed: Bool?
    /// The draft submits itself once so many documents are whole.
    var submitAfter: Int64?
    var intent: String?
}

struct NewSubmission: Decodable {
    struct Party: Decodable {
        let name: String
        let siret: String?
        let foreign: String?
    }

    struct Signatory: Decodable {
        let name: String
        let capacity: String?
    }

    struct Bidder: Decodable {
        let lead: Party
        let members: [Party]?
        let signatories: [Signatory]?
        let subcontractors: [Party]?
    }

    var intent: String?
    var candidate: Bidder?
}

extension NewSubmission.Bidder {
    /// As the manifest keeps it, each value within its bounds.
    func checked() throws(Refusal) -> Candidate {
        for list in [members?.count, signatories?.count, subcontractors?.count] where list ?? 0 > 1000 {
            throw Refusal(.tooLarge, "candidate: at most 1000 of each.")
        }
        var all: (members: [Candidate.Party], signatories: [Candidate.Signatory], subcontractors: [Candidate.Party]) = ([], [], [])
        for party in members ?? [] { all.members.append(try party.checked()) }
        for party in subcontractors ?? [] { all.subcontractors.append(try party.checked()) }
        for signatory in signatories ?? [] {
            try PlainText.check(signatory.name, "candidate.signatories.name", max: SealingLimits.text)
            if let capacity = signatory.capacity { try PlainText.check(capacity, "candidate.signatories.capacity", max: SealingLimits.text) }
            all.signatories.append(Candidate.Signatory(name: signatory.name, capacity: signatory.capacity))
        }
        return Candidate(
            lead: try lead.checked(), members: all.members, signatories: all.signatories, subcontractors: all.subcontractors)
    }
}

extension NewSubmission.Party {
    fileprivate func checked() throws(Refusal) -> Candidate.Party {
        try PlainText.check(name, "candidate.name", max: SealingLimits.text)
        if let siret, siret.utf8.count != 14 || !siret.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            throw Refusal(.invalid, "candidate.siret: 14 digits.")
        }
        if let foreign { try PlainText.check(foreign, "candidate.foreign", max: 64) }
        return Candidate.Party(name: name, siret: siret, foreign: foreign)
    }
}

struct NewIntent: Decodable {
    let intent: String
}

struct NewCopy: Decodable {
    let depositor: String
    let medium: String
    let bearer: String
    let arrived: String
}

struct NewCopyDecision: Decodable {
    let decision: String
    let cause: String?
    let bid: String?
    let grounds: String
}
