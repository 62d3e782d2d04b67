import Canonical
import Evidence
import Procurement
import Sealing

/// The bids of an opening, held against the closing statement that the members approved: exactly those, each by its
/// leaf, its place and its verdict.
struct BidList {
    struct Bid {
        let position: Int64
        let event: BidReceived
        let verdict: ClosingVerdict
        /// A late one that the buyer decided to have read.
        let isAdmitted: Bool
        /// Of another key set of the consultation, whose own committee opens it.
        var otherKeys: Digest? = nil
    }

    /// In log order.
    let bids: [Bid]
    let reconciliation: Reconciliation

    static func fetch(
        _ daemon: Daemon, _ dossier: Dossier, _ opening: Opening, _ statement: ClosingStatement
    ) throws(CommandError) -> BidList {
        let view: BidsView = try daemon.get([
            "consultations", dossier.id.text, "openings", opening.opening.text, "bids",
        ])
        return try BidList(view.bids, statement, dossier.id, keys: dossier.original)
    }

    /// Refuses a list that lacks a bid of the statement, adds one in time, or shows another event than the one it
    /// names. Late ones may have come after the statement was made: they are listed, and stay sealed.
    init(_ views: [BidsView.BidView], _ statement: ClosingStatement, _ id: Identifier, keys: Digest? = nil) throws(CommandError) {
        let served: [Reconciliation.Served] = views.map {
            Reconciliation.Served(position: $0.position, bid: $0.bid, event: $0.event.bytes, given: $0.given?.bytes,
                changes: ($0.changes ?? []).map(\.bytes))
        }
        do throws(EvidenceError) {
            reconciliation = try Reconciliation(statement.stated, consultation: id, keys: keys, served: served)
            let toOpen = reconciliation.toOpen
            for view in views where !view.withheld && !toOpen.contains(view.bid) {
                throw EvidenceError("bid \(view.bid) is not to open, and is not withheld")
            }
            bids = reconciliation.bids.map { Bid(position: $0.position, event: $0.event, verdict: $0.verdict, isAdmitted: $0.isAdmitted, otherKeys: $0.otherKeys) }
        } catch {
            throw .refused(
                "the daemon's list of bids is not the one that was closed: \(error.reason)",
                hint: "nothing was concluded; keep this output and tell the buyer and the platform's auditor")
        }
    }
}
