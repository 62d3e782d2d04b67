public import Canonical

/// The limits of deposits: public, shown before a deposit, and never lowered for a published consultation.
///
/// No defaults here: the daemon's configuration holds every value in one file.
public struct Limits: Sendable, Equatable {
    /// Bytes of one document.
    public let document: Int64
    /// Bytes of one bid.
    public let bid: Int64
    /// Documents of one bid.
    public let documents: Int64

    public init(document: Int64, bid: Int64, documents: Int64) {
        self.document = document
        self.bid = bid
        self.documents = documents
    }

    public var json: JSON {
        .object(["document": .integer(document), "bid": .integer(bid), "documents": .integer(documents)])
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        document = try reader.integer("document", in: 1...(1 << 50))
        bid = try reader.integer("bid", in: 1...(1 << 50))
        documents = try reader.integer("documents", in: 1...1_000_000)
    }

    static func taking(_ key: String, _ reader: inout FieldReader) throws(CanonicalError) -> Limits {
        var inner = try reader.object(key)
        let limits = try Limits(from: &inner)
        try inner.finish()
        return limits
    }
}
