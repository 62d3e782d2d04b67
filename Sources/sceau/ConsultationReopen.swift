import Canonical

extension Command {
    static let consultationReopen = Command(
        path: ["consultation", "reopen"],
        summary: "set a new deadline after a fault of the platform",
        discussion: """
            For a consultation that has closed, after a fault of the platform, and only while nothing was released to any \
            opening. Openings under way end, and their approvals with them. Every bid that is here stays, and is in time \
            under the new deadline; a new closing statement follows it. The grounds stand in the log, in the minutes, and \
            are shown to bidders. The new deadline goes to stdout.
            """,
        operands: [.consultation],
        options: [
            .required("deadline", "INSTANT", "the new deadline, like 2026-11-23T17:00:00Z"),
            .required("grounds", "TEXT", "what the platform failed at, in your words"), Command.json,
        ],
        run: { (invocation) throws(CommandError) in
            let id = try invocation.consultation()
            let deadline = try invocation.instant("deadline")
            let view: ConsultationView = try Daemon(invocation)
                .post(
                    ["consultations", id.text, "reopening"],
                    .object(["deadline": .instant(deadline), "grounds": .string(try invocation.required("grounds"))]))
            guard view.id == id, view.deadline == deadline else {
                throw .refused("the daemon keeps another deadline than the one asked for: \(view.deadline)")
            }
            try invocation.pins().saw(deadline: deadline, of: id)
            try invocation.answer(
                deadline.description, json: ["consultation": .identifier(id), "deadline": .instant(deadline)])
            return .done
        })

    static let consultationWaive = Command(
        path: ["consultation", "waive"],
        summary: "let an opening go on that an outage over the deadline holds",
        discussion: """
            When the platform was down over the deadline, or could not tell the time then, nothing is opened until its buyer \
            either reopens the consultation or waives. Who waives says so with grounds, which stand in the log and in the \
            minutes: a bidder who could not deposit will read them.
            """,
        operands: [.consultation],
        options: [.required("grounds", "TEXT", "why no bidder was kept from depositing, in your words"), Command.json],
        run: { (invocation) throws(CommandError) in
            let id = try invocation.consultation()
            let view: ConsultationView = try Daemon(invocation)
                .post(
                    ["consultations", id.text, "waiver"],
                    .object(["grounds": .string(try invocation.required("grounds"))]))
            try invocation.answer("waived", json: ["consultation": .identifier(view.id)])
            return .done
        })

    static let consultationDisclose = Command(
        path: ["consultation", "disclose"],
        summary: "let the bidders read the whole closing statement",
        discussion: """
            From the closing on each bidder reads its own line of the statement, which does not tell whether there is another. \
            Once the contract is signed, or the procedure given up, the buyer lets all who have a bid here read the whole. \
            It cannot be taken back.
            """,
        operands: [.consultation],
        options: [.required("occasion", "WORD", "signature or abandonment"), Command.json],
        run: { (invocation) throws(CommandError) in
            let id = try invocation.consultation()
            let view: ConsultationView = try Daemon(invocation)
                .post(
                    ["consultations", id.text, "closing", "disclosure"],
                    .object(["occasion": .string(try invocation.required("occasion"))]))
            try invocation.answer("disclosed", json: ["consultation": .identifier(view.id)])
            return .done
        })
}
