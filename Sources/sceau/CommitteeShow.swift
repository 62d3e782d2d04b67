import Canonical
import Sealing

extension Command {
    static let committeeShow = Command(
        path: ["committee", "show"],
        summary: "show a standing committee, with what is read aloud of it",
        discussion: """
            Its members, their mandates, and the SHA-256 of their certificates in full: each member compares its own with the one that \
            'sceau key new' printed. Open consultations whose shares are with somebody who is in it no more are listed.
            """,
        operands: [.committee],
        options: [
            .optional("committee-digest", "D", "its digest, as you were told by another way than this platform: pinned if it is right"),
            Command.json,
        ],
        run: { (invocation) throws(CommandError) in
            let daemon = try Daemon(invocation)
            let standing = try ShownCommittee.fetch(
                invocation, daemon, invocation.operand("NAME"), given: invocation.fingerprint("committee-digest"))
            if !standing.isVouchedFor {
                invocation.terminal.warn("shown on the platform's word; compare the digest with who set it")
            }
            var json = standing.committee.shown
            json["due"] = standing.view.dueJSON
            json["vouched"] = .bool(standing.isVouchedFor)
            try invocation.answer(
                ([standing.committee.described()] + standing.view.dueLines).joined(separator: "\n"), json: json)
            return .done
        })

    static let committeeList = Command(
        path: ["committee", "list"],
        summary: "list the account's standing committees",
        discussion: """
            One line each: its name, how many of how many open, its digest, and in how many open consultations a re-share is due. A committee \
            that is not the one pinned here is named, and nothing is listed.
            """,
        options: [Command.json],
        run: { (invocation) throws(CommandError) in
            let daemon = try Daemon(invocation)
            let account = try ShownCommittee.account(daemon)
            let views: StandingsView = try daemon.get(["committees"])
            var standings: [ShownCommittee] = []
            for view in views.committees {
                standings.append(try ShownCommittee.held(invocation, view, account, view.name))
            }
            try invocation.answer(
                standings.isEmpty
                    ? "no standing committee"
                    : standings.map { standing in
                        let committee = standing.committee
                        return "\(committee.name): \(committee.k) of \(committee.members.count), \(committee.digest.hex)"
                            + (standing.view.due.isEmpty ? "" : ", a re-share is due in \(standing.view.due.count)")
                    }.joined(separator: "\n"),
                json: ["committees": .array(standings.map { .object($0.committee.shown) })])
            return .done
        })
}
