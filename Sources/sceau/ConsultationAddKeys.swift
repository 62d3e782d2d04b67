import Canonical
import Sealing

extension Command {
    static let consultationAddKeys = Command(
        path: ["consultation", "add-keys"],
        summary: "put another key set in force, for bids to come",
        discussion: """
            For keys that sceau consultation seal --add has made, once one member more than open has accepted them. Each acceptance is checked \
            against the fingerprint that this tool kept. From then on bids are sealed to the new keys; those that have come stay sealed to the keys \
            before, whose own committee opens them, and their bidders are told that they may deposit again.

            The tender documents must name the new fingerprint beside the old one, from that moment on.
            """,
        operands: [.consultation],
        options: [
            .required("grounds", "TEXT", "why, for the file"),
            .optional("fingerprint", "F", "of the new keys, where another machine made them"), Command.json,
        ],
        run: { (invocation) throws(CommandError) in
            let id = try invocation.consultation()
            let grounds = try invocation.required("grounds")
            let given = try invocation.fingerprint("fingerprint")
            let daemon = try Daemon(invocation)
            let shown: KeysView = try daemon.get(["consultations", id.text, "keys"])
            let proposed = shown.sets?.first { $0.state == "proposed" }?.original
            // In force already, by a try whose answer was lost: what this tool made is added once.
            let current = shown.sets?.first { $0.state == "current" }?.original
            let added = try current.flatMap { (set) throws(CommandError) in
                let pin = try invocation.pins().pin(of: id, set: set)
                return pin.isOfAddedKeys && pin.source == .ceremony ? set : nil
            }
            guard let fingerprint = given ?? proposed ?? added else {
                throw .refused("no key set waits to be added", hint: "sceau consultation seal \(id.text) --add makes one")
            }
            // What the platform proposes is not what this person made.
            let pin = try invocation.pins().pin(of: id, set: fingerprint)
            guard given != nil || (pin.source == .ceremony && pin.fingerprint == fingerprint) else {
                throw .refused(
                    "this tool does not know the key set that waits, \(fingerprint.hex)",
                    hint: "add it from where 'sceau consultation seal --add' ran, or give what it printed: --fingerprint F")
            }
            let dossier = try Dossier.fetch(invocation, daemon, id, given: fingerprint)
            let accepted = try dossier.accepted()
            let view: ConsultationView = try daemon.post(
                ["consultations", id.text, "keys", "addition"],
                .object(["fingerprint": .digest(dossier.fingerprint), "grounds": .string(grounds)]))
            guard view.id == id, view.fingerprint == dossier.fingerprint else {
                throw .refused("the daemon added other keys than those accepted")
            }
            for warning in view.warnings ?? [] { invocation.terminal.warn(publicationWarning(warning)) }
            invocation.terminal.note("put this fingerprint into the tender documents, and tell the companies that ask them")
            try invocation.answer(
                dossier.fingerprint.hex,
                json: [
                    "consultation": .identifier(id), "fingerprint": .digest(dossier.fingerprint),
                    "accepted": .array(accepted.sorted().map { .integer(Int64($0)) }),
                    "earlier": .array((view.earlierKeys ?? []).map(JSON.digest)),
                ])
            return .done
        })
}
