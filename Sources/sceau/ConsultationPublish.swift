import Canonical
import Sealing

extension Command {
    static let consultationPublish = Command(
        path: ["consultation", "publish"],
        summary: "publish a sealed consultation whose committee has accepted",
        discussion: """
            Checks each member's signed acceptance against the fingerprint that this tool kept when the keys were \
            made, and only then asks the daemon to publish: a platform that showed the members other keys is found \
            out here. k + 1 members must have accepted (all, where the quorum is all).
            """,
        operands: [.consultation],
        options: [
            .optional("fingerprint", "F", "of the keys, where another machine made them"), Command.json,
        ],
        run: { (invocation) throws(CommandError) in
            let id = try invocation.consultation()
            let given = try invocation.fingerprint("fingerprint")
            let known = try invocation.pins().pin(of: id).fingerprint
            guard given != nil || known != nil else {
                throw .refused(
                    "this tool does not know the fingerprint of that consultation's keys",
                    hint: "publish from where 'sceau consultation seal' ran, or give what it printed: --fingerprint F")
            }
            let daemon = try Daemon(invocation)
            let dossier = try Dossier.fetch(invocation, daemon, id, given: given)
            guard dossier.pin.source != .firstSight else {
                throw .refused(
                    "this tool knows the fingerprint only from the platform itself",
                    hint: "give the one that 'sceau consultation seal' printed: --fingerprint F")
            }
            let accepted = try dossier.accepted()
            let view: ConsultationView = try daemon.post(
                ["consultations", id.text, "publication"], .object(["fingerprint": .digest(dossier.fingerprint)]))
            guard view.id == id, view.fingerprint == dossier.original else {
                throw .refused("the daemon published other keys than those accepted")
            }
            for warning in view.warnings ?? [] { invocation.terminal.warn(publicationWarning(warning)) }
            try invocation.answer(
                dossier.fingerprint.hex,
                json: [
                    "warnings": .array((view.warnings ?? []).map(JSON.string)), "consultation": .identifier(id), "fingerprint": .digest(dossier.fingerprint),
                    "accepted": .array(accepted.sorted().map { .integer(Int64($0)) }),
                ])
            return .done
        })
}

extension Dossier {
    /// Numbers of the members whose signed acceptance of these keys holds.
    ///
    /// - Throws: where one does not, or they are too few.
    func accepted() throws(CommandError) -> Set<Int> {
        var accepted: Set<Int> = []
        for view in acceptances {
            do {
                let acceptance = try committee.acceptance(Signed(canonical: view.signed.bytes), fingerprint: fingerprint)
                accepted.insert(acceptance.number)
            } catch {
                throw .refused("the acceptance of member \(member(view.number)) does not hold: \(error)")
            }
        }
        guard accepted.count >= committee.needed else {
            throw .refused(
                "\(accepted.count) members have accepted, and it takes \(committee.needed)",
                hint: "members accept with: sceau share accept \(id.text) --key FILE --fingerprint \(fingerprint.hex)")
        }
        return accepted
    }
}

/// What the platform says of its own means, in words. A word that this tool does not know is shown as it is.
func publicationWarning(_ word: String) -> String {
    switch word {
    case "no-recovery-key":
        "the platform has no recovery key: if it loses its time-lock key before the opening, nothing of this consultation opens"
    case "recovery-not-rehearsed":
        "nobody has shown in the last 90 days that the platform's recovery key works: ask its administrator for a rehearsal (sceaud key rehearse)"
    default: Terminal.printable(word)
    }
}
