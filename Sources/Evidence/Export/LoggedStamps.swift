import Canonical
import OpenSSL
import Procurement
import Sealing

/// The timestamps of an export, each held against what its event says it is over.
struct LoggedStamps {
    private var bids: [Identifier: (fact: BidReceived, digest: Digest, at: Instant)] = [:]
    private var closings: [Digest: (consultation: Identifier, at: Instant)] = [:]
    private var stamps: [(fact: Timestamped, place: String)] = []
    private var subjects: Set<String> = []

    mutating func take(_ event: Event, _ bytes: [UInt8], place: String) {
        switch event.fact {
        case let fact as BidReceived: bids[fact.bid] = (fact, Digest(of: bytes), event.at)
        case let fact as ClosingStated: closings[Digest(of: bytes)] = (fact.consultation, event.at)
        case let fact as Closed: closings[Digest(of: bytes)] = (fact.consultation, event.at)
        case let fact as Timestamped: stamps.append((fact, place))
        default: break
        }
    }

    /// - Parameter trust: authorities that the reader believes; empty where none was named.
    mutating func report(_ files: some ExportFiles, instance: Identifier, trust: [Certificate]) -> Report {
        var report = Report()
        let authorities = StampAuthorities(trusted: trust, instance: instance)
        var own = 0
        var strange: Set<String> = []
        var outside: [String: Int] = [:]
        for (fact, place) in stamps {
            do {
                let (stamp, isOwn) = try judge(fact, files, authorities)
                if stamp.isOutside { outside[stamp.authority, default: 0] += 1 }
                if isOwn { own += 1 } else if !stamp.isOutside { strange.insert(stamp.authority) }
            } catch TimestampError.untrusted(let authority) {
                report.fails("timestamp", place, "its authority «\(authority)» is not among those trusted; --trust FILE names those you trust")
            } catch {
                report.fails("timestamp", place, "\(error)")
            }
        }
        for (authority, count) in outside.sorted(by: { $0.key < $1.key }) {
            report.holds("timestamp", "timestamps", "\(count) hold under «\(authority)»")
        }
        let word = "timestamps"
        if own > 0 { report.restsOnTheOperator("timestamp", word, "time on the operator's word: \(own) are of the platform's own authority") }
        for authority in strange.sorted() {
            report.restsOnTheOperator(
                "timestamp", word, "of «\(authority)», which nobody vouches for: name the authorities you trust with --trust FILE")
        }
        let lacking = bids.count + closings.count - subjects.count
        if lacking > 0 {
            report.restsOnTheOperator("timestamp", word, "time on the operator's word: \(lacking) bids and closings are not stamped yet")
        }
        return report
    }

    private mutating func judge(
        _ fact: Timestamped, _ files: some ExportFiles, _ authorities: StampAuthorities
    ) throws -> (Stamp, isOwn: Bool) {
        let (subject, logged) = try subject(of: fact, files)
        guard subject == fact.subject else { throw EvidenceError("the event names another subject than what it is said to stamp") }
        guard subjects.insert("\(fact.kind) \(fact.bid?.text ?? fact.subject.hex)").inserted else {
            throw EvidenceError("a second timestamp over the same")
        }
        let token = try files.whole(ExportLayout.object(fact.token), max: TimestampToken.maximumCount)
        let (stamp, isOwn) = try Report.judge(token, subject, authorities)
        guard stamp.instant == fact.instant else { throw EvidenceError("the event says \(fact.instant), the token \(stamp.instant)") }
        guard !stamp.isBefore(logged) else {
            throw EvidenceError("stamped \(stamp.instant), before the event that it stamps was logged (\(logged))")
        }
        return (stamp, isOwn)
    }

    /// SHA-256 of what the token is to be over, from events and envelopes alone, and when that was logged.
    private func subject(of fact: Timestamped, _ files: some ExportFiles) throws -> (Digest, logged: Instant) {
        guard let id = fact.bid else {
            guard let closing = closings[fact.subject], closing.consultation == fact.consultation else {
                throw EvidenceError("it is of a closing that the log does not have")
            }
            return (fact.subject, closing.at)
        }
        guard let (bid, leaf, at) = bids[id], bid.consultation == fact.consultation else {
            throw EvidenceError("it is of a bid that the log does not have")
        }
        let path = ExportLayout.envelope(bid.consultation, "\(id).seal")
        var offset: Int64 = 0
        let seal = try SealArchive.sealBytes(bid.seal) { max in
            let bytes = try files.read(path, at: offset, max: max)
            offset += Int64(bytes.count)
            return bytes
        }
        return (try ReceiptManifest(leaf: leaf, seal: bid.seal, parts: Seal(canonical: seal).parts).digest, at)
    }
}
