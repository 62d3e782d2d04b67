import Canonical
import Evidence

extension Command {
    static let receipt = Command(
        path: ["receipt"],
        summary: "fetch the receipt of a bid",
        discussion: """
            The receipt is one file, an ASiC-E container: the event of the bid as it stands in the log, its seal, the list \
            of its documents, the proof that the log holds it, and the timestamp once there is one; with a page to print and the commands \
            to check it without this tool. 'sceau verify' checks it offline.

            The list is there with the bid code, or with the token that made the deposit. It may be fetched again at any time: \
            the same event, seal and list, with a newer proof.

            'sceau receipt present' brings one back to a vault that lost the bid.
            """,
        operands: [Operand(name: "BID", help: "the bid's identifier, from its deposit")],
        options: [
            .required("out", "FILE", "where to write it; nothing is written over"),
            .optional("bid-code-file", "FILE", "the bid's code"),
        ],
        run: { (invocation) throws(CommandError) in
            let bid = try invocation.identifier(invocation.operand("BID"), "a bid's identifier")
            let daemon = try Daemon(invocation)
            var fields: [(name: String, value: String)] = []
            if let path = invocation.value("bid-code-file") { fields.append(("Bid-Code", try BidCode.read(at: path))) }
            let bytes = try daemon.bytes(
                ["bids", bid.text, "receipt"], limit: ReceiptContainer.longest, fields: fields)
            let container: ReceiptContainer
            do { container = try ReceiptContainer(parsing: bytes) } catch {
                throw CommandError("what the daemon gave is no receipt: \(error)", .refused)
            }
            try OutputFile.create(try invocation.required("out"), bytes.span)
            if container.lists.isEmpty {
                invocation.terminal.note("this copy is without the list of documents: give the bid's code with --bid-code-file")
            }
            if container.token == nil {
                invocation.terminal.note("the receipt is provisional: fetch it again for its timestamp")
            }
            return .done
        })
}
