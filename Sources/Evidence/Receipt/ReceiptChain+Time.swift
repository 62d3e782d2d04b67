internal import Canonical
internal import OpenSSL
internal import Procurement

extension ReceiptChain {
    mutating func checkToken(_ trust: [Certificate]) {
        let path = ReceiptManifest.tokenPath
        guard let bytes = container.token else {
            return report.restsOnTheOperator("timestamp", path, "the receipt is provisional: no authority has stamped it yet")
        }
        let imprint = SHA256.hash(container.asicManifest)
        do {
            let token = try TimestampToken(der: bytes)
            // Without an authority named by the holder the token is held against itself: what it stamps, by whom it says.
            let verified = try token.verify(imprint: imprint, trust: trust.isEmpty ? token.certificates : trust)
            let authority = (verified.chain.last ?? verified.signer).shortName
            let instant = Instant(milliseconds: token.genTime)
            stamp = Stamp(
                instant: instant, accuracy: token.accuracy.map { ($0 + 999) / 1000 }, authority: authority,
                isTrusted: !trust.isEmpty)
            guard verified.unproved == 0 else {
                return report.fails("timestamp", path, "it bears parts that no signature covers")
            }
            if trust.isEmpty {
                report.restsOnTheOperator(
                    "timestamp", path,
                    "stamped \(instant) by «\(authority)», which nobody vouches for: name the authorities you trust with --trust")
            } else {
                report.holds("timestamp", path, "stamped \(instant) by «\(verified.signer.shortName)» under «\(authority)»")
            }
        } catch TimestampError.untrusted(let name) {
            report.fails(
                "timestamp", path, "its authority «\(name)» is not among those trusted; --trust FILE names those you trust")
        } catch {
            report.fails("timestamp", path, "\(error)")
        }
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
        checkStamp(bid, event)
    }

    private mutating func checkStamp(_ bid: BidReceived, _ event: Event) {
        guard let stamp else { return }
        // A token cannot be older than what it stamps: two clocks may differ by their accuracy and a second of the platform's.
        let earliest = event.at.milliseconds - (stamp.accuracy ?? 0) - 1000
        guard stamp.instant.milliseconds >= earliest else {
            return report.fails(
                "stamp-order", ReceiptManifest.tokenPath,
                "stamped \(stamp.instant), before the event that it stamps was logged (\(event.at))")
        }
        guard stamp.isTrusted else { return }
        let deadline = Deadline(bid.deadline, version: bid.deadlineVersion)
        if bid.verdict == .onTime, stamp.instant.milliseconds + (stamp.accuracy ?? 0) < deadline.closesAt.milliseconds {
            report.holds("in-time", ReceiptManifest.tokenPath, "«\(stamp.authority)» stamped it before the deadline was over")
        } else {
            report.restsOnTheOperator(
                "in-time", "leaf.json",
                "received \(bid.received) is by the platform's clock; the token proves only that the bid existed by \(stamp.instant)")
        }
    }
}
