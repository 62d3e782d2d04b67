import Canonical
import OpenSSL
import Procurement
import Sealing

/// The re-shares of a log, each rebuilt from its events and objects and checked as a member's tool checks it: the auditor needs no
/// word of the daemon's that one committee followed from another.
struct LoggedSuccessions {
    private struct Announced {
        let fact: OpeningAnnounced
        var approvals: [Digest] = []
    }

    private struct Dealt {
        let fact: KeysReshared
        let place: String
        /// The acceptances that had come when the set was put in force; nil before.
        var acceptances: [Digest]?
    }

    private var announced: [Identifier: Announced] = [:]
    /// By fingerprint, as are the next; those dealt, by the one first made.
    private var keys: [Digest: KeysSet] = [:]
    private var accepted: [Digest: [Digest]] = [:]
    private var dealt: [Digest: [Dealt]] = [:]
    private var report = Report()

    mutating func take(_ event: Event, place: String) {
        switch event.fact {
        case let fact as KeysSet: keys[fact.fingerprint] = fact
        case let fact as OpeningAnnounced where fact.committee != nil: announced[fact.opening] = Announced(fact: fact)
        case let fact as OpeningApproved: announced[fact.opening]?.approvals.append(fact.approval)
        case let fact as KeyAccepted: accepted[fact.fingerprint, default: []].append(fact.acceptance)
        case let fact as KeysReshared: dealt[fact.original, default: []].append(Dealt(fact: fact, place: place))
        case let fact as KeysReplaced:
            guard let index = dealt[fact.original]?.lastIndex(where: { $0.fact.fingerprint == fact.fingerprint }) else {
                return report.fails("re-share", place, "it puts keys in force that no re-share has dealt")
            }
            dealt[fact.original]?[index].acceptances = accepted[fact.fingerprint] ?? []
        default: break
        }
    }

    func report(_ files: some ExportFiles, log: Log) -> Report {
        var report = report
        for (original, all) in dealt.sorted(by: { ($0.value[0].fact.consultation.text, $0.key.hex) < ($1.value[0].fact.consultation.text, $1.key.hex) }) {
            let consultation = all[0].fact.consultation
            let isOnly = dealt.values.count { $0[0].fact.consultation == consultation } == 1
            let subject = "consultation \(consultation)" + (isOnly ? "" : ", keys \(original.hex)")
            do {
                let replaced = all.filter { $0.acceptances != nil }
                let links = try replaced.map { try link($0, files) }
                // Of those dealt and never accepted the last may still be; each is checked against the set that it was to replace.
                let succession = Succession(first: try first(original, of: consultation, files), links: links)
                try succession.verify(log: log.rawValue)
                for (dealt, (fingerprint, next)) in zip(replaced, zip(succession.fingerprints, succession.fingerprints.dropFirst()))
                where dealt.fact.replaces != fingerprint || dealt.fact.fingerprint != next || dealt.fact.original != succession.first.fingerprint {
                    throw EvidenceError("\(dealt.place) names other keys than those that were dealt")
                }
                for pending in all where pending.acceptances == nil {
                    let before = succession.fingerprints.firstIndex(of: pending.fact.replaces)
                    guard let before else { throw EvidenceError("\(pending.place) replaces keys that were never in force") }
                    try Succession(first: succession.first, links: Array(links.prefix(before)), pending: try link(pending, files))
                        .verify(log: log.rawValue)
                }
                report.holds("re-share", subject, "\(links.count) in force, each approved by the quorum before it and of the same keys")
            } catch {
                report.fails("re-share", subject, "\(error)")
            }
        }
        return report
    }

    private func first(_ original: Digest, of consultation: Identifier, _ files: some ExportFiles) throws -> Committee {
        guard let keys = keys[original], keys.consultation == consultation else { throw EvidenceError("there are no keys that were first made") }
        return try committee(keys.fingerprint, keys.parts, files)
    }

    private func link(_ dealt: Dealt, _ files: some ExportFiles) throws -> Succession.Link {
        guard let announced = announced[dealt.fact.opening], announced.fact.committee == dealt.fact.committee else {
            throw EvidenceError("\(dealt.place): no such re-share was announced")
        }
        let renewed = try committee(dealt.fact.fingerprint, dealt.fact.parts, files)
        guard renewed.k == dealt.fact.k, renewed.members.count == dealt.fact.n else {
            throw EvidenceError("\(dealt.place): its quorum is not that of its capsules")
        }
        return Succession.Link(
            announcement: try Signed(canonical: object(announced.fact.announcement, files)),
            proposed: try ProposedCommittee(canonical: object(dealt.fact.committee, files)),
            approvals: try announced.approvals.map { try Signed(canonical: object($0, files)) }, renewed: renewed,
            acceptances: try (dealt.acceptances ?? []).map { try Signed(canonical: object($0, files)) })
    }

    private func committee(
        _ fingerprint: Digest, _ parts: [KeysSet.Part], _ files: some ExportFiles
    ) throws -> Committee {
        try Committee(
            KeySet(canonical: object(fingerprint, files)), parts.map { try Capsule(canonical: object($0.capsule, files)) })
    }

    /// Held against its name, for it is read before all objects are.
    private func object(_ digest: Digest, _ files: some ExportFiles) throws -> [UInt8] {
        let bytes = try files.whole(ExportLayout.object(digest), max: ExportLayout.longestObject)
        guard Digest(SHA256.hash(bytes)) == digest else { throw EvidenceError("the object \(digest) is not the one of its name") }
        return bytes
    }
}
