internal import Canonical
internal import OpenSSL
internal import Procurement
internal import Sealing

extension ReceiptChain {
    mutating func checkToken(_ trust: [Certificate]) {
        stamp = report.checkStamp(
            container.token, over: Digest(of: container.asicManifest), of: ReceiptManifest.tokenPath,
            by: StampAuthorities(trusted: trust, instance: bid?.instance))
    }

    /// Instants that contradict one another, and what none but the operator's clock says.
    mutating func checkInstants() {
        guard let bid, let event else { return }
        report.check("instants", "leaf.json", "started, first byte, received, recorded and logged follow one another; the verdict is theirs") {
            let order = [
                ("started", bid.started), ("firstByte", bid.firstByte), ("received", bid.received), ("recorded", bid.recorded),
                ("at", event.at),
            ]
            for (earlier, later) in zip(order, order.dropFirst()) where later.1 < earlier.1 {
                throw EvidenceError("\(later.0) (\(later.1)) is before \(earlier.0) (\(earlier.1))")
            }
            let deadline = Deadline(bid.deadline, version: bid.deadlineVersion)
            // On a clock known to be wrong there is none yet: an event of its own gives it later.
            guard bid.verdict == (bid.clock == .unsound ? .pending : deadline.verdict(received: bid.received)) else {
                throw EvidenceError("the verdict is \(bid.verdict.rawValue), received \(bid.received) against the deadline \(bid.deadline)")
            }
        }
        if event.at.milliseconds - bid.received.milliseconds > 5000 {
            report.restsOnTheOperator(
                "delay", "leaf.json", "logged \(event.at), more than 5 s after what is said to be received \(bid.received)")
        }
        switch bid.clock {
        case .sound: break
        case .unsound: report.restsOnTheOperator("clock", "leaf.json", "the platform's clock was known to be wrong")
        case .unjudged: report.note("clock", "leaf.json", "the platform's clock was compared with no other")
        }
        let seen = report.checkTime(
            of: "leaf.json", logged: event.at, stamps: stamp.map { [$0] } ?? [], checkpoints: checkpoint.map { [$0] } ?? [])
        if let seen { checkInTime(bid, seen) }
    }

    private mutating func checkInTime(_ bid: BidReceived, _ seen: OutsideTime) {
        let deadline = Deadline(bid.deadline, version: bid.deadlineVersion)
        if bid.verdict == .onTime, seen.instant < deadline.closesAt {
            report.holds("in-time", "leaf.json", "\(seen.words) before the deadline was over")
        } else {
            report.restsOnTheOperator(
                "in-time", "leaf.json",
                "received \(bid.received) is by the platform's clock; what is proved is only that the bid existed by \(seen.instant)")
        }
    }
}
