import Canonical
import Linux
import Procurement

/// Brings the envelopes that a register names from one store to another. What is there and whole is not copied again; what
/// was copied is read back from where it came to, and held against its event.
struct EnvelopeCopies {
    let source: DurableFolder
    let target: DurableFolder
    private(set) var copied = 0
    private(set) var bytes: Int64 = 0
    /// What does not hold, or is not there, in the source itself.
    private(set) var findings: [String] = []

    init(from source: DurableFolder, to target: DurableFolder) {
        self.source = source
        self.target = target
    }

    /// - Throws: where the target fails; a source that fails is a finding, for the other envelopes must not wait for it.
    mutating func bring(_ bids: [BidReceived]) throws {
        for bid in bids {
            if let length = try? EnvelopeFiles.verify(bid, in: target) {
                bytes += length
                continue
            }
            do {
                _ = try EnvelopeFiles.verify(bid, in: source)
            } catch {
                findings.append("bid \(bid.bid): \(error)")
                continue
            }
            let from = try source.folder(bid.consultation.text)
            let to = try FileCopy.folder(bid.consultation.text, in: target)
            for number in 1...bid.documents { try FileCopy.copy("\(bid.bid).\(number)", from: from, to: to) }
            try FileCopy.copy("\(bid.bid).seal", from: from, to: to)
            try to.sync()
            do {
                bytes += try EnvelopeFiles.verify(bid, in: target)
            } catch {
                throw DaemonError("bid \(bid.bid) was copied, and does not read back as it was: \(error)", hint: "is the disk sound?")
            }
            copied += 1
        }
    }
}
