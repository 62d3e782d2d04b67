import Canonical
import Linux
import Procurement
import Sealing

extension Command {
    static let shareApprove = Command(
        path: ["share", "approve"],
        summary: "approve an opening, and lend it your share",
        discussion: """
            Before your key does anything this tool checks who announced the opening, that it is for the keys it \
            pinned, that this machine's clock has passed the deadline (the latest one it has ever seen), and that \
            the opening names the closing statement that the daemon shows. Then it seals your share to the \
            announcer's session, and signs.
            """,
        operands: [.consultation],
        options: Option.memberKey + [
            .optional("fingerprint", "F", "of the keys, as the buyer told you by another way than this platform"),
            .optional("opening", "OID", "which opening, if several members have announced one"),
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
        let member = try dossier.memberToOpen(invocation)
        let number = try dossier.number(of: member)
        let wait = try invocation.integer("wait", in: 0...86_400) ?? 0
        let end = Clocks.monotonicMilliseconds() + Int64(wait) * 1000
        var found = try opening(daemon, dossier, notApprovedBy: number)
        while found == nil, Clocks.monotonicMilliseconds() < end {
            Pause.milliseconds(1000)
            found = try opening(daemon, dossier, notApprovedBy: number)
        }
        guard let (signed, opening) = found else {
            throw .refused(
                "there is no opening of this consultation that waits for your approval",
                hint: "a member announces one with: sceau open \(id.text) --key FILE --out DIR")
        }
        let statement = try ClosingStatement.fetch(daemon, dossier)
        guard opening.deadline == statement.stated.deadline.instant,
            opening.log == (dossier.view.training ? "training" : "real")
        else {
            throw .refused("the opening names another deadline or log than the closing statement")
        }
        statement.note(on: invocation.terminal)
        let approved: (signed: Signed, shares: [PartShare])
        do {
            approved = try member.approve(
                signed, committee: dossier.committee, fingerprint: dossier.fingerprint,
                latestDeadline: dossier.latestDeadline, closing: statement.digest, now: invocation.now)
        } catch { throw .refused("not approved: \(error.text)") }
        let answer = try Approvals.post(daemon, id, opening.opening, approved)
        try invocation.answer(
            "approved as member \(dossier.member(number)) the opening of \(opening.parts.joined(separator: ", ")) by member \(dossier.member(opening.announcer)); "
                + "\(answer.approvals.count) of \(answer.needed) needed",
            json: [
                "consultation": .identifier(id), "opening": .identifier(opening.opening),
                "number": .integer(Int64(number)),
                "approvals": .array(answer.approvals.map { .integer(Int64($0)) }),
                "needed": .integer(Int64(answer.needed)),
            ])
        return .done
    }

    /// The opening that was asked for, or the one that waits for us. Nil if there is none.
    private func opening(
        _ daemon: Daemon, _ dossier: Dossier, notApprovedBy number: Int
    ) throws(CommandError) -> (Signed, Opening)? {
        let view: OpeningsView = try daemon.get(["consultations", dossier.id.text, "openings"])
        let wanted = try invocation.value("opening").map { (text) throws(CommandError) in
            try invocation.identifier(text, "an opening's identifier")
        }
        var candidates = view.openings.filter {
            wanted == nil ? !$0.concluded && !$0.approvals.contains(number) : $0.opening == wanted
        }
        candidates.sort { $0.announcedAt > $1.announcedAt }
        // Who announces again has lost the session before: its last opening is meant.
        guard let first = candidates.first else { return nil }
        guard candidates.allSatisfy({ $0.announcer == first.announcer }) else {
            let list = candidates.map { "\($0.opening.text), by member \(dossier.member($0.announcer))" }
            throw .refused(
                "several openings wait for you: \(list.joined(separator: "; "))", hint: "choose one: --opening OID")
        }
        do {
            let signed = try Signed(canonical: first.signed.bytes)
            let opening = try dossier.committee.opening(signed, fingerprint: dossier.fingerprint)
            guard opening.opening == first.opening else {
                throw CommandError.refused("the daemon shows one opening under another's name")
            }
            return (signed, opening)
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
