import Canonical
import Linux
import Procurement
import Sealing

extension Command {
    static let shareApprove = Command(
        path: ["share", "approve"],
        summary: "approve an opening or a re-share, and lend it your share",
        discussion: """
            Before your key does anything this tool checks who announced the opening, that it is for the keys it \
            pinned, that this machine's clock has passed the deadline (the latest one it has ever seen), and that \
            the opening names the closing statement that the daemon shows. Then it seals your share to the \
            announcer's session, and signs.

            A re-share (sceau share renew) opens nothing, and may come before the deadline. This tool shows to whom it will \
            deal, by name and certificate, and asks: on the terminal, or by the committee's digest in --to-committee. Compare it \
            by another way than this platform.
            """,
        operands: [.consultation],
        options: Option.memberKey + [
            .optional("fingerprint", "F", "of the keys, as the buyer told you by another way than this platform"),
            .optional("opening", "OID", "which opening, if several members have announced one"),
            .optional("to-committee", "DIGEST", "of the committee that a re-share deals to, as you know it from its announcer"),
            .optional("wait", "SECONDS", "wait so long for an opening to be announced (0)"),
            Command.json,
        ],
        run: { (invocation) throws(CommandError) in try ShareApprove(invocation).run() })
}

struct ShareApprove {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws(CommandError) -> Outcome {
        let id = try invocation.consultation()
        let daemon = try Daemon(invocation)
        let dossier = try Dossier.fetch(invocation, daemon, id, given: invocation.fingerprint("fingerprint"))
        let member = try member(daemon, dossier)
        let number = try dossier.number(of: member)
        let wait = try invocation.integer("wait", in: 0...86_400) ?? 0
        let end = Clocks.monotonicMilliseconds() + Int64(wait) * 1000
        var found = try opening(daemon, dossier, notApprovedBy: number)
        while found == nil, Clocks.monotonicMilliseconds() < end {
            Pause.milliseconds(1000)
            found = try opening(daemon, dossier, notApprovedBy: number)
        }
        guard let found else {
            throw .refused(
                "there is no opening of this consultation that waits for your approval",
                hint: "a member announces one with: sceau open \(id.text) --key FILE --out DIR")
        }
        let opening = found.opening
        guard opening.log == (dossier.view.training ? "training" : "real") else {
            throw .refused("the opening names another log than the consultation's")
        }
        let approved =
            if opening.purpose == .reshare {
                try approveReshare(found, dossier, member)
            } else {
                try approveOpening(found, daemon, dossier, member)
            }
        let answer = try Approvals.post(daemon, id, opening.opening, approved)
        let what = opening.purpose == .reshare ? "re-share" : "opening"
        var fields: [String: JSON] = [
            "consultation": .identifier(id), "opening": .identifier(opening.opening), "purpose": .string(opening.purpose.rawValue),
            "number": .integer(Int64(number)), "approvals": .array(answer.approvals.map { .integer(Int64($0)) }),
            "needed": .integer(Int64(answer.needed)),
        ]
        if opening.purpose == .reshare { fields["committee"] = .digest(opening.closing) }
        try invocation.answer(
            "approved as member \(dossier.member(number)) the \(what) by member \(dossier.member(opening.announcer)); "
                + "\(answer.approvals.count) of \(answer.needed) needed", json: fields)
        return .done
    }

    private struct Found {
        let signed: Signed
        let opening: Opening
        /// Of a re-share, as the daemon shows it.
        let committee: [UInt8]?
    }

    /// For an opening not before this machine's own clock has passed every deadline, and before the key is read at all. A
    /// re-share waits for no clock.
    private func member(_ daemon: Daemon, _ dossier: Dossier) throws(CommandError) -> Member {
        if (try? OwnClock.check(invocation.now, hasPassed: dossier.deadlines)) != nil {
            return try dossier.memberToOpen(invocation)
        }
        let view: OpeningsView = try daemon.get(["consultations", dossier.id.text, "openings"])
        guard invocation.has("to-committee") || view.openings.contains(where: { $0.committee != nil && !$0.concluded }) else {
            return try dossier.memberToOpen(invocation)
        }
        dossier.warnOfFirstSight(invocation)
        return try MemberKey.load(invocation)
    }

