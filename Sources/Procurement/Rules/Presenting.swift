public import Canonical

/// What a receipt that holds proves of a register, after a loss.
public enum Presenting {
    /// A generation of the log that the receipt is of, as the register has it.
    public struct Place: Sendable {
        /// Where the receipt's leaf stood, in its generation's count.
        public let position: Int64
        /// Events of the log at the end of the generation, or now.
        public let count: Int64
        /// The leaf hash that the generation has at the position; nil beyond its end.
        public let leaf: Digest?
        /// From which position on the next generation says that nothing was recovered; nil where it says no such thing.
        public let lost: Int64?

        public init(position: Int64, count: Int64, leaf: Digest?, lost: Int64?) {
            self.position = position
            self.count = count
            self.leaf = leaf
            self.lost = lost
        }
    }

    /// - Returns: nil where the register has the leaf at its place, and nothing is to be recorded.
    public static func standing(of leaf: Digest, at place: Place) -> ReceiptPresented.Standing? {
        if place.position < place.count { return place.leaf == leaf ? nil : .contradicting }
        if let lost = place.lost, place.position >= lost { return .lost }
        return .contradicting
    }

    /// A company presents its own bids' receipts, a buyer those that were handed to it.
    ///
    /// - Parameter consultation: nil where it is lost itself.
    public static func check(_ bid: BidReceived, of consultation: Consultation?, by principal: Principal) throws(Refusal) {
        try Permission.check(principal, may: .present)
        if principal.kind == .company {
            guard principal.roles.contains(.bidder) else { throw Refusal(.forbidden) }
            guard bid.depositor == principal.account else {
                throw Refusal(.receipt, "The check `depositor` does not hold: it is the receipt of another account.")
            }
        } else {
            guard principal.roles.contains(.buyer), let consultation, consultation.account == principal.account else {
                throw Refusal(.forbidden)
            }
        }
    }
}
