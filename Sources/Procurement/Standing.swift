public import Canonical

/// Where a consultation stands with its bids, seen from one depositor.
public struct Standing: Sendable, Equatable {
    /// Bids of all depositors.
    public let bids: Int
    /// Bids of this depositor.
    public let own: Int
    /// The last of them in log order.
    public let last: Identifier?

    public init(bids: Int, own: Int, last: Identifier?) {
        self.bids = bids
        self.own = own
        self.last = last
    }

    /// Bids of one depositor in one consultation, so that none can flood the others' list.
    public static let mostOwn = 20_000
    /// Bids of a consultation. Its closing statement (four values for each bid) and the minutes of an opening (twenty, with one
    /// document) must be written and read as one object of 2^20 values at most; past that nothing could ever be opened,
    /// or concluded. Uploads under way when it is reached still come in.
    public static let mostBids = 40_000
}
