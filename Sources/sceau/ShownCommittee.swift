import Canonical
import Sealing

/// A standing committee as this tool may trust it: what the daemon shows, held against its pin.
struct ShownCommittee {
    let committee: StandingCommittee
    let view: StandingView
    let account: Identifier
    /// Whether anybody but the daemon vouches for it.
    let isVouchedFor: Bool

    static func fetch(
        _ invocation: Invocation, _ daemon: Daemon, _ name: String, given: Digest? = nil
    ) throws(CommandError) -> ShownCommittee {
        guard StandingCommittee.isName(name) else { throw wrongName(name) }
        let view: StandingView = try daemon.get(["committees", name])
        return try held(invocation, view, try account(daemon), name, given: given)
    }

    /// What the daemon made of a committee that this tool sent.
    ///
    /// - Parameter replaced: the one that it was made from: with another in force by now, nothing is changed.
    static func put(
        _ invocation: Invocation, _ daemon: Daemon, _ committee: StandingCommittee, replacing replaced: Digest?
    ) throws(CommandError) -> StandingView {
        let account = try account(daemon)
        var fields: [String: JSON] = ["committee": .base64(committee.canonicalBytes)]
        fields["replaces"] = replaced.map(JSON.digest)
        let view: StandingView
        do throws(CommandError) { view = try daemon.put(["committees", committee.name], .object(fields)) } catch {
            guard error.problem == "superseded" else { throw error }
            throw .refused(
                "somebody else has changed the committee '\(committee.name)' meanwhile: this change was not made",
                hint: "see what stands now (sceau committee show \(committee.name)), ask who changed it, and do it again with the digest "
                    + "that they read to you: --committee-digest D")
        }
        guard view.digest == committee.digest, view.committee.bytes == committee.canonicalBytes else {
            throw .refused(
                "the daemon keeps another committee than the one that was sent: \(view.digest.hex)",
                hint: "if somebody else set it at the same moment, theirs is in force: sceau committee show \(committee.name)")
        }
        try invocation.committeePins().set(
            CommitteePin(account: account, name: committee.name, digest: committee.digest))
        return view
    }

    /// The one that `--committee` names, which somebody vouches for beside the daemon, and of which all can still open at `opening`.
    static func named(_ invocation: Invocation, _ daemon: Daemon, opening: Instant) throws(CommandError) -> StandingCommittee {
        let standing = try fetch(
            invocation, daemon, invocation.required("committee"), given: invocation.fingerprint("committee-digest"))
        guard standing.isVouchedFor else { throw Command.unvouched(standing) }
        let committee = standing.committee
        do { try committee.check(at: invocation.now, opening: opening) } catch {
            throw .refused(
                "the committee '\(committee.name)' cannot open this consultation: \(error.text)",
                hint: "sceau committee replace \(committee.name) OLD NEW")
        }
        return committee
    }

    static func wrongName(_ name: String) -> CommandError {
        .usage("'\(name)' is no committee's name", hint: "it has 1 to 64 lower-case letters, digits and hyphens")
    }

    static func account(_ daemon: Daemon) throws(CommandError) -> Identifier {
        let platform: PlatformView = try daemon.get(["platform"])
        guard let account = platform.account else { throw CommandError("the daemon does not say whose account this is") }
        return account
    }

    static func held(
        _ invocation: Invocation, _ view: StandingView, _ account: Identifier, _ name: String, given: Digest? = nil
    ) throws(CommandError) -> ShownCommittee {
        let committee: StandingCommittee
        do { committee = try StandingCommittee(canonical: view.committee.bytes) } catch {
            throw .refused("the daemon's committee does not hold together: \(error.reason)")
        }
        guard committee.name == name, committee.digest == view.digest else {
            throw .refused("the daemon shows another committee than the one asked for")
        }
        let isVouchedFor = try invocation.committeePins().check(
            CommitteePin(account: account, name: name, digest: committee.digest), given: given)
        return ShownCommittee(committee: committee, view: view, account: account, isVouchedFor: isVouchedFor)
    }
}

extension Invocation {
    func committeePins() throws(CommandError) -> CommitteePins { CommitteePins(try home()) }
}

extension StandingCommittee {
    /// As people read it: the digests of certificates in full, for they are read aloud.
    func described() -> String {
        var lines = ["\(name): \(k) of \(members.count) open", "digest \(digest.hex)"]
        for (index, member) in members.enumerated() {
            lines.append(
                "\(index + 1) \(Terminal.printable(member.name))" + (member.certificate.isPaper ? " (key on paper)" : ""))
            lines.append("  certificate \(Digest(member.certificate).hex)")
            if let signing = member.signing { lines.append("  signs with  \(Digest(signing).hex)") }
            lines.append("  mandate     from \(member.from)" + (member.until.map { " until \($0)" } ?? ""))
            lines.append("  valid until \(Instant(milliseconds: member.committeeMember.lastSecond * 1000))")
        }
        return lines.joined(separator: "\n")
    }

    var shown: [String: JSON] {
        [
            "name": .string(name), "digest": .digest(digest), "quorum": .integer(Int64(k)),
            "members": .array(
                members.enumerated().map { index, member in
                    var fields: [String: JSON] = [
                        "number": .integer(Int64(index + 1)), "name": .string(member.name),
                        "certificate": .digest(Digest(member.certificate)), "from": .instant(member.from),
                        "paper": .bool(member.certificate.isPaper),
                        "ends": .instant(Instant(milliseconds: member.committeeMember.lastSecond * 1000)),
                    ]
                    fields["signing"] = member.signing.map { .digest(Digest($0)) }
                    fields["until"] = member.until.map(JSON.instant)
                    return .object(fields)
                }),
        ]
    }
}

extension StandingView {
    /// The open consultations whose shares should be dealt anew, as lines and for programs.
    var dueLines: [String] {
        due.isEmpty
            ? []
            : ["a re-share is due in \(due.count) open consultation\(due.count == 1 ? "" : "s"), whose shares are with who is no member now:"]
                + due.map { "  \($0.consultation.text) \(Terminal.printable($0.reference)), \(Terminal.printable($0.phase)), deadline \($0.deadline)" }
    }

    var dueJSON: JSON {
        .array(
            due.map {
                .object([
                    "consultation": .identifier($0.consultation), "reference": .string($0.reference),
                    "phase": .string($0.phase), "deadline": .instant($0.deadline),
                ])
            })
    }
}

extension Invocation {
    /// Whether `--committee` says to whom keys are dealt; nothing else may say it too.
    func namesCommittee() throws(CommandError) -> Bool {
        guard value("committee") != nil else {
            guard value("committee-digest") == nil else { throw .usage("--committee-digest is of a --committee") }
            return false
        }
        guard values("member").isEmpty, value("quorum") == nil, value("preset") == nil else {
            throw .usage("--committee brings its own members and quorum")
        }
        return true
    }
}
