import Canonical

extension Command {
    static let consultationArchive = Command(
        path: ["consultation", "archive"],
        summary: "end a consultation: nothing of it is received, announced or opened any more",
        discussion: """
            The last act, once the minutes are concluded and nobody will open again: the platform's keys that this consultation needed may then \
            be retired, and with them goes the means to open its bids. Receipts, minutes and the log stay readable. What closed and was never \
            opened may be archived too, with a reason, which stands in the log.
            """,
        operands: [.consultation],
        options: [.optional("grounds", "TEXT", "why, in your words; needed where no opening was concluded"), Command.json],
        run: { (invocation) throws(CommandError) in
            let id = try invocation.consultation()
            var body: [String: JSON] = [:]
            body["grounds"] = invocation.value("grounds").map(JSON.string)
            let view: ConsultationView = try Daemon(invocation).post(["consultations", id.text, "archiving"], .object(body))
            guard view.id == id, view.phase == "archived" else {
                throw .refused("the daemon does not say that the consultation is archived")
            }
            try invocation.answer(id.text, json: ["consultation": .identifier(id), "phase": .string("archived")])
            return .done
        })
}
