import Canonical
import Procurement
import Records
import Rehearsal

/// The real log of a data folder, read from the register's own file as an auditor would, beside a running daemon or without.
struct LoggedEvents {
    struct Entry {
        let position: Int64
        /// RFC 6962 leaf hash, in hex, as receipts have it.
        let leaf: String
        let fact: any Fact
    }

    let entries: [Entry]

    init(of instance: Rehearsal.Instance) throws {
        entries = try Register.inspect(data: instance.data) { read in
            var entries: [Entry] = []
            var count = -1
            while entries.count != count {
                count = entries.count
                try read { snapshot in
                    for bytes in try snapshot.events(.real, from: Int64(entries.count), limit: 1000) {
                        entries.append(
                            Entry(
                                position: Int64(entries.count), leaf: LogHead.leaf(bytes).hex,
                                fact: try Event(canonical: bytes).fact))
                    }
                }
            }
            return entries
        }
    }

    func facts<Kind: Fact>(_ kind: Kind.Type) -> [Kind] { entries.compactMap { $0.fact as? Kind } }

    /// Every bid, by its identifier.
    var bids: [String: Entry] {
        var bids: [String: Entry] = [:]
        for entry in entries { if let fact = entry.fact as? BidReceived { bids[fact.bid.text] = entry } }
        return bids
    }

    /// The files below `envelopes/` that have a right to be there.
    var namedFiles: Set<String> {
        Set(
            facts(BidReceived.self).flatMap { bid in
                ["\(bid.consultation)/\(bid.bid).seal"]
                    + (1...bid.submission.documents).map { "\(bid.consultation)/\(bid.bid).\($0)" }
            })
    }

    /// What the starts said that they moved, by the names that it has in `lost+found`.
    var setAside: Set<String> { Set(facts(SetAside.self).map { $0.file.replacing("/", with: ".") }) }
}
