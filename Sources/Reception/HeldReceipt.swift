import Canonical
import Evidence
import Merkle
import Procurement

/// A receipt of which every check that is made without a register holds.
struct HeldReceipt: Sendable {
    let bid: BidReceived
    let log: Log
    /// RFC 6962 leaf hash.
    let leaf: Digest
    let proof: LogProof
    let checks: [ReceiptPresented.Check]
    /// The container without lists of documents: what may be kept.
    let bare: [UInt8]

    /// - Parameters:
    ///   - file: as it came.
    ///   - keys: of all generations of this vault's logs.
    /// - Throws: `receipt`, which names the first check that fails. Never the check's own words: they quote the evidence.
    init(_ file: [UInt8], keys: [VerifierKey]) throws {
        let container: ReceiptContainer
        do { container = try ReceiptContainer(parsing: file) } catch { throw Self.refusal("container") }
        // A training receipt belongs in the training log, whose key alone signs it. Whose authority stamped it is the reader's to judge.
        let report = ReceiptVerifier(keys: keys, trust: [], takesTraining: true)
            .report(on: container, given: [], withPages: false)
        if let failed = report.checks.first(where: { $0.outcome == .fails }) { throw Self.refusal(failed.name) }
        guard report.isGood, let event = try? Event(canonical: container.leaf), let bid = event.fact as? BidReceived,
            let proof = try? LogProof(container.proof)
        else { throw Self.refusal("leaf") }
        self.bid = bid
        log = event.log
        leaf = MerkleTree.leaf(container.leaf)
        self.proof = proof
        checks = Self.checks(report)
        guard
            let bare = try? ReceiptContainer(
                leaf: container.leaf, seal: container.seal, lists: [], proof: container.proof, token: container.token)
        else { throw Self.refusal("seal") }
        self.bare = bare.encoded()
    }

    /// Each once; of several of one name the weakest counts.
    private static func checks(_ report: Report) -> [ReceiptPresented.Check] {
        var names: [String] = []
        var onWord: Set<String> = []
        for check in report.checks where check.outcome != .note {
            if !names.contains(check.name) { names.append(check.name) }
            if check.outcome == .operatorsWord { onWord.insert(check.name) }
        }
        return names.map { .init(name: $0, outcome: onWord.contains($0) ? .operatorsWord : .holds) }
    }

    private static func refusal(_ check: String) -> Refusal {
        let why =
            switch check {
            case "container": "it is no receipt's container, or was changed"
            case "leaf": "its leaf is no bid's event"
            case "seal": "leaf and seal do not belong together"
            case "manifest": "a list of documents is not the one that was sealed"
            case "asic-manifest": "its ASiC manifest is not that of leaf and seal"
            case "log-proof": "the leaf does not lead to the checkpoint"
            case "instance": "it is of another vault, or of its other log"
            case "checkpoint": "no key of this vault's logs signed the checkpoint"
            case "timestamp", "stamp-order": "its timestamp does not hold"
            default: "the receipt contradicts itself"
            }
        return Refusal(.receipt, "The check `\(check)` does not hold: \(why).")
    }
}
