import Canonical
import Linux
import OpenSSL
import Sealing

extension Command {
    static let shareRenew = Command(
        path: ["share", "renew"],
        summary: "deal the same keys anew, to a committee whose members changed",
        discussion: """
            For a member who leaves, a key that is lost, a certificate that expires: before the deadline or after it, as \
            long as the quorum still has its shares. Announces a re-share in your name to the members given, approves it \
            with your own share, and waits until enough members have approved (sceau share approve). Then new shares are \
            dealt on this machine and tried, and everything is erased. The keys stay what they are: bids, receipts and tender \
            documents keep the fingerprint that they name. Members who stay are given again, or the account's standing committee is named \
            as it is now (sceau committee replace): it is taken on the same terms as for sceau consultation seal, only if somebody vouches for it \
            beside the platform.

            The old committee stays in force until enough of the new one has accepted (sceau share accept): one more than \
            open, or all where that is all.

            For a moment this machine holds the whole quorum: it could, with the platform's half, open early. And old \
            shares stay what they were: who keeps as many of them as opened before can still open, so have them destroyed.
            """,
        operands: [.consultation],
        options: [
            .several(
                "member", "CERT",
                "the new members' certificates (PEM), in the order of their numbers; CERT,SIGNING for a card with two"),
            .optional("quorum", "K", "how many of them will open"),
            .optional("committee", "NAME", "in their place: a standing committee of the account, and its quorum"),
            .optional("committee-digest", "D", "its digest, as you were told by another way than this platform"),
        ] + Option.memberKey + [
            .optional("fingerprint", "F", "of the keys, as the buyer told you by another way than this platform"),
            .optional("wait", "SECONDS", "how long to wait for the other members (3600)"),
            Command.json,
        ],
        run: { (invocation) throws(CommandError) in try ShareRenew(invocation).run() })
}

/// The announcer's side of a re-share.
struct ShareRenew {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws(CommandError) -> Outcome {
        let id = try invocation.consultation()
        let wait = try invocation.integer("wait", in: 0...604_800) ?? 3600
        let given = try proposal()
        let daemon = try Daemon(invocation)
        let dossier = try Dossier.fetch(invocation, daemon, id, given: invocation.fingerprint("fingerprint"))
        let proposed: ProposedCommittee
        if let given { proposed = given } else { proposed = try standing(daemon, deadline: dossier.view.deadline) }
        try checkEnough(dossier)
        dossier.warnOfFirstSight(invocation)
        let member = try MemberKey.load(invocation)
        let number = try dossier.number(of: member)
        let session: OpeningSession
        do { session = try OpeningSession(now: invocation.now) } catch { throw CommandError("\(error.text)") }
        let opening = try announce(daemon, dossier, proposed, member, session.certificate)
        let missing = dossier.committee.k - 1
        invocation.terminal.note(
            "re-share \(opening.opening.text) announced as member \(dossier.member(number))"
                + (missing > 0 ? "; waiting for \(missing) more: sceau share approve \(id.text) --key FILE" : ""))
        invocation.terminal.note("committee \(proposed.digest.hex): read it to the others by another way than this platform")
        let quorum = Quorum(
            invocation, daemon, dossier, opening, until: Clocks.monotonicMilliseconds() + Int64(wait) * 1000)
        let dealt = try quorum.awaitDealing(session, to: proposed)
        let fingerprint = dealt.renewed.fingerprint
        let answer = try put(daemon, id, opening, dealt.renewed)
        guard answer.fingerprint == fingerprint else {
            throw .refused("the daemon says that it took keys with another fingerprint: \(answer.fingerprint.hex), not \(fingerprint.hex)")
        }
        warn(dossier)
        invocation.terminal.note(
            "in force once \(proposed.needed) of \(proposed.members.count) have accepted: sceau share accept \(id.text) --key FILE")
        try invocation.answer(
            fingerprint.hex,
            json: [
                "consultation": .identifier(id), "opening": .identifier(opening.opening), "fingerprint": .digest(fingerprint),
                "replaces": .digest(dossier.fingerprint), "original": .digest(dossier.original),
                "committee": .digest(proposed.digest), "needed": .integer(Int64(proposed.needed)),
                "wrong": .array(dealt.wrong.map { .integer(Int64($0.number)) }),
            ])
        return .done
    }

    /// Those that the command line names; nil where it names a standing committee.
    private func proposal() throws(CommandError) -> ProposedCommittee? {
        guard try !invocation.namesCommittee() else { return nil }
        guard !invocation.values("member").isEmpty else {
            throw .usage("--member is missing", hint: "or --committee NAME, a standing committee")
        }
        var members: [CommitteeMember] = []
        for argument in invocation.values("member") { members.append(try MemberCertificates(argument).member) }
        guard let quorum = try invocation.integer("quorum", in: 1...max(1, members.count)) else {
            throw .usage("--quorum is missing")
        }
        return try checked(ProposedCommittee(k: quorum, members: members))
    }

    /// The standing committee as it is now, which somebody vouches for beside the daemon, and of which all can still open.
    private func standing(_ daemon: Daemon, deadline: Instant) throws(CommandError) -> ProposedCommittee {
        let committee = try ShownCommittee.named(invocation, daemon, opening: max(deadline, invocation.now))
        return try checked(ProposedCommittee(k: committee.k, members: committee.committeeMembers))
    }

