public import Canonical

/// What belongs to a bid's depositor alone was kept with it: the lists of its documents, for the receipt, sealed at rest.
public struct ReceiptKept: Fact {
    public static let type = "receipt-kept"

    public let bid: Identifier
    /// Digest of the object sealed under a key that the bid code gives.
    public let manifests: Digest
    /// Of the same under a key that the deposit's bearer token gives, so that a lost answer loses nothing.
    public let tokenManifests: Digest?

    public init(bid: Identifier, manifests: Digest, tokenManifests: Digest?) {
        self.bid = bid
        self.manifests = manifests
        self.tokenManifests = tokenManifests
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = ["bid": .identifier(bid), "manifests": .digest(manifests)]
        fields["tokenManifests"] = tokenManifests.map(JSON.digest)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        bid = try reader.identifier("bid")
        manifests = try reader.digest("manifests")
        tokenManifests = try reader.optionalDigest("tokenManifests")
    }
}
