import Canonical
import Procurement

/// How the API names a document of a draft: the bid and a number, `<bid>-<n>`.
struct DocumentName: Sendable, Equatable {
    let bid: Identifier
    let number: Int

    init(bid: Identifier, number: Int) {
        self.bid = bid
        self.number = number
    }

    /// - Throws: 404 for what names nothing.
    init(_ text: String) throws(Refusal) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let bid = try? Identifier(String(parts[0])), let number = Int(parts[1]), number > 0,
            String(number) == parts[1]
        else { throw Refusal(.notFound) }
        self.init(bid: bid, number: number)
    }

    var text: String { "\(bid.text)-\(number)" }
}
