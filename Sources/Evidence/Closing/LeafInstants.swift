import Canonical
public import Procurement

/// What the instants of a log's leaves say of whoever kept it.
public enum LeafInstants {
    /// Milliseconds between *received* and the leaf's own `at` that a platform at work needs; more is nobody's word but its own.
    public static let usual: Int64 = 5000

    /// - Parameter leaves: of one log, in log order, with their positions.
    public static func checks(_ leaves: [(position: Int64, event: Event)], of subject: String) -> Report {
        var report = Report()
        var runsBack = false
        for (before, after) in zip(leaves, leaves.dropFirst()) where after.event.at < before.event.at {
            runsBack = true
            report.fails(
                "instants", "\(subject), position \(after.position)",
                "its instant \(after.event.at) is before that of position \(before.position), \(before.event.at)")
        }
        if !runsBack, leaves.count > 1 { report.holds("instants", subject, "\(leaves.count) leaves, none before the one before it") }
        for leaf in leaves {
            guard let bid = leaf.event.fact as? BidReceived else { continue }
            let distance = leaf.event.at.milliseconds - bid.received.milliseconds
            if distance > usual || distance < 0 {
                report.restsOnTheOperator(
                    "received", "bid \(bid.bid)",
                    "received \(bid.received), recorded \(leaf.event.at): that it came then is the operator's word, unless a token says so")
            }
        }
        return report
    }
}
