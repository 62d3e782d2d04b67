import Canonical
import Procurement
import Sealing

/// The bids of an opening, held against the closing statement that the members approved: exactly those, each by its
/// leaf.
struct BidList {
    struct Bid {
        let position: Int64
        let event: BidReceived
        let isLate: Bool
    }

    /// In log order.
    let bids: [Bid]

    static func fetch(
        _ daemon: Daemon, _ dossier: Dossier, _ opening: Opening, _ statement: ClosingStatement
    ) throws(CommandError) -> BidList {
        let view: BidsView = try daemon.get([
            "consultations", dossier.id.text, "openings", opening.opening.text, "bids",
        ])
        return try BidList(view.bids, statement, dossier.id)
    }

    /// Refuses a list that lacks a bid of the statement, adds one in time, or shows another event than the one it
    /// names. Late ones may have come after the statement was made: they are listed, and stay sealed.
    init(_ views: [BidsView.BidView], _ statement: ClosingStatement, _ id: Identifier) throws(CommandError) {
        func refuse(_ reason: String) -> CommandError {
            .refused(
                "the daemon's list of bids is not the one that was closed: \(reason)",
                hint: "nothing was concluded; keep this output and tell the buyer and the platform's auditor")
        }
        let closed = Dictionary(statement.closed.bids.map { ($0.bid, $0) }, uniquingKeysWith: { first, _ in first })
        var bids: [Bid] = []
        var seen: Set<Identifier> = []
        for view in views {
            guard seen.insert(view.bid).inserted else { throw refuse("bid \(view.bid.text) stands there twice") }
            let event: Event
            do { event = try Event(canonical: view.event.bytes) } catch {
                throw refuse("the event of bid \(view.bid.text) is malformed: \(error.reason)")
            }
            guard let received = event.fact as? BidReceived, received.bid == view.bid, received.consultation == id
            else {
                throw refuse("the event of bid \(view.bid.text) is not its own")
            }
            if let entry = closed[view.bid] {
                guard entry.leaf == Digest(of: [0] + view.event.bytes), entry.position == view.position,
                    entry.verdict == received.verdict
                else { throw refuse("bid \(view.bid.text) differs from its entry in the closing statement") }
            } else {
                guard received.verdict == .late, view.withheld else {
                    throw refuse("bid \(view.bid.text) is not in the closing statement, and not late")
                }
            }
            bids.append(Bid(position: view.position, event: received, isLate: received.verdict == .late))
        }
        for entry in statement.closed.bids where !seen.contains(entry.bid) {
            throw refuse("bid \(entry.bid.text) is missing")
        }
        self.bids = bids.sorted { $0.position < $1.position }
    }
}