    private func approveReshare(
        _ found: Found, _ dossier: Dossier, _ member: borrowing Member
    ) throws(CommandError) -> (signed: Signed, shares: [PartShare]) {
        let proposed: ProposedCommittee
        do {
            proposed = try ProposedCommittee(canonical: found.committee ?? [])
            try proposed.check()
        } catch { throw .refused("the committee that the daemon shows does not hold: \(error)") }
        guard proposed.digest == found.opening.closing else {
            throw .refused("the daemon shows another committee than the one that the announcement names")
        }
        try Confirmation(invocation).ask(proposed, announcedBy: dossier.member(found.opening.announcer))
        do {
            return try member.approveReshare(
                found.signed, committee: dossier.committee, fingerprint: dossier.fingerprint, original: dossier.original,
                proposed: proposed, now: invocation.now)
        } catch { throw .refused("not approved: \(error.text)") }
    }

    private func approveOpening(
        _ found: Found, _ daemon: Daemon, _ dossier: Dossier, _ member: borrowing Member
    ) throws(CommandError) -> (signed: Signed, shares: [PartShare]) {
        // A re-share may have been looked for before the deadline.
        try OwnClock.check(invocation.now, hasPassed: dossier.deadlines)
        let (signed, opening) = (found.signed, found.opening)
        let statement = try ClosingStatement.fetch(daemon, dossier)
        guard opening.deadline == statement.stated.deadline.instant else {
            throw .refused("the opening names another deadline than the closing statement")
        }
        do {
            return try member.approve(
                signed, committee: dossier.committee, fingerprint: dossier.fingerprint, original: dossier.original,
                latestDeadline: dossier.latestDeadline, closing: statement.digest, now: invocation.now)
        } catch { throw .refused("not approved: \(error.text)") }
    }

    /// The opening that was asked for, or the one that waits for us. Nil if there is none.
    private func opening(
        _ daemon: Daemon, _ dossier: Dossier, notApprovedBy number: Int
    ) throws(CommandError) -> Found? {
        let view: OpeningsView = try daemon.get(["consultations", dossier.id.text, "openings"])
        let wanted = try invocation.value("opening").map { (text) throws(CommandError) in
            try invocation.identifier(text, "an opening's identifier")
        }
        // Who gave a committee means a re-share; what was announced under keys that were replaced since waits for nobody.
        let toCommittee = try invocation.fingerprint("to-committee")
        var candidates = view.openings.filter {
            wanted == nil
                ? !$0.concluded && !$0.approvals.contains(number) && ($0.keys == nil || $0.keys == dossier.fingerprint)
                    && (toCommittee == nil || $0.committee.map { Digest(of: $0.bytes) } == toCommittee)
                : $0.opening == wanted
        }
        candidates.sort { $0.announcedAt > $1.announcedAt }
        // Who announces again has lost the session before: its last opening is meant.
        guard let first = candidates.first else { return nil }
        guard candidates.allSatisfy({ $0.announcer == first.announcer && ($0.committee == nil) == (first.committee == nil) }) else {
            let list = candidates.map {
                "\($0.opening.text), \($0.committee == nil ? "" : "a re-share, ")by member \(dossier.member($0.announcer))"
            }
            throw .refused(
                "several openings wait for you: \(list.joined(separator: "; "))", hint: "choose one: --opening OID")
        }
        do {
            let signed = try Signed(canonical: first.signed.bytes)
            let opening = try dossier.committee.opening(
                signed, fingerprint: dossier.fingerprint, original: dossier.original)
            guard opening.opening == first.opening else {
                throw CommandError.refused("the daemon shows one opening under another's name")
            }
            return Found(signed: signed, opening: opening, committee: first.committee?.bytes)
        } catch let error as CommandError {
            throw error
        } catch {
            throw .refused("the opening does not hold: \(error)")
        }
    }
}

enum Approvals {
    static func post(
        _ daemon: Daemon, _ id: Identifier, _ opening: Identifier, _ approved: (signed: Signed, shares: [PartShare])
    ) throws(CommandError) -> ApprovalsView {
        try daemon.post(
            ["consultations", id.text, "openings", opening.text, "approvals"],
            .object([
                "signed": .base64(approved.signed.canonicalBytes),
                "shares": .array(
                    approved.shares.map { .object(["part": .string($0.part), "share": .base64($0.share)]) }),
            ]))
    }
}
