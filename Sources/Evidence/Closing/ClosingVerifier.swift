import Canonical
public import Merkle
public import OpenSSL
import Procurement
import Sealing

/// A closing statement, held against whatever else of the same consultation somebody has: receipts, bids' leaves, bidders' lines,
/// log proofs, timestamps, minutes. Offline, and by bytes alone.
public struct ClosingVerifier: Sendable {
    /// A file, told apart by its content.
    public struct Given: Sendable {
        public let name: String
        public let bytes: [UInt8]

        public init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    private let keys: [VerifierKey]
    private let trust: [Certificate]
    private let takesTraining: Bool

    /// - Parameters:
    ///   - keys: of the log and of witnesses; empty where none is known.
    ///   - trust: authorities whose timestamps are believed; empty where the holder named none.
    public init(keys: [VerifierKey], trust: [Certificate] = [], takesTraining: Bool) {
        self.keys = keys
        self.trust = trust
        self.takesTraining = takesTraining
    }

    /// - Parameter bytes: of the `closing-stated` event.
    public func report(on bytes: [UInt8], given: [Given]) -> Report {
        var report = Report()
        guard let event = report.check("statement", "closing", "a canonical event", { try Event(canonical: bytes) }) else {
            return report
        }
        guard let statement = event.fact as? ClosingStated else {
            report.fails("statement", "closing", "it is another event: \(type(of: event.fact).type)")
            return report
        }
        if event.log == .training, !takesTraining {
            report.fails("log", "closing", "it is of the training log: it says nothing of a real procedure")
        }
        let subject = "closing of \(statement.consultation)"
        let counts = ClosingVerdict.allCases.compactMap { verdict in
            let count = statement.entries(verdict).count
            return count > 0 ? "\(count) \(verdict.rawValue)" : nil
        }
        report.note(
            "statement", subject,
            "deadline \(statement.deadline.instant) (version \(statement.deadline.version)); "
                + (counts.isEmpty ? "no bid" : counts.joined(separator: ", ")) + "; \(statement.attempts) failed attempts")
        if event.at >= statement.deadline.closesAt {
            report.holds("deadline", subject, "made at \(event.at), when the deadline's second was over")
        } else {
            report.fails("deadline", subject, "made at \(event.at), before the deadline's second was over")
        }
        for outage in statement.outages {
            report.note("outage", subject, "\(outage.cause) from \(outage.from) to \(outage.to)")
        }
        if statement.isHeld {
            report.note("held", subject, "an outage lies over the deadline: nothing was to be opened before the buyer reopened or waived")
        }
        var evidence = ClosingEvidence(statement, digest: Digest(of: bytes), log: event.log)
        evidence.sort(given, ReceiptVerifier(keys: keys, trust: trust, takesTraining: takesTraining), &report)
        evidence.checkLeaves(&report)
        evidence.checkLines(&report)
        evidence.checkMinutes(&report)
        let checkpoints = evidence.checkProofs(of: bytes, subject, keys, &report)
        let stamps = evidence.checkTokens(trust, &report)
        report.checkTime(of: subject, logged: event.at, stamps: stamps, checkpoints: checkpoints)
        return report
    }
}
