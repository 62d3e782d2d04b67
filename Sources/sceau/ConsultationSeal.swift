import Canonical
import OpenSSL
import Sealing

extension Command {
    static let consultationSeal = Command(
        path: ["consultation", "seal"],
        summary: "make the consultation's keys and deal the committee's shares",
        discussion: """
            Runs the key ceremony on this machine: for each part a key pair, whose private half can be rebuilt by \
            K members together with the platform, after the deadline, and by nobody else. Nothing secret \
            stays here; before anything is sent, the shares are tried.

            The fingerprint goes to stdout and is pinned here. Read it aloud to the members and put it into the tender \
            documents: it is how everybody knows these keys from others.

            A standing committee is taken only if somebody vouches for it beside the platform: this tool set it, has pinned it, or was given \
            its digest. Nobody's mandate or certificate may end before the deadline.

            Once the consultation is published, --add makes another key set beside those that bids are sealed to already: for keys that may \
            have been stolen, or that too few members can open. It is in force once its members have accepted it and you say so \
            (sceau consultation add-keys). Bids that came before stay sealed to the keys before.

            Cut short at any moment, run it again: if the platform has a draft's keys, their fingerprint is told; else new ones are made.

            What this cannot prove: that whoever ran the ceremony kept no copy.
            """,
        operands: [.consultation],
        options: [
            .several(
                "member", "CERT",
                "members' certificates (PEM), in the order of their numbers; CERT,SIGNING for a card with two"),
            .optional("committee", "NAME", "in their place: a standing committee of the account, and its quorum"),
            .optional("committee-digest", "D", "its digest, as you were told by another way than this platform"),
            .flag("add", "after the publication: another key set, for bids to come"),
        ] + Option.quorum + [Command.json],
        run: { (invocation) throws(CommandError) in try ConsultationSeal(invocation).run() })
}

struct ConsultationSeal {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws(CommandError) -> Outcome {
        let id = try invocation.consultation()
        let given = try members()
        let daemon = try Daemon(invocation)
        let view: ConsultationView = try daemon.get(["consultations", id.text])
        guard view.id == id else { throw .refused("the daemon shows another consultation than the one asked for") }
        let pins = try invocation.pins()
        let isAdded = invocation.has("add")
        guard isAdded == (view.phase == "published") else {
            throw isAdded
                ? .refused(
                    "the consultation is \(view.phase): keys are added between publication and deadline",
                    hint: "before the publication sceau consultation seal makes them anew")
                : .refused(
                    "the consultation is published: bids may be sealed to its keys",
                    hint: "--add makes another key set for bids to come; a member is replaced with sceau share renew")
        }
        let pin = try pins.pin(of: id)
        // Of a ceremony that was cut short, nobody knows the fingerprint: it is ended, or made anew.
        if !isAdded, let known = pin.fingerprint, pin.source != .sealing {
            throw .refused(
                "this consultation was sealed before; its fingerprint is \(known.hex)",
                hint: "new keys are new keys for everybody who pinned the old ones; if that is meant, remove its pin "
                    + "in SCEAU_HOME/pins")
        }
        // It becomes the keys' `notBefore`: not a word of the platform against what this tool has seen.
        try pins.saw(deadline: view.deadline, of: id).check(shown: view.deadline)

