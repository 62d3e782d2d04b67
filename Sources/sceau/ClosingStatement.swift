import Canonical
import Linux
import OpenSSL
import Procurement
import Sealing

/// What had been received when the consultation closed, as its `closed` event says. The opening names its SHA-256, so
/// that the committee opens this list and no other.
struct ClosingStatement {
    let closed: Closed
    let digest: Digest

    /// A closing is not there the moment it is due: what was received by then is being committed. In milliseconds.
    private static let patience: Int64 = 30_000

    /// Call it once our own clock has passed the deadline; a daemon that is a moment behind is waited for.
    static func fetch(_ daemon: Daemon, _ dossier: Dossier) throws(CommandError) -> ClosingStatement {
        let end = Clocks.monotonicMilliseconds() + patience
        while true {
            do {
                let view: ClosingView = try daemon.get(["consultations", dossier.id.text, "closing"])
                return try ClosingStatement(view.closed.bytes, said: view.digest, dossier)
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
    /// Holds the event's bytes against everything else this tool knows.
    init(_ bytes: [UInt8], said: Digest, _ dossier: Dossier) throws(CommandError) {
        let digest = Digest(of: bytes)
        guard digest == said else {
            throw .refused("the closing statement is not the one whose digest the daemon says")
        }
        let event: Event
        do { event = try Event(canonical: bytes) } catch {
            throw .refused("the closing statement is malformed: \(error.reason)")
        }
        guard let closed = event.fact as? Closed else { throw .refused("the closing statement is another event") }
        let committee = dossier.committee
        guard closed.consultation == dossier.id, event.log == (dossier.view.training ? .training : .real) else {
            throw .refused("the closing statement is another consultation's, or another log's")
        }
        guard closed.keys == dossier.fingerprint, closed.k == committee.k, closed.n == committee.members.count else {
            throw .refused("the closing statement names other keys or another quorum")
        }
        guard closed.deadline == dossier.latestDeadline else {
            throw .refused(
                "the closing statement names the deadline \(closed.deadline); this tool has seen \(dossier.latestDeadline)",
                hint: "an extension that the platform denies, or a deadline that it moved back: "
                    + "ask the buyer by another way than this platform")
        }
        guard Set(closed.bids.map(\.bid)).count == closed.bids.count,
            Set(closed.bids.map(\.position)).count == closed.bids.count
        else { throw .refused("the closing statement lists a bid twice") }
        self.init(closed: closed, digest: digest)
    }
}
