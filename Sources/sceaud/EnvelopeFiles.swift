import Canonical
import Linux
import Procurement
import Sealing

/// The files below `envelopes/`, and those that no event names.
struct EnvelopeFiles {
    private var names: Set<String> = []

    init(_ root: DurableFolder) throws(LinuxError) {
        for name in try root.list(max: 1_000_000) {
            guard (try? Identifier(name)) != nil, let folder = try? root.folder(name) else {
                names.insert(name)
                continue
            }
            for file in try folder.list(max: 4_000_000) { names.insert("\(name)/\(file)") }
        }
    }

    mutating func remove(_ bid: BidReceived) {
        names.remove("\(bid.consultation)/\(bid.bid).seal")
        for number in 1...bid.documents { names.remove("\(bid.consultation)/\(bid.bid).\(number)") }
    }

    var unnamed: [String] { names.sorted() }

    /// An envelope against its event: the archive's seal is the one logged, every file is the one sealed.
    ///
    /// - Returns: bytes of ciphertext.
    static func verify(_ bid: BidReceived, in root: DurableFolder) throws(EnvelopeFinding) -> Int64 {
        let folder: DurableFolder
        let bytes: [UInt8]
        do {
            folder = try root.folder(bid.consultation.text)
            bytes = try folder.readAll("\(bid.bid).seal", max: SealingLimits.archive)
        } catch {
            throw EnvelopeFinding("\(bid.consultation)/\(bid.bid).seal: \(error)")
        }
        let archive: SealArchive
        do {
            // The log first: an archive that is whole in itself may still be another's.
            _ = try EnvelopeReader(
                .init(
                    bid: bid.bid, consultation: bid.consultation, depositor: bid.depositor, seal: bid.seal, keys: bid.keys),
                archive: bytes)
        } catch {
            throw EnvelopeFinding(error.cause)
        }
        do {
            archive = try SealArchive(parsing: bytes)
            try archive.checkDigests()
        } catch {
            throw EnvelopeFinding(error.text)
        }
        guard archive.documents.count == bid.documents else {
            throw EnvelopeFinding("the seal has \(archive.documents.count) documents, the event \(bid.documents)")
        }
        var total: Int64 = 0
        for number in 1...bid.documents {
            do {
                let file = try folder.open("\(bid.bid).\(number)")
                var offset: Int64 = 0
                try archive.verify(document: number) { max in
                    let bytes = try file.read(at: offset, max: min(max, 1 << 20))
                    offset += Int64(bytes.count)
                    return bytes
                }
                file.forget()
                total += offset
            } catch let error as SealingError {
                throw EnvelopeFinding(error.text)
            } catch {
                throw EnvelopeFinding("document \(number): its file: \(error)")
            }
        }
        return total
    }
}

/// What does not hold of one envelope.
struct EnvelopeFinding: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
