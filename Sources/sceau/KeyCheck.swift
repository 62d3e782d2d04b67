import Canonical
import Sealing

extension Command {
    static let keyCheck = Command(
        path: ["key", "check"],
        summary: "rehearse: prove that your share still opens, without showing it",
        discussion: """
            Opens your share of the consultation's keys on this machine, holds every field and digest in it against what it must \
            be, forgets it, and sends a signed statement that it opened. The share itself does not leave this machine, and \
            nothing is opened.

            Do it when the platform reminds you, and after anything happened to your key: a new computer, a card renewed, a passphrase \
            that you have not typed for long. --all does it for every consultation in which your key has a share.
            """,
        operands: [.optionalConsultation],
        options: Option.memberKey + [
            .flag("all", "every accepted share of this key, in place of ID"),
            .optional("fingerprint", "F", "of the keys, as the buyer told you by another way than this platform"),
            Command.json,
        ],
        run: { (invocation) throws(CommandError) in
            guard let id = try invocation.oneOrAll() else {
                return try EachShare(invocation).run(where: \.accepted, done: "rehearsed", nothing: "this key has no accepted share in an open consultation") {
                    (daemon, share, member) throws(CommandError) in
                    try KeyCheck(invocation, daemon).check(Dossier.fetch(invocation, daemon, share.consultation, named: share.fingerprint), member).text
                }
            }
            let daemon = try Daemon(invocation)
            let dossier = try Dossier.fetch(invocation, daemon, id, given: invocation.fingerprint("fingerprint"))
            let member = try MemberKey.load(invocation)
            let checked = try KeyCheck(invocation, daemon).check(dossier, member)
            try invocation.answer(checked.text, json: checked.json)
            return .done
        })
}

/// A rehearsal of one consultation's share.
struct KeyCheck {
    private let invocation: Invocation
    private let daemon: Daemon

    init(_ invocation: Invocation, _ daemon: Daemon) {
        self.invocation = invocation
        self.daemon = daemon
    }

    func check(_ dossier: Dossier, _ member: borrowing Member) throws(CommandError) -> ShareAccept.Accepted {
        let number = try dossier.number(of: member)
        let signed: Signed
        do {
            signed = try member.rehearse(dossier.committee, fingerprint: dossier.fingerprint, now: invocation.now)
        } catch {
            throw .refused(
                "your share does not open: \(error)",
                hint: "tell the buyer now, while enough others can deal it anew")
        }
        let answer: RehearsedView = try daemon.post(
            ["consultations", dossier.id.text, "rehearsals"], .object(["signed": .base64(signed.canonicalBytes)]))
        guard answer.number == number else { throw .refused("the daemon recorded the rehearsal of another member") }
        return (
            "the share of member \(dossier.member(number)) opens; recorded",
            [
                "consultation": .identifier(dossier.id), "number": .integer(Int64(number)),
                "fingerprint": .digest(dossier.fingerprint), "since": .instant(answer.since),
            ]
        )
    }
}
