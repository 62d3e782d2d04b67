import Canonical

extension Command {
    static let consultationCreate = Command(
        path: ["consultation", "create"],
        summary: "create a consultation, as a draft",
        discussion: """
            The draft is seen by its buyer and the openers only. Seal it next (sceau consultation seal), let the \
            committee accept (sceau share accept), then publish it. The identifier goes to stdout.
            """,
        options: [
            .required("reference", "TEXT", "the buyer's own reference"),
            .required("title", "TEXT", "what is bought"),
            .optional("object", "TEXT", "a longer description"),
            .required("deadline", "INSTANT", "2026-11-23T17:00:00Z, or with an offset: 2026-11-23T18:00:00+01:00"),
            .optional("time-zone", "NAME", "in which people read the deadline (Europe/Paris)"),
            .several("part", "NAME", "its parts, in the order in which they are opened, each with a key of its own (offer)"),
            .flag("training", "an exercise: its own log, its own keys, nothing of it counts"),
            Command.json,
        ],
        run: { (invocation) throws(CommandError) in
            let deadline = try invocation.instant("deadline")
            var body: [String: JSON] = [
                "reference": .string(try invocation.required("reference")),
                "title": .string(try invocation.required("title")),
                "deadline": .instant(deadline),
                "timeZone": .string(invocation.value("time-zone") ?? "Europe/Paris"),
                "training": .bool(invocation.has("training")),
            ]
            let parts = invocation.values("part")
            if !parts.isEmpty { body["parts"] = .array(parts.map(JSON.string)) }
            body["object"] = invocation.value("object").map(JSON.string)
            let made: ConsultationView = try Daemon(invocation).post(["consultations"], .object(body))
            guard made.deadline == deadline else {
                throw .refused("the daemon keeps another deadline than the one asked for: \(made.deadline)")
            }
            try invocation.pins().saw(deadline: made.deadline, of: made.id)
            try invocation.answer(
                made.id.text, json: ["consultation": .identifier(made.id), "deadline": .instant(made.deadline)])
            return .done
        })
}
