import Canonical
import Sealing

extension Command {
    static let shareAccept = Command(
        path: ["share", "accept"],
        summary: "try your share of the keys, and accept it",
        discussion: """
            Opens your shares on this machine and checks that they are yours, of this consultation and of these \
            keys, then signs that you hold them. The fingerprint is pinned: from now on this tool refuses other \
            keys.

            Give the fingerprint that the buyer read to you with --fingerprint. Without it this tool pins what the \
            platform shows, and shows it to you for comparing.

            --all does so for every consultation in which your key has a share that waits, each with every check. One that does \
            not hold is named, the others go on, and the exit status is that of the worst.

            Where a re-share has dealt you a new share, this accepts that one, once this tool has checked that the \
            committee before approved it, of these very keys. It is in force when enough of its members have accepted.
            """,
        operands: [.optionalConsultation],
        options: Option.memberKey + [
            .flag("all", "every share of this key that waits, in place of ID"),
            .optional("fingerprint", "F", "of the keys, as the buyer told you by another way than this platform"),
            Command.json,
        ],
        run: { (invocation) throws(CommandError) in
            let one = try invocation.oneOrAll()
            guard one == nil || invocation.value("fingerprint") == nil || !invocation.has("all") else {
                throw .usage("--fingerprint is of one consultation")
            }
            guard let id = one else {
                return try EachShare(invocation).run(where: { !$0.accepted }, done: "accepted", nothing: "no share of this key waits to be accepted") {
                    (daemon, share, member) throws(CommandError) in
                    try ShareAccept(invocation, daemon).accept(Dossier.fetch(invocation, daemon, share.consultation, named: share.fingerprint), member).text
                }
            }
            let daemon = try Daemon(invocation)
            let dossier = try Dossier.fetch(invocation, daemon, id, given: invocation.fingerprint("fingerprint"))
            let member = try MemberKey.load(invocation)
            let accepted = try ShareAccept(invocation, daemon).accept(dossier, member)
            try invocation.answer(accepted.text, json: accepted.json)
            return .done
        })
}

/// One consultation's shares, tried and accepted.
struct ShareAccept {
    let invocation: Invocation
    let daemon: Daemon

    init(_ invocation: Invocation, _ daemon: Daemon) {
        self.invocation = invocation
        self.daemon = daemon
    }

    typealias Accepted = (text: String, json: [String: JSON])

    func accept(_ dossier: Dossier, _ member: borrowing Member) throws(CommandError) -> Accepted {
        let renewed = try pending(dossier, member)
        let committee = renewed ?? dossier.committee
        // Of the new committee it is one, or there would be none here.
        let number = if renewed == nil { try dossier.number(of: member) } else { (try? member.number(in: committee)) ?? 0 }
        for capsule in committee.capsules where capsule.notBefore > dossier.view.deadline {
            throw .refused(
                "the keys of part '\(capsule.part)' open only after \(capsule.notBefore), later than the deadline")
        }
        let signed: Signed
        do {
            signed = try member.accept(committee, fingerprint: committee.fingerprint)
        } catch {
            throw .refused(
                "your share does not hold: \(error)",
                hint: "do not accept; tell the buyer to " + (renewed == nil ? "seal again" : "have the shares dealt again"))
        }
        let answer: AcceptedView = try daemon.post(
            ["consultations", dossier.id.text, "acceptances"], .object(["signed": .base64(signed.canonicalBytes)]))
        if dossier.pin.source == .firstSight {
            invocation.terminal.note(
                "pinned on the platform's word; compare with the buyer: \(dossier.original.hex)")
        }
        let name = committee.members.first { $0.number == number }.map { " (\(Terminal.printable($0.name)))" } ?? ""
        return (
            "accepted as member \(number)\(name)\(renewed == nil ? "" : " of the new committee"); "
                + "\(answer.accepted.count) of \(answer.needed) needed",
            [
                "consultation": .identifier(dossier.id), "number": .integer(Int64(number)),
                "fingerprint": .digest(committee.fingerprint),
                "accepted": .array(answer.accepted.map { .integer(Int64($0)) }),
                "needed": .integer(Int64(answer.needed)),
            ]
        )
    }

    /// The committee that a re-share has dealt to, if this member is of it and has not accepted yet: checked from the keys that
    /// are pinned here on.
    private func pending(_ dossier: Dossier, _ member: borrowing Member) throws(CommandError) -> Committee? {
        guard let fingerprint = dossier.pending else { return nil }
        let succession = try Successions.fetch(daemon, dossier.view, set: dossier.set)
        guard succession.current.fingerprint == dossier.fingerprint, succession.first.fingerprint == dossier.original,
            let link = succession.pending, link.renewed.fingerprint == fingerprint
        else {
            throw .refused("the daemon's succession does not lead from the pinned keys to those that it says were dealt anew")
        }
        guard let number = try? member.number(in: link.renewed) else { return nil }
        let hasAccepted = link.acceptances.contains { signed in
            (try? link.renewed.acceptance(signed, fingerprint: fingerprint).number) == number
        }
        guard !hasAccepted else { return nil }
        invocation.terminal.note(
            "the committee before has approved a new one: "
                + Successions.people(link.renewed.k, link.renewed.members.map(\.name)))
        return link.renewed
    }
}