    private func checked(_ proposed: ProposedCommittee) throws(CommandError) -> ProposedCommittee {
        do { try proposed.check() } catch { throw .usage("that is no committee: \(error.text)") }
        try invocation.check(proposed.members, k: proposed.k)
        if proposed.k == 1 {
            invocation.terminal.warn("with a quorum of 1 each member alone opens, and each share is the committee's whole half")
        }
        return proposed
    }

    /// Fewer members than open can do nothing; better said now than after an hour's wait.
    private func checkEnough(_ dossier: Dossier) throws(CommandError) {
        let accepted = Set(dossier.acceptances.map(\.number)).count
        guard accepted < dossier.committee.k else { return }
        throw .refused(
            "\(accepted) members have accepted their shares, and a re-share takes \(dossier.committee.k)",
            hint: Self.tooFew(dossier))
    }

    /// What can still be done where too few shares are left.
    static func tooFew(_ dossier: Dossier) -> String {
        let k = dossier.committee.k
        let start = "only \(k) of these shares together rebuild anything, and neither platform, recovery key nor anybody else can stand in: "
            + "look for each share's key file, its backup and its paper first; a member who has not accepted yet may still (sceau share accept). "
        return switch dossier.view.phase {
        case "draft", "sealed": start + "Nothing is lost yet: the buyer seals anew before publication (sceau consultation seal)"
        case "published":
            start + "If they are lost, bids sealed to these keys stay sealed for ever: the buyer adds keys of another committee now (sceau "
                + "consultation seal \(dossier.id.text) --add), so that bidders, who are told, can deposit again in time"
        default:
            start + "If they are lost, the bids stay sealed for ever: the buyer declares the procedure without result, and bidders who "
                + "kept safeguard copies are asked for them"
        }
    }

    private func announce(
        _ daemon: Daemon, _ dossier: Dossier, _ proposed: ProposedCommittee, _ member: borrowing Member, _ session: Certificate
    ) throws(CommandError) -> Opening {
        let signed: Signed
        let opening: Opening
        let approved: (signed: Signed, shares: [PartShare])
        do {
            signed = try member.announceReshare(
                dossier.committee, to: proposed, fingerprint: dossier.fingerprint, original: dossier.original,
                log: dossier.view.training ? "training" : "real", deadline: dossier.view.deadline, session: session)
            opening = try dossier.committee.opening(signed, fingerprint: dossier.fingerprint, original: dossier.original)
            // With every check of any other member's approval.
            approved = try member.approveReshare(
                signed, committee: dossier.committee, fingerprint: dossier.fingerprint, original: dossier.original,
                proposed: proposed, now: invocation.now)
        } catch { throw .refused("no re-share was announced: \(error)") }
        let answer: OpeningAnnounced = try daemon.post(
            ["consultations", dossier.id.text, "openings"],
            .object(["signed": .base64(signed.canonicalBytes), "committee": .base64(proposed.canonicalBytes)]))
        guard answer.opening == opening.opening, answer.digest == opening.digest else {
            throw .refused("the daemon took another re-share than the one that was signed")
        }
        _ = try Approvals.post(daemon, dossier.id, opening.opening, approved)
        return opening
    }

    private func put(
        _ daemon: Daemon, _ id: Identifier, _ opening: Opening, _ renewed: Committee
    ) throws(CommandError) -> FingerprintView {
        // The same bytes again after a lost answer: they are taken once.
        try Patience.retrying(invocation.terminal) { () throws(CommandError) in
            try daemon.put(
                ["consultations", id.text, "openings", opening.opening.text, "keys"],
                .object([
                    "keySet": .base64(renewed.keySet.canonicalBytes),
                    "capsules": .array(renewed.capsules.map { .base64($0.canonicalBytes) }),
                ]))
        }
    }

    private func warn(_ dossier: Dossier) {
        invocation.terminal.warn(
            "for a moment this machine held the committee's whole quorum: whoever controls it, and the platform, could have kept it")
        invocation.terminal.warn(
            "shares of the old split stay dangerous while \(dossier.committee.k) of them survive: have the old keys of members who left "
                + "destroyed, with their backups")
    }
}

extension Quorum {
    /// As soon as enough good shares are there, C is dealt anew.
    func awaitDealing(
        _ session: borrowing OpeningSession, to proposed: ProposedCommittee
    ) throws(CommandError) -> (renewed: Committee, wrong: [WrongShare]) {
        try waited { (view) throws(CommandError) in try deal(view, session, to: proposed) }
    }

    /// Nil where good shares are missing still; what is wrong was named.
    private func deal(
        _ view: ReleaseView, _ session: borrowing OpeningSession, to proposed: ProposedCommittee
    ) throws(CommandError) -> (renewed: Committee, wrong: [WrongShare])? {
        if !view.parts.isEmpty {
            invocation.terminal.warn("the daemon gives more than a re-share may have: the platform's half is left unread")
        }
        let lent = verified(view.approvals).good.map { Reshare.Lent(number: $0.approval.number, shares: $0.shares) }
        do {
            let dealt = try Reshare.deal(dossier.committee, to: proposed, opening: opening, lent: lent, session: session)
            for share in dealt.wrong { invocation.terminal.warn("\(share); it was not needed") }
            return dealt
        } catch {
            guard error.code == .share || error.code == .quorum else { throw .refused(error.text) }
            invocation.terminal.warn("\(error.text); waiting for another member")
            return nil
        }
    }
}
