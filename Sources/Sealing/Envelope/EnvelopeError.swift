public import Canonical

/// What is wrong with an envelope: which bid, document and segment, and who answers for it. It stands in the minutes.
public struct EnvelopeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Who answers for it.
    public enum Fault: Sendable, Hashable {
        /// Missing, or altered after it was sealed: it is not what the seal says.
        case keeping
        /// Exactly what was sealed, and yet it does not open or is not what it says.
        case sealing(Seal.Sealer)
    }

    public let bid: Identifier
    /// From 1.
    public let document: Int?
    /// From 1, within the document.
    public let segment: Int?
    public let fault: Fault
    /// What, without bid, document and segment.
    public let reason: String

    public init(bid: Identifier, document: Int? = nil, segment: Int? = nil, fault: Fault, reason: String) {
        self.bid = bid
        self.document = document
        self.segment = segment
        self.fault = fault
        self.reason = reason
    }

    /// "document 2, segment 3: …", as the minutes have it beside the bid.
    public var cause: String {
        let place = [document.map { "document \($0)" }, segment.map { "segment \($0)" }].compactMap(\.self)
        return (place.isEmpty ? "" : place.joined(separator: ", ") + ": ") + reason
    }

    public var description: String { "bid \(bid): \(cause)" }
}
