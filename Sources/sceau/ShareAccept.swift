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
                    (daemon, id, member) throws(CommandError) in
                    try ShareAccept(invocation, daemon).accept(id, given: nil, member).text
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

    func accept(_ id: Identifier, given: Digest?, _ member: borrowing Member) throws(CommandError) -> Accepted {
        try accept(Dossier.fetch(invocation, daemon, id, given: given), member)
    }

    func accept(_ dossier: Dossier, _ member: borrowing Member) throws(CommandError) -> Accepted {
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
            ["consultations", dossier.id.text, "acceptances"], .object(["signed": .base64(signed.canonicalBytes)]))
        if dossier.pin.source == .firstSight {
            invocation.terminal.note(
                "pinned on the platform's word; compare with the buyer: \(dossier.fingerprint.hex)")
        }
        return (
            "accepted as member \(dossier.member(number)); \(answer.accepted.count) of \(answer.needed) needed",
            [
                "consultation": .identifier(dossier.id), "number": .integer(Int64(number)),
                "fingerprint": .digest(dossier.fingerprint),
                "accepted": .array(answer.accepted.map { .integer(Int64($0)) }),
                "needed": .integer(Int64(answer.needed)),
            ]
        )
    }
}
