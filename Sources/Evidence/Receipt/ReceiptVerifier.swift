public import Canonical
public import Merkle
public import OpenSSL
internal import Procurement
internal import Sealing

/// Checks a receipt link by link, offline: documents → manifest → seal → leaf → ASiC manifest → log proof → checkpoint's
/// signature → timestamp token. Each link is a line of the ``Report``.
///
/// Who made the receipt is the attacker: an operator who wants a bidder to believe in a bid that is not in the log, or one
/// who denies it; and a bidder who wants a judge to believe in another bid, other documents or another instant.
public struct ReceiptVerifier: Sendable {
    /// A file that the holder says to have deposited.
    public struct Given: Sendable {
        /// Without its folders.
        public let name: String
        public let length: Int64
        public let sha256: Digest

        public init(name: String, length: Int64, sha256: Digest) {
            self.name = name
            self.length = length
            self.sha256 = sha256
        }
    }

    /// Keys of the log, one for each generation, and of witnesses.
    public let keys: [VerifierKey]
    /// Authorities whose timestamps are believed; empty where the holder named none.
    public let trust: [Certificate]
    public let takesTraining: Bool

    public init(keys: [VerifierKey], trust: [Certificate], takesTraining: Bool) {
        self.keys = keys
        self.trust = trust
        self.takesTraining = takesTraining
    }

    /// - Parameters:
    ///   - file: the container, of at most ``ReceiptContainer/longest`` bytes.
    ///   - given: the deposited files, where the holder brings them.
    public func report(on file: [UInt8], given: [Given] = []) -> Report {
        var report = Report()
        let container = report.check("container", "receipt", "an ASiC-E container with the entries of a receipt") {
            try ReceiptContainer(parsing: file)
        }
        guard let container else { return report }
        report.append(self.report(on: container, given: given))
        return report
    }

    /// - Parameter withPages: whether the page and the guide are made again too; they prove nothing, and another version may
    ///   have written them.
    public func report(on container: ReceiptContainer, given: [Given], withPages: Bool = true) -> Report {
        var chain = ReceiptChain(container)
        chain.checkLeaf(takesTraining: takesTraining)
        chain.checkSeal()
        chain.checkManifests()
        chain.checkASiCManifest()
        chain.checkProof(keys)
        chain.checkToken(trust)
        chain.checkInstants()
        chain.checkDocuments(given)
        if withPages { chain.checkPages() }
        return chain.report
    }
}
