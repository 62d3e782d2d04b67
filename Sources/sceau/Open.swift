import Canonical
import Evidence
import Linux
import OpenSSL
import Procurement
import Sealing

extension Command {
    static let open = Command(
        path: ["open"],
        summary: "open a consultation's bids, with the committee's quorum",
        discussion: """
            Announces an opening in your name, approves it with your own share, and waits until enough members \
            have approved (sceau share approve). The daemon then adds the platform's half, the keys are rebuilt in \
            this process's memory, and each bid is fetched, checked against the log and decrypted: as many side by side as \
            there are processors, at most four. The plaintext \
            goes to DIR and nowhere else: DIR/BID/PART/NAME, with names made safe. What was served is held against the \
            closing statement, and the minutes against both: nothing is concluded if they differ. The signed minutes go \
            to the daemon and to DIR/minutes.json, the version that may be communicated to DIR/minutes-communicable.json, \
            both also as pages to print, in French and English (.fr.html, .en.html); the statement, its proof and its timestamp, if it has one, \
            to DIR/closing.json, DIR/closing.tlog-proof and DIR/closing.tst. With --log the proof is held against the log's keys before anything is announced.

            Parts are opened in the consultation's order, all at once or apart: --part application now, --part offer \
            another day, each with a quorum and minutes of its own. A bid that has no document of a part opens with none.

            Where keys were added after bids had come, each set is opened by its own committee: say which with --fingerprint.

            Late bids stay sealed, but for those that the buyer admitted (sceau consultation admit). A bid that does not open is named on stderr, with document and segment, and \
            stands in the minutes; the others are opened all the same, and the exit status is 3.

            The session's key lives in this process only: if it ends before the quorum is there, announce again.
            """,
        operands: [.consultation],
        options: Option.memberKey + [
            .required("out", "DIR", "where the documents go; must not exist, or be empty"),
            .several("part", "PART", "which parts (all of them); none before those that precede it"),
            .optional("fingerprint", "F", "of the keys, as the buyer told you by another way than this platform"),
            .optional("log", "FILE", "public keys of the log, one a line, that reached you by another way than this platform"),
            .optional("wait", "SECONDS", "how long to wait for the other members (3600)"),
            Command.json,
        ],
        run: { (invocation) throws(CommandError) in try Opener(invocation).run() })
}

/// The announcer's side of an opening, from the announcement to the minutes.
struct Opener {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws(CommandError) -> Outcome {
        let id = try invocation.consultation()
        let wait = try invocation.integer("wait", in: 0...604_800) ?? 3600
        let daemon = try Daemon(invocation)
        let dossier = try Dossier.fetch(invocation, daemon, id, given: invocation.fingerprint("fingerprint"))
        let member = try dossier.memberToOpen(invocation)
        let number = try dossier.number(of: member)
        let parts = try parts(of: dossier)
        let statement = try ClosingStatement.fetch(daemon, dossier)
        statement.note(on: invocation.terminal)
        let proof = try invocation.value("log").map { (path) throws(CommandError) in try ClosingProof(path) }
        try proof?.check(statement)
        let folder = try OpeningFolder(invocation.required("out"))

        let session: OpeningSession
        do { session = try OpeningSession(now: invocation.now) } catch { throw CommandError("\(error.text)") }
        let announced = invocation.now
        let opening = try announce(daemon, dossier, statement, member, session.certificate, parts)
        let missing = dossier.committee.k - 1
        invocation.terminal.note(
            "opening \(opening.opening.text) announced as member \(dossier.member(number))"
                + (missing > 0 ? "; waiting for \(missing) more" : ""))
        let quorum = Quorum(
            invocation, daemon, dossier, opening, until: Clocks.monotonicMilliseconds() + Int64(wait) * 1000)
        let release = try quorum.await(session)
        let released = invocation.now

        try folder.write("closing.json", statement.bytes)
        if let bytes = statement.proof { try folder.write("closing.tlog-proof", bytes) }
        if let bytes = statement.token { try folder.write("closing.tst", bytes) }
        let list = try BidList.fetch(daemon, dossier, opening, statement)
        let bids = try BidOpeners(invocation, daemon.access, dossier, opening, release.keys, folder).open(list.bids)
        let view = dossier.view
        let minutes = OpeningMinutes(
            subject: .init(
                consultation: id, buyer: view.buyer, reference: view.reference, title: view.title, object: view.object,
                timeZone: view.timeZone),
            session: .init(
                opening: opening.opening, digest: opening.digest, log: view.training ? .training : .real,
                parts: opening.parts, announcer: number, fingerprint: dossier.fingerprint, k: dossier.committee.k,
                n: dossier.committee.members.count,
                original: dossier.original == dossier.fingerprint ? nil : dossier.original, announced: announced, released: released, concluded: invocation.now),
            statement: StatementSummary(statement.stated, digest: statement.digest, position: statement.position),
            members: release.members, wrongShares: release.wrong, refusals: statement.refusals,
            decisions: statement.decisions, reconciled: list.reconciliation.checks + (proof == nil ? [] : [Reconciliation.inLog]), bids: bids)
        do { try list.reconciliation.check(minutes, statement: statement.digest) } catch {
            throw .refused("the minutes do not agree with the closing statement: \(error.reason)", hint: "nothing was concluded")
        }
        try conclude(daemon, member, minutes, opening, folder)
        noteContested(daemon, id)
        return try report(minutes)
    }

