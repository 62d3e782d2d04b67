import Canonical

extension Command {
    static let consultationExtend = Command(
        path: ["consultation", "extend"],
        summary: "move a consultation's deadline to a later instant",
        discussion: """
            Possible until the deadline itself, and only to a later one. Members' tools remember the latest \
            deadline they have seen and open nothing before it. The new deadline goes to stdout.
            """,
        operands: [.consultation],
        options: [.required("deadline", "INSTANT", "the new deadline, like 2026-11-23T17:00:00Z"), Command.json],
        run: { (invocation) throws(CommandError) in
            let id = try invocation.consultation()
            let deadline = try invocation.instant("deadline")
            let view: ConsultationView = try Daemon(invocation)
                .put(["consultations", id.text, "deadline"], .object(["deadline": .instant(deadline)]))
            guard view.id == id, view.deadline == deadline else {
                throw .refused("the daemon keeps another deadline than the one asked for: \(view.deadline)")
            }
            try invocation.pins().saw(deadline: deadline, of: id)
            try invocation.answer(
                deadline.description, json: ["consultation": .identifier(id), "deadline": .instant(deadline)])
            return .done
        })
}

extension Operand {
    static let consultation = Operand(name: "ID", help: "the consultation's identifier, 32 digits")
}
