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
            that is not the one pinned here, or does not hold together, is marked as such, and the exit status is 4; the others are listed all \
            the same.
            """,
        options: [Command.json],
        run: { (invocation) throws(CommandError) in
            let daemon = try Daemon(invocation)
            let account = try ShownCommittee.account(daemon)
            let views: StandingsView = try daemon.get(["committees"])
            var lines: [String] = []
            var shown: [JSON] = []
            var refused: [CommandError] = []
            for view in views.committees {
                do throws(CommandError) {
                    let committee = try ShownCommittee.held(invocation, view, account, view.name).committee
                    lines.append(
                        "\(committee.name): \(committee.k) of \(committee.members.count), \(committee.digest.hex)"
                            + (view.due.isEmpty ? "" : ", a re-share is due in \(view.due.count)"))
                    shown.append(.object(committee.shown))
                } catch {
                    // The platform's word against what is known here: of the others it says nothing.
                    guard error.outcome == .refused else { throw error }
                    let name = Terminal.printable(String(view.name.prefix(64))).replacing("\n", with: " ")
                    lines.append("\(name): NOT TO BE USED, \(view.digest.hex) is shown and is not what is known here")
                    shown.append(.object(["name": .string(name), "digest": .digest(view.digest), "refused": .string(error.message)]))
                    refused.append(error)
                }
            }
            try invocation.answer(
                lines.isEmpty ? "no standing committee" : lines.joined(separator: "\n"), json: ["committees": .array(shown)])
            for error in refused { invocation.terminal.report(error) }
            return refused.isEmpty ? .done : .refused
        })
}
