import Canonical
import Evidence
import Linux
import Procurement
import Sealing

/// What had been received when the consultation closed, as its `closing-stated` event says. The opening names its SHA-256, so
/// that the committee opens this list and no other.
struct ClosingStatement {
    let stated: ClosingStated
    let bytes: [UInt8]
    let digest: Digest
    let position: Int64
    /// The buyer's decisions that changed the deadline, let go of what it held, or admitted a late bid.
    let decisions: [OpeningMinutes.Decision]
    /// Requests that the daemon refused since, by its own count.
    let refusals: Int64
    /// `real` or `training`, as the event says.
    let log: String
    /// C2SP tlog-proof, as the daemon gives it; nobody has verified it.
    let proof: [UInt8]?
    /// RFC 3161, as the daemon gives it once there is one; nobody has verified it.
    let token: [UInt8]?

    /// A closing is not there the moment it is due: what was received by then is being committed. In milliseconds.
    private static let patience: Int64 = 30_000

    /// Call it once our own clock has passed the deadline; a daemon that is a moment behind is waited for.
    static func fetch(_ daemon: Daemon, _ dossier: Dossier) throws(CommandError) -> ClosingStatement {
        let end = Clocks.monotonicMilliseconds() + patience
        while true {
            do {
                let view: ClosingView = try daemon.get(["consultations", dossier.id.text, "closing"])
                return try ClosingStatement(view, dossier)
            } catch {
                guard ["not-yet", "phase", "busy", "clock"].contains(error.problem),
                    Clocks.monotonicMilliseconds() < end,
                    dossier.view.phase != "draft", dossier.view.phase != "sealed"
                else { throw error }
                Pause.milliseconds(500)
            }
        }
    }
}

extension ClosingStatement {
    /// Who lends a share is told what would be read that came late.
    func note(on terminal: Terminal) {
        for decision in decisions where decision.type == LateBidAdmitted.type {
            terminal.note("a late bid is to be read, by the buyer's decision of \(decision.at): \(Terminal.printable(decision.grounds ?? ""))")
        }
    }

    /// Holds the event's bytes against everything else this tool knows.
    init(_ view: ClosingView, _ dossier: Dossier) throws(CommandError) {
        let digest = Digest(of: view.statement.bytes)
        guard digest == view.digest else {
            throw .refused("the closing statement is not the one whose digest the daemon says")
        }
        let event: Event
        do { event = try Event(canonical: view.statement.bytes) } catch {
            throw .refused("the closing statement is malformed: \(error.reason)")
        }
        guard let stated = event.fact as? ClosingStated else { throw .refused("the closing statement is another event") }
        let committee = dossier.committee
        guard stated.consultation == dossier.id, event.log == (dossier.view.training ? .training : .real) else {
            throw .refused("the closing statement is another consultation's, or another log's")
        }
        // Of a committee that was replaced the quorum may be another now; the keys are those first made for ever.
        guard let set = stated.keySets.first(where: { $0.keys == dossier.original }),
            dossier.original != dossier.fingerprint || (set.k == committee.k && set.n == committee.members.count)
        else {
            throw .refused("the closing statement names other keys or another quorum")
        }
        guard stated.deadline.instant == dossier.latestDeadline else {
            throw .refused(
                "the closing statement names the deadline \(stated.deadline.instant); this tool has seen \(dossier.latestDeadline)",
                hint: "an extension that the platform denies, or a deadline that it moved back: "
                    + "ask the buyer by another way than this platform")
        }
        var decisions: [OpeningMinutes.Decision] = []
        var moved: [Deadline] = []
        var isWaived = false
        var added: [KeysAdded] = []
        for decision in view.decisions {
            let event: Event
            do { event = try Event(canonical: decision.bytes) } catch {
                throw .refused("a decision about the deadline is malformed: \(error.reason)")
            }
            func made(_ deadline: Instant?, _ grounds: String?) -> OpeningMinutes.Decision {
                OpeningMinutes.Decision(
                    type: type(of: event.fact).type, at: event.at, event: Digest(of: decision.bytes), deadline: deadline,
                    grounds: grounds)
            }
            switch event.fact {
            case let fact as DeadlineExtended where fact.consultation == dossier.id:
                moved.append(Deadline(fact.deadline, version: fact.deadlineVersion))
                decisions.append(made(fact.deadline, nil))
            case let fact as Reopened where fact.consultation == dossier.id:
                moved.append(Deadline(fact.deadline, version: fact.deadlineVersion))
                decisions.append(made(fact.deadline, fact.grounds))
            case let fact as HoldWaived where fact.consultation == dossier.id:
                if fact.statement == digest { isWaived = true }
                decisions.append(made(nil, fact.grounds))
            case let fact as KeysAdded where fact.consultation == dossier.id:
                added.append(fact)
                decisions.append(made(nil, "\(fact.fingerprint.hex): \(fact.grounds)"))
            case let fact as LateBidAdmitted where fact.consultation == dossier.id:
                decisions.append(made(nil, "bid \(fact.bid), \(fact.ground.rawValue): \(fact.grounds)"))
            default: throw .refused("what the daemon shows as a decision about the deadline is none")
            }
        }
        guard moved == Array(stated.deadlines.dropFirst()) else {
            throw .refused("the deadlines of the closing statement are not those that the buyer decided")
        }
        // Every set but the first by a decision of its own, in place of the one before.
        guard added.map(\.fingerprint) == stated.keySets.dropFirst().map(\.keys), added.map(\.replaces) == stated.earlier.map(\.keys) else {
            throw .refused("the key sets of the closing statement are not those that the buyer decided")
        }
        guard !stated.isHeld || isWaived else {
            throw .refused(
                "the platform was not there over the deadline, and the buyer has neither reopened nor waived",
                hint: "sceau consultation reopen ID --deadline INSTANT --grounds TEXT, or: sceau consultation waive ID --grounds TEXT")
        }
        self.init(
            stated: stated, bytes: view.statement.bytes, digest: digest, position: view.position, decisions: decisions,
            refusals: view.refusals, log: event.log.rawValue, proof: view.proof?.bytes, token: view.token?.bytes)
    }
}
