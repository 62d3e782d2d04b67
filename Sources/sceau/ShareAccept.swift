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
            """,
        operands: [.consultation],
        options: Option.memberKey + [
            .optional("fingerprint", "F", "of the keys, as the buyer told you by another way than this platform"),
            Command.json,
        ],
        run: { (invocation) throws(CommandError) in
            let id = try invocation.consultation()
            let given = try invocation.fingerprint("fingerprint")
            let daemon = try Daemon(invocation)
            let dossier = try Dossier.fetch(invocation, daemon, id, given: given)
            let member = try MemberKey.load(invocation)
            let number = try dossier.number(of: member)
            for capsule in dossier.capsules where capsule.notBefore > dossier.view.deadline {
                throw .refused(
                    "the keys of part '\(capsule.part)' open only after \(capsule.notBefore), later than the deadline")
            }
            let signed: Signed
            do {
                signed = try member.accept(dossier.committee, fingerprint: dossier.fingerprint)
            } catch {
                throw .refused(
                    "your share does not hold: \(error)", hint: "do not accept; tell the buyer to seal again")
            }
            let answer: AcceptedView = try daemon.post(
                ["consultations", id.text, "acceptances"], .object(["signed": .base64(signed.canonicalBytes)]))
            if dossier.pin.source == .firstSight {
                invocation.terminal.note(
                    "pinned on the platform's word; compare with the buyer: \(dossier.fingerprint.hex)")
            }
            try invocation.answer(
                "accepted as member \(dossier.member(number)); \(answer.accepted.count) of \(answer.needed) needed",
                json: [
                    "consultation": .identifier(id), "number": .integer(Int64(number)),
                    "fingerprint": .digest(dossier.fingerprint),
                    "accepted": .array(answer.accepted.map { .integer(Int64($0)) }),
                    "needed": .integer(Int64(answer.needed)),
                ])
            return .done
        })
}