        let (members, quorum): (members: [CommitteeMember], quorum: Int)
        if let given { (members, quorum) = given } else { (members, quorum) = try standing(daemon, deadline: view.deadline) }
        for member in members where min(member.lastSecond, view.deadline.second) < view.deadline.second {
            invocation.terminal.warn(
                "the certificate of \(member.name) ends on \(Instant(milliseconds: member.lastSecond * 1000)), before the deadline: its share "
                    + "opens all the same, if its holder still has the key then")
        }
        if !isAdded, let begun = pin.fingerprint {
            if try hasTaken(daemon, view, begun, from: members, k: quorum) { return try end(id, begun) }
            try pins.forget(fingerprint: begun, of: id)
            invocation.terminal.note("a ceremony was cut short here, and the platform does not have its keys: they are made anew")
        }
        let platform: PlatformView = try daemon.get(["platform"])
        let made: (keySet: KeySet, capsules: [Capsule])
        do {
            made = try Ceremony.make(
                consultation: id, notBefore: view.deadline, parts: view.parts, members: members, k: quorum,
                timeLock: Certificate(der: platform.timeLock.bytes),
                recovery: platform.recovery.map { try Certificate(der: $0.bytes) }, now: invocation.now)
        } catch {
            throw CommandError("the keys could not be made: \(error)")
        }
        let fingerprint = made.keySet.fingerprint
        // Pinned first: if the answer is lost, the daemon may have them and this tool must know which are its own.
        try pins.check(
            fingerprint: fingerprint, given: nil, of: id, set: isAdded ? fingerprint : nil, source: isAdded ? .ceremony : .sealing)
        let answer: FingerprintView = try put(daemon, id, made)
        guard answer.fingerprint == fingerprint else {
            throw .refused(
                "the daemon says that it took keys with another fingerprint: \(answer.fingerprint.hex), not \(fingerprint.hex)"
            )
        }
        return try end(id, fingerprint)
    }

    private func end(_ id: Identifier, _ fingerprint: Digest) throws(CommandError) -> Outcome {
        try invocation.answer(
            fingerprint.hex, json: ["consultation": .identifier(id), "fingerprint": .digest(fingerprint)])
        // Only now it is told: cut short before, the next run tells it.
        try invocation.pins().confirm(fingerprint: fingerprint, of: id)
        return .done
    }

    /// Whether the daemon has the keys of a ceremony that was cut short here, dealt to those who are asked for now.
    private func hasTaken(
        _ daemon: Daemon, _ view: ConsultationView, _ fingerprint: Digest, from members: [CommitteeMember], k: Int
    ) throws(CommandError) -> Bool {
        guard view.fingerprint == fingerprint else { return false }
        let keys: KeysView = try daemon.get(["consultations", view.id.text, "keys"])
        guard keys.fingerprint == fingerprint else { return false }
        do {
            let committee = try Successions.committee(keys)
            return committee.k == k && committee.members.map(\.certificate) == members.map(\.certificate)
                && committee.members.map(\.signing) == members.map(\.signing) && committee.capsules.allSatisfy { $0.notBefore == view.deadline }
        } catch {
            throw .refused("the daemon's keys do not hold together: \(error)")
        }
    }

    private func put(
        _ daemon: Daemon, _ id: Identifier, _ made: (keySet: KeySet, capsules: [Capsule])
    ) throws(CommandError) -> FingerprintView {
        do {
            return try daemon.put(
                ["consultations", id.text, "keys"],
                .object([
                    "keySet": .base64(made.keySet.canonicalBytes),
                    "capsules": .array(made.capsules.map { .base64($0.canonicalBytes) }),
                ]))
        } catch {
            // Refused for certain: those keys will never be anybody's.
            if error.outcome == .refused { try invocation.pins().forget(fingerprint: made.keySet.fingerprint, of: id, set: invocation.has("add") ? made.keySet.fingerprint : nil) }
            throw error
        }
    }

    /// Those that the command line names; nil where it names a standing committee.
    private func members() throws(CommandError) -> (members: [CommitteeMember], quorum: Int)? {
        let arguments = invocation.values("member")
        guard try !invocation.namesCommittee() else { return nil }
        var members: [CommitteeMember] = []
        for argument in arguments { members.append(try MemberCertificates(argument).member) }
        let quorum = try invocation.quorum(of: members)
        try invocation.check(members, k: quorum)
        return (members, quorum)
    }

    /// The standing committee, which somebody vouches for beside the daemon, and of which all can still open after the deadline.
    private func standing(
        _ daemon: Daemon, deadline: Instant
    ) throws(CommandError) -> (members: [CommitteeMember], quorum: Int) {
        let committee = try ShownCommittee.named(invocation, daemon, opening: deadline)
        if committee.k == 1 { invocation.warnOfOne(committee.committeeMembers) }
        return (committee.committeeMembers, committee.k)
    }
}
