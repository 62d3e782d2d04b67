internal import Canonical
internal import Merkle
internal import OpenSSL
internal import Procurement
internal import Sealing

extension ReceiptPage {
    /// From the entries of a container. Nothing is verified but that they belong to one bid and read.
    init(
        leaf: [UInt8], seal: [UInt8], lists: [ReceiptContainer.List], proof: [UInt8], token: [UInt8]?
    ) throws(EvidenceError) {
        do {
            event = try Event(canonical: leaf)
            guard let fact = event.fact as? BidReceived else { throw EvidenceError("the leaf is no bid-received event") }
            bid = fact
            self.seal = try Seal(canonical: seal)
            guard fact.seal == self.seal.digest else { throw EvidenceError("the leaf is of another seal") }
            guard lists.isEmpty || lists.map({ Digest(of: $0.bytes) }) == self.seal.parts.map(\.contents) else {
                throw EvidenceError("the lists of documents are not those of the seal")
            }
            manifests = try lists.map { try Manifest(canonical: $0.bytes) }
            let log = try LogProof(proof)
            let checkpoint = log.checkpoint
            place = Place(origin: checkpoint.origin, index: log.index, size: checkpoint.size)
            stamp = try token.map { token in
                let token = try TimestampToken(der: token)
                return Stamp(instant: Instant(milliseconds: token.genTime), authority: token.authorityName)
            }
        } catch let error as EvidenceError {
            throw error
        } catch {
            throw EvidenceError("no page can be made of it: \(error)")
        }
        self.leaf = leaf
    }
}

extension TimestampToken {
    /// Who says to have made it, before anybody vouched for that.
    var authorityName: String { certificates.first?.shortName ?? "?" }
}
