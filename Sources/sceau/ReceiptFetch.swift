import Canonical
import Evidence
import Sealing

extension Command {
    static let receipt = Command(
        path: ["receipt"],
        summary: "fetch the receipt of a bid",
        discussion: """
            The receipt is one file, an ASiC-E container: the event of the bid as it stands in the log, its seal, the list \
            of its documents, the proof that the log holds it, and the timestamp once there is one; with a page to print and the commands \
            to check it without this tool. 'sceau verify' checks it offline.

            The list is there with the bid code, or with the token that made the deposit; of a bid that was sealed before it was sent \
            this tool adds it, since the platform does not know it. It may be fetched again at any time: \
            the same event, seal and list, with a newer proof.

            'sceau receipt present' brings one back to a vault that lost the bid.
            """,
        operands: [Operand(name: "BID", help: "the bid's identifier, from its deposit")],
        options: [
            .required("out", "FILE", "where to write it; nothing is written over"),
            .optional("bid-code-file", "FILE", "the bid's code"),
            .optional("envelope", "FOLDER", "of a bid sealed by 'sceau bid seal': where the list of its documents is"),
        ],
        run: { (invocation) throws(CommandError) in
            let bid = try invocation.identifier(invocation.operand("BID"), "a bid's identifier")
            let daemon = try Daemon(invocation)
            var fields: [(name: String, value: String)] = []
            if let path = invocation.value("bid-code-file") { fields.append(("Bid-Code", try BidCode.read(at: path))) }
            let bytes = try daemon.bytes(
                ["bids", bid.text, "receipt"], limit: ReceiptContainer.longest, fields: fields)
            var container: ReceiptContainer
            do {
                container = try ReceiptContainer(parsing: bytes)
                if container.lists.isEmpty, let seal = try? Seal(canonical: container.seal), seal.sealedBy == .bidder {
                    container = try complete(container, seal, invocation)
                }
            } catch let error as CommandError {
                throw error
            } catch {
                throw CommandError("what the daemon gave is no receipt: \(error)", .refused)
            }
            try OutputFile.create(try invocation.required("out"), container.encoded().span)
            if container.lists.isEmpty, (try? Seal(canonical: container.seal))?.sealedBy == .bidder {
                invocation.terminal.note("this copy is without the list of documents, which only who sealed them has: give its folder with --envelope")
            } else if container.lists.isEmpty {
                invocation.terminal.note("this copy is without the list of documents: give the bid's code with --bid-code-file")
            }
            if container.token == nil {
                invocation.terminal.note("the receipt is provisional: fetch it again for its timestamp")
            }
            return .done
        })
}

extension Command {
    /// Adds the lists that the platform could not give: the seal names them by their digests.
    private static func complete(
        _ container: ReceiptContainer, _ seal: Seal, _ invocation: Invocation
    ) throws -> ReceiptContainer {
        let lists: [[UInt8]]
        if let path = invocation.value("envelope") {
            let folder = try SealedFolder(path)
            guard folder.envelope.seal == seal else { throw CommandError("'\(path)' holds another bid than this one", .refused) }
            lists = folder.manifests
        } else {
            lists = try KeptManifests.find(seal, in: invocation.home())
        }
        guard !lists.isEmpty else { return container }
        return try ReceiptContainer(
            leaf: container.leaf, seal: container.seal,
            lists: zip(seal.parts, lists).map { ReceiptContainer.List(part: $0.part, bytes: $1) }, proof: container.proof,
            token: container.token)
    }
}
