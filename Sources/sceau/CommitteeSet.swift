import Canonical
import Sealing

extension Operand {
    static let committee = Operand(name: "NAME", help: "the committee's name: lower-case letters, digits and hyphens")
}

extension Option {
    fileprivate static let mandate: [Option] = [
        .optional("from", "DAY", "when mandates begin, where a member's own does not say (today)"),
        .optional("until", "DAY", "the last day of mandates, where a member's own does not say"),
    ]
}

extension Command {
    static let committeeSet = Command(
        path: ["committee", "set"],
        summary: "set a standing committee of the account",
        discussion: """
            Keeps a committee under a name, so that consultations are sealed to it with --committee NAME. A committee of that \
            name is replaced, for consultations to come.

            Each member's certificate is checked as at the ceremony. A mandate has a first and a last day (in UTC): \
            alice.crt@2026-04-01..2032-03-31; a consultation is not sealed to a committee of whom one could not open it any more. The \
            digest goes to stdout and is pinned here: read it to the buyers, whose tools ask for it.
            """,
        operands: [.committee],
        options: [
            .list("member", "CERT", "members' certificates (PEM), in order: CERT[,SIGNING][@FROM..UNTIL]")
        ] + Option.quorum + Option.mandate + [Command.json],
        run: { (invocation) throws(CommandError) in
            let name = try invocation.operand("NAME")
            guard StandingCommittee.isName(name) else { throw ShownCommittee.wrongName(name) }
            var members: [StandingCommittee.Member] = []
            for argument in invocation.values("member") { members.append(try invocation.standingMember(argument)) }
            let k = try invocation.quorum(of: members.map(\.committeeMember))
            try invocation.put(StandingCommittee(name: name, k: k, members: members))
            return .done
        })

    static let committeeReplace = Command(
        path: ["committee", "replace"],
        summary: "put one member of a standing committee in another's place",
        discussion: """
            Changes the committee in one act: who leaves is OLD (a number, a name, or the certificate), who comes is NEW. The quorum and \
            the others stay. Consultations sealed before still have their shares with who left: those that are open are listed, for \
            a re-share; until it is done, the old member's share opens as before.

            Where somebody else changes the committee at the same moment, one of the two is refused, and nothing of it is done.
            """,
        operands: [
            .committee, Operand(name: "OLD", help: "who leaves: a number, a name, a certificate's file or digest"),
            Operand(name: "NEW", help: "who comes: CERT[,SIGNING][@FROM..UNTIL]"),
        ],
        options: [
            .optional("committee-digest", "D", "of the committee as it stands, as you were told by another way than this platform")
        ] + Option.mandate + [Command.json],
        run: { (invocation) throws(CommandError) in
            let daemon = try Daemon(invocation)
            let standing = try ShownCommittee.fetch(
                invocation, daemon, invocation.operand("NAME"), given: invocation.fingerprint("committee-digest"))
            guard standing.isVouchedFor else { throw Command.unvouched(standing) }
            let committee = standing.committee
            let index = try Command.index(of: invocation.operand("OLD"), in: committee)
            var members = committee.members
            let old = members[index]
            members[index] = try invocation.standingMember(invocation.operand("NEW"))
            guard members[index].certificate != old.certificate || members[index] != old else {
                throw .usage("\(old.name) would be replaced by the same certificate and mandate")
            }
            invocation.terminal.note(
                "member \(index + 1): \(members[index].name) in place of \(old.name)")
            try invocation.put(
                StandingCommittee(name: committee.name, k: committee.k, members: members), daemon, replacing: committee.digest)
            return .done
        })

    /// A committee that only the daemon vouches for.
    static func unvouched(_ standing: ShownCommittee) -> CommandError {
        .refused(
            "this tool knows the committee '\(standing.committee.name)' only from the platform itself",
            hint: "compare its members with who set it (sceau committee show \(standing.committee.name)), and give the digest "
                + "that they read to you: --committee-digest D")
    }

    private static func index(of old: String, in committee: StandingCommittee) throws(CommandError) -> Int {
        let members = committee.members
        if let number = Int(old), (1...members.count).contains(number) { return number - 1 }
        let file = (try? InputFile(old)) == nil ? nil : try MemberCertificates.certificate(old)
        let found = members.indices.filter { index in
            file.map { $0 == members[index].certificate }
                ?? (members[index].name == old || Digest(members[index].certificate).hex == old.lowercased())
        }
        guard let index = found.first, found.count == 1 else {
            throw .usage(
                found.isEmpty ? "'\(old)' is no member of '\(committee.name)'" : "'\(old)' names \(found.count) members",
                hint: members.enumerated().map { "\($0.offset + 1) \($0.element.name)" }.joined(separator: ", "))
        }
        return index
    }
}

extension Invocation {
    fileprivate func standingMember(_ argument: String) throws(CommandError) -> StandingCommittee.Member {
        let from = try value("from").map { (text) throws(CommandError) in try Instant(day: text, isEnd: false) }
        let until = try value("until").map { (text) throws(CommandError) in try Instant(day: text, isEnd: true) }
        // Whole days: a mandate is no matter of seconds.
        let today = Instant(milliseconds: now.second / 86_400 * 86_400_000)
        return try StandingCommittee.Member(argument, from: from ?? today, until: until)
    }

    fileprivate func put(
        _ committee: StandingCommittee, _ daemon: Daemon? = nil, replacing replaced: Digest? = nil
    ) throws(CommandError) {
        do { try committee.check(at: now) } catch { throw .refused(error.text) }
        let own: Daemon
        if let daemon { own = daemon } else { own = try Daemon(self) }
        let view = try ShownCommittee.put(self, own, committee, replacing: replaced)
        for line in view.dueLines { terminal.note(line) }
        try answer(
            committee.digest.hex,
            json: ["name": .string(committee.name), "digest": .digest(committee.digest), "due": view.dueJSON])
    }
}
