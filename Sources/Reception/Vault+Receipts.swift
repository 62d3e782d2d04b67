public import Canonical
public import Evidence
import Linux
import Merkle
import OpenSSL
public import Procurement
import Records
import Sealing

extension Vault {
    /// The receipt of a bid as its container, made anew from what is recorded: the same leaf, seal and lists each time, the
    /// newest proof, and the timestamp as soon as there is one.
    ///
    /// - Parameters:
    ///   - bidCode: as it came. With the bid's own the lists of documents are there; with another one nothing is.
    ///   - token: the bearer token as it came. Without a code, the one that made the deposit opens the lists.
    /// - Throws: 404 for whoever is not its depositor, 403 for a wrong code.
    public func receipt(
        of bid: Identifier, for principal: Principal, bidCode: String?, token: [UInt8]
    ) throws -> ReceiptContainer {
        try Permission.check(principal, may: .readReceipt)
        let kept = try register.read { [self] register in
            guard let entry = try register.bid(bid) else { throw Refusal(.notFound) }
            let consultation = try self.consultation(entry.consultation, in: register)
            try consultation.checkReceipt(of: entry, for: principal)
            guard let leaf = try register.event(consultation.log, at: entry.position) else {
                throw VaultFailure.register("the event of a bid is missing")
            }
            return KeptReceipt(
                leaf: leaf, proof: try register.proof(of: consultation.log, position: entry.position).encoded,
                token: try self.stamp(ofBid: bid, in: register)?.token,
                lists: try register.keptReceipt(of: bid).map { kept in
                    (code: try register.object(kept.manifests), token: try kept.tokenManifests.flatMap { try register.object($0) })
                })
        }
        guard let fact = try Event(canonical: kept.leaf).fact as? BidReceived else {
            throw VaultFailure.register("the event of a bid does not read")
        }
        let seal = try sealBytes(of: fact)
        let manifests = try lists(of: fact, kept, bidCode: bidCode, token: token)
        return try ReceiptContainer(
            leaf: kept.leaf, seal: seal,
            lists: zip(try Seal(canonical: seal).parts, manifests).map { ReceiptContainer.List(part: $0.part, bytes: $1) },
            proof: kept.proof, token: kept.token)
    }

    private struct KeptReceipt {
        let leaf: [UInt8]
        let proof: [UInt8]
        let token: [UInt8]?
        /// nil for a bid recorded before lists were kept.
        let lists: (code: [UInt8]?, token: [UInt8]?)?
    }

    /// None without a key that opens them.
    private func lists(
        of bid: BidReceived, _ kept: KeptReceipt, bidCode: String?, token: [UInt8]
    ) throws -> [[UInt8]] {
        let place = KeptLists.Place(bid)
        if let bidCode {
            // One that is none, and one of another bid: the same word.
            guard let code = try? BidCode(bidCode), code.digest == bid.bidCode else { throw Refusal(.forbidden) }
            guard let sealed = kept.lists?.code else { return [] }
            do { return try KeptLists.opening(sealed, under: code.key(for: bid.bid), place: place).manifests } catch {
                throw VaultFailure.register("the lists of a bid do not open under its code: \(error)")
            }
        }
        guard let sealed = kept.lists?.token else { return [] }
        // Another token of the account gets the receipt without them.
        return (try? KeptLists.opening(sealed, under: ReceiptKey(token: token, bid: bid.bid), place: place).manifests) ?? []
    }

    func sealBytes(of bid: BidReceived) throws -> [UInt8] {
        let file = try envelopes.read(EnvelopeStore.sealName(bid.bid), of: bid.consultation)
        var offset: Int64 = 0
        return try SealArchive.sealBytes(bid.seal) { count in
            let bytes = try file.read(at: offset, max: count)
            offset += Int64(bytes.count)
            return bytes
        }
    }
}