    /// Those asked for, in the consultation's order.
    private func parts(of dossier: Dossier) throws(CommandError) -> [String] {
        let all = dossier.keySet.parts.map(\.part)
        let asked = invocation.values("part")
        for part in asked where !all.contains(part) {
            throw .usage("there is no part '\(part)'", hint: "the consultation's parts: \(all.joined(separator: ", "))")
        }
        return asked.isEmpty ? all : all.filter(asked.contains)
    }

    private func announce(
        _ daemon: Daemon, _ dossier: Dossier, _ statement: ClosingStatement, _ member: borrowing Member,
        _ session: Certificate, _ parts: [String]
    ) throws(CommandError) -> Opening {
        let signed: Signed
        let opening: Opening
        let approved: (signed: Signed, shares: [PartShare])
        do {
            signed = try member.announce(
                dossier.committee, fingerprint: dossier.fingerprint, log: dossier.view.training ? "training" : "real",
                deadline: statement.stated.deadline.instant, closing: statement.digest, session: session,
                parts: parts, original: dossier.original)
            opening = try dossier.committee.opening(signed, fingerprint: dossier.fingerprint, original: dossier.original)
            // With every check of any other member's approval.
            approved = try member.approve(
                signed, committee: dossier.committee, fingerprint: dossier.fingerprint, original: dossier.original,
                latestDeadline: dossier.latestDeadline, closing: statement.digest, now: invocation.now)
        } catch { throw .refused("no opening was announced: \(error)") }
        let answer: OpeningAnnounced = try daemon.post(
            ["consultations", dossier.id.text, "openings"], .object(["signed": .base64(signed.canonicalBytes)]))
        guard answer.opening == opening.opening, answer.digest == opening.digest else {
            throw .refused("the daemon took another opening than the one that was signed")
        }
        _ = try Approvals.post(daemon, dossier.id, opening.opening, approved)
        return opening
    }

    private func conclude(
        _ daemon: Daemon, _ member: borrowing Member, _ minutes: OpeningMinutes, _ opening: Opening,
        _ folder: OpeningFolder
    ) throws(CommandError) {
        let extract = MinutesExtract(of: minutes)
        let signed: Signed
        let communicable: Signed
        do {
            signed = try member.sign(minutes: minutes)
            communicable = try member.sign(minutes: extract)
        } catch {
            throw CommandError("the minutes could not be signed: \(error.text)")
        }
        try folder.write("minutes.json", signed.canonicalBytes)
        try folder.write("minutes-communicable.json", communicable.canonicalBytes)
        for language in MinutesPage.Language.allCases {
            try folder.write("minutes.\(language.rawValue).html", MinutesPage(language).page(minutes))
            try folder.write("minutes-communicable.\(language.rawValue).html", MinutesPage(language).page(extract))
        }
        let body = JSON.object([
            "signed": .base64(signed.canonicalBytes), "extract": .base64(communicable.canonicalBytes),
        ])
        try Patience.retrying(invocation.terminal) { () throws(CommandError) in
            do throws(CommandError) {
                try daemon.post(
                    [
                        "consultations", minutes.subject.consultation.text, "openings", opening.opening.text, "minutes",
                    ], body)
            } catch {
                // An answer that got lost: the minutes are there.
                guard error.problem == "already-done" else { throw error }
            }
        }
    }

    /// A failure that one tool alone saw decides nothing.
    private func noteContested(_ daemon: Daemon, _ id: Identifier) {
        guard let view = try? daemon.get(["consultations", id.text, "openings"], as: OpeningsView.self) else { return }
        for failed in view.failed ?? [] {
            invocation.terminal.warn(
                failed.final
                    ? "bid \(failed.bid), part \(failed.part): two members' tools could not open it; that is final"
                    : "bid \(failed.bid), part \(failed.part): contested, until another member's tool opens it or fails on it too: "
                        + "that member announces with sceau open \(id)")
        }
    }

    private func report(_ minutes: OpeningMinutes) throws(CommandError) -> Outcome {
        func count(_ result: Minutes.Result) -> Int { minutes.bids.filter { $0.result == result }.count }
        let (opened, failed, withheld) = (count(.opened), count(.failed), count(.withheld))
        var text = "\(opened) bid\(opened == 1 ? "" : "s") opened"
        if failed > 0 { text += ", \(failed) failed" }
        let elsewhere = minutes.bids.count { $0.keys != nil }
        if withheld > elsewhere { text += ", \(withheld - elsewhere) late and left sealed" }
        if elsewhere > 0 { text += ", \(elsewhere) under other keys, which are opened apart" }
        text += "; all that was served agrees with the closing statement"
        let bids = minutes.bids.map { bid -> JSON in
            var fields: [String: JSON] = ["bid": .identifier(bid.bid), "result": .string(bid.result.rawValue)]
            fields["cause"] = bid.cause.map(JSON.string)
            return .object(fields)
        }
        try invocation.answer(
            text,
            json: [
                "consultation": .identifier(minutes.subject.consultation), "opened": .integer(Int64(opened)),
                "failed": .integer(Int64(failed)), "withheld": .integer(Int64(withheld)), "bids": .array(bids),
                "statement": .digest(minutes.statement.digest),
                "reconciled": .array(minutes.reconciled.map(JSON.string)),
            ])
        return failed == 0 ? .done : .partly
    }
}
