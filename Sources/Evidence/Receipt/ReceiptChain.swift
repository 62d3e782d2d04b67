internal import Canonical
internal import Merkle
internal import OpenSSL
internal import Procurement
internal import Sealing

/// The links of one receipt, checked in order. A link that fails is named; what hangs on it is not claimed to hold.
struct ReceiptChain {
    let container: ReceiptContainer
    var report = Report()

    // What the links found, each only once its own check held.
    var event: Event?
    var bid: BidReceived?
    var seal: Seal?
    /// Empty where they are absent or do not hold.
    var manifests: [Manifest] = []
    var checkpoint: VerifiedCheckpoint?
    var stamp: Stamp?

    init(_ container: ReceiptContainer) { self.container = container }

    mutating func checkLeaf(takesTraining: Bool) {
        let read = report.check("leaf", "leaf.json", "an event bid-received in its one writing") { [container] in
            let event = try Event(canonical: container.leaf)
            guard let bid = event.fact as? BidReceived else { throw EvidenceError("it is no bid-received event") }
            return (event, bid)
        }
        guard let (event, bid) = read else { return }
        (self.event, self.bid) = (event, bid)
        if event.log == .training {
            let text = "a training receipt: nothing real was deposited"
            if takesTraining {
                report.note("training", "leaf.json", text)
            } else {
                report.fails("training", "leaf.json", "\(text); --training takes it as such")
            }
        }
        report.note(
            "bid", bid.bid.text,
            "\(bid.by.name) deposited for \(bid.subject.buyer): \(bid.subject.reference), \(bid.subject.title); "
                + "received \(bid.received), deadline \(bid.deadline), \(bid.verdict.rawValue)")
    }

    mutating func checkSeal() {
        guard let bid else { return }
        seal = report.check("seal", "seal.json", "its SHA-256 is the seal in the leaf, and both speak of one bid") { [container] in
            guard Digest(of: container.seal) == bid.seal else { throw EvidenceError("the leaf is of another seal") }
            let seal = try Seal(canonical: container.seal)
            guard seal.bid == bid.bid, seal.consultation == bid.consultation, seal.keys == bid.keys,
                seal.sealedBy.rawValue == bid.sealedBy.rawValue, seal.documents.count == bid.documents
            else { throw EvidenceError("leaf and seal speak of different bids, keys or numbers of documents") }
            return seal
        }
    }

    mutating func checkManifests() {
        guard let seal, let bid else { return }
        guard !container.lists.isEmpty else {
            return report.note(
                "manifest", "receipt",
                seal.sealedBy == .bidder
                    ? "this copy is without the list of documents, which only the bidder who sealed them has: its tool adds it"
                    : "this copy is without the list of documents, which the bid code opens")
        }
        guard container.lists.map(\.path) == seal.parts.map({ ReceiptManifest.path(manifestOf: $0.part) }) else {
            return report.fails("manifest", "receipt", "the lists of documents are not those of the seal's parts, in its order")
        }
        var found: [Manifest] = []
        for (list, part) in zip(container.lists, seal.parts) {
            let manifest = report.check("manifest", list.path, "its SHA-256 is that of the seal's contents, of this depositor and consultation") {
                guard Digest(of: list.bytes) == part.contents else {
                    throw EvidenceError("the list of documents is not the one that was sealed")
                }
                let manifest = try Manifest(canonical: list.bytes)
                guard manifest.part == part.part, manifest.consultation == bid.consultation, manifest.depositor == bid.depositor
                else { throw EvidenceError("it is of another part, consultation or depositor") }
                guard manifest.documents.map(\.length) == seal.documents.filter({ $0.part == part.part }).map(\.length) else {
                    throw EvidenceError("its documents are not as many or as long as those that were sealed")
                }
                return manifest
            }
            if let manifest { found.append(manifest) }
        }
        if found.count == seal.parts.count { manifests = found }
    }

    mutating func checkASiCManifest() {
        report.check("asic-manifest", ReceiptManifest.path, "it names leaf, seal and lists by their SHA-256") { [container] in
            guard try ReceiptManifest(leaf: container.leaf, seal: container.seal).bytes == container.asicManifest else {
                throw EvidenceError("it is not the one that follows from leaf and seal")
            }
        }
    }

    mutating func checkProof(_ keys: [VerifierKey]) {
        let path = ReceiptContainer.proofPath
        let proof = report.check("log-proof", path, "the leaf leads to the checkpoint's root") { [container] in
            let proof = try LogProof(container.proof)
            guard proof.extra == nil else { throw EvidenceError("it bears data that nobody signed") }
            let checkpoint = proof.checkpoint
            try InclusionProof(index: proof.index, size: checkpoint.size, hashes: proof.hashes)
                .verify(leaf: MerkleTree.leaf(container.leaf), root: checkpoint.root)
            return (proof, checkpoint)
        }
        guard let (proof, checkpoint) = proof else { return }
        checkOrigin(checkpoint.origin, keys)
        self.checkpoint = report.check("checkpoint", path, "leaf \(proof.index) of \(checkpoint.size), signed by \(checkpoint.origin)") { [container] in
            guard !keys.isEmpty else { throw EvidenceError("no public key of the log was given") }
            return try proof.verify(entry: container.leaf, keys: keys)
        }
        guard let verified = self.checkpoint else { return }
        for witness in verified.witnesses {
            report.holds("witness", witness.key.name, "a witness signed the same checkpoint")
        }
        report.noteStrangers(on: proof.note, beside: verified)
    }

    /// A receipt of another instance, or of its other log, is no receipt here, however good its own proof.
    private mutating func checkOrigin(_ origin: String, _ keys: [VerifierKey]) {
        guard let bid, let event else { return }
        let own = "sceau/\(bid.instance)/\(event.log.rawValue)"
        let words = origin.split(separator: "/", omittingEmptySubsequences: false)
        let isOwn = origin == own || (words.count == 4 && origin.hasPrefix(own + "/") && Int(words[3]).map { $0 > 1 && String($0) == words[3] } == true)
        guard isOwn else {
            return report.fails("instance", "leaf.json", "the leaf says \(own), the log is \(origin)")
        }
        let logs = keys.filter { $0.kind == .note }.map(\.name)
        guard logs.isEmpty || logs.contains(origin) else {
            return report.fails("instance", "leaf.json", "a receipt of \(origin); the key given is of \(logs.joined(separator: ", "))")
        }
        report.holds("instance", "leaf.json", "leaf and log are of one instance: \(origin)")
    }
}
