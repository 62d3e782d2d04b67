import Canonical
public import Procurement
import Sealing

/// An envelope against its event: the archive's seal is the one logged, every file is the one sealed, and what was written
/// beside them at its arrival says what the event says.
public struct EnvelopeCheck {
    private let bid: BidReceived

    public init(_ bid: BidReceived) { self.bid = bid }

    /// - Parameter read: bytes of a file of the consultation's folder, `<bid>.seal` or `<bid>.<n>`: at most `max` from an offset.
    /// - Returns: bytes of ciphertext.
    public func verify(_ read: (_ name: String, _ offset: Int64, _ max: Int) throws -> [UInt8]) throws -> Int64 {
        let bytes = try read("\(bid.bid).seal", 0, SealingLimits.archive + 1)
        let archive: SealArchive
        do {
            // The log first: an archive that is whole in itself may still be another's.
            _ = try EnvelopeReader(
                .init(bid: bid.bid, consultation: bid.consultation, depositor: bid.depositor, seal: bid.seal, keys: bid.keys),
                archive: bytes)
            archive = try SealArchive(parsing: bytes)
            try archive.checkDigests()
        } catch let error as EnvelopeError {
            throw EvidenceError(error.cause)
        } catch let error as SealingError {
            throw EvidenceError(error.text)
        }
        guard archive.documents.count == bid.documents else {
            throw EvidenceError("the seal has \(archive.documents.count) documents, the event \(bid.documents)")
        }
        try checkArrival(archive.received)
        var total: Int64 = 0
        for number in 1...bid.documents {
            var offset: Int64 = 0
            do {
                try archive.verify(document: number) { max in
                    let bytes = try read("\(bid.bid).\(number)", offset, min(max, 1 << 20))
                    offset += Int64(bytes.count)
                    return bytes
                }
            } catch let error as SealingError {
                throw EvidenceError(error.text)
            }
            total += offset
        }
        return total
    }

    private func checkArrival(_ found: Received) throws(EvidenceError) {
        let same: [(String, Bool)] = [
            ("depositor", found.depositor == bid.depositor), ("user", found.user == bid.user),
            ("intent", found.intent == bid.intent.rawValue), ("bidCodeHash", found.bidCodeHash == bid.bidCode),
            ("started", found.started == bid.started), ("firstByte", found.firstByte == bid.firstByte),
            ("received", found.received == bid.received), ("clock", found.clock == bid.clock.rawValue),
        ]
        if let wrong = same.first(where: { !$0.1 }) {
            throw EvidenceError("received.json has another `\(wrong.0)` than the event")
        }
        // An extension may have come between the last byte and the commit.
        guard found.deadlineVersion <= Int64(bid.deadlineVersion),
            found.deadlineVersion < Int64(bid.deadlineVersion) || found.deadline == bid.deadline
        else { throw EvidenceError("received.json has another `deadline` than the event") }
    }
}
