import Canonical
import Client
import Foundation

/// A receipt held against what was sent.
struct ReceiptCheck {
    struct Document: Hashable {
        /// nil where none was asked for.
        let part: String?
        let name: String
        let length: Int64
        let sha256: Digest
    }

    private let invocation: Invocation
    private let id: Identifier

    init(_ invocation: Invocation, _ id: Identifier) {
        self.invocation = invocation
        self.id = id
    }

    /// Shows the receipt, keeps the code that it gives, and says what is wrong with it.
    func report(_ answer: Answer, sent: [Document]) throws(CommandError) {
        let receipt = try show(answer)
        let isPartNamed = sent.allSatisfy { $0.part != nil }
        let listed = receipt.documents.map {
            Document(part: isPartNamed ? $0.part : nil, name: $0.name, length: $0.length, sha256: $0.sha256)
        }
        // The same name may stand in two folders: a count of each.
        let counts = { (documents: [Document]) in Dictionary(documents.map { ($0, 1) }, uniquingKeysWith: +) }
        guard receipt.consultation == id, counts(listed) == counts(sent) else {
            let what = sent.count == 1 ? "consultation, name, length or SHA-256 (\(sent[0].sha256.hex)) differ" : "consultation or documents differ"
            throw CommandError(
                "the receipt is not about what was sent: \(what)", hint: "keep the receipt, and tell the buyer at once", .refused)
        }
        judge(receipt)
    }

    func show(_ answer: Answer) throws(CommandError) -> ReceiptView {
        let receipt: ReceiptView
        do { receipt = try JSONDecoder().decode(ReceiptView.self, from: Data(answer.body)) } catch {
            throw CommandError("the daemon's receipt cannot be read")
        }
        try invocation.terminal.write(String(decoding: answer.body, as: UTF8.self))
        if answer.body.last != 0x0A { try invocation.terminal.write("\n") }
        if let code = receipt.bidCode { try UnfinishedBids.keep(code: code, of: receipt.bid, in: invocation.home()) }
        return receipt
    }

    func judge(_ receipt: ReceiptView) {
        if let keys = receipt.keys, let given = try? invocation.fingerprint("key"), keys != given {
            invocation.terminal.warn(
                "THIS BID IS SEALED TO OTHER KEYS THAN THOSE GIVEN, \(keys.hex): it had begun before keys were added. Those keys' committee opens it; "
                    + "deposit once more to have it sealed to the keys given")
        }
        if receipt.verdict == "pending" {
            invocation.terminal.warn(
                "the platform's clock is not believed now: the bid is kept, and judged once it is; its instants stand in the receipt")
        } else if receipt.verdict != "on-time" { invocation.terminal.warn("the bid was received after the deadline") }
    }
}

struct ReceiptView: Decodable {
    struct DocumentView: Decodable {
        let part: String
        let name: String
        let length: Int64
        let sha256: Digest
    }
    let bid: Identifier
    let consultation: Identifier
    let depositor: Identifier
    let verdict: String
    let seal: Digest
    let keys: Digest?
    let sealedBy: String
    let documents: [DocumentView]
    let bidCode: Identifier?
}
