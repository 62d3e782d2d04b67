import Canonical
import Evidence

extension Command {
    static let receiptPresent = Command(
        path: ["receipt", "present"],
        summary: "after a loss: prove to the daemon that it had received a bid",
        discussion: """
            A vault that was restored from an older backup lacks what came after it, and says so: its consultations are \
            frozen. Whoever holds a receipt of such a bid presents it. This tool checks it first, and sends it without the list of its documents; \
            the daemon checks it with its own keys, says whether it has the bid, and if not, records that it was lost.

            Prints 'present' (the daemon has the bid: nothing is lost), 'lost', or 'contradicting' (the daemon has something else in its place). \
            Presenting it again gives the same answer. A receipt brings no document back: while the consultation is open, deposit again.
            """,
        operands: [Operand(name: "RECEIPT", help: "the file that the deposit, or 'sceau receipt', gave: *.asice")],
        options: [.flag("training", "take the receipt of a training consultation, too"), Command.json],
        run: { (invocation) throws(CommandError) in
            let container = try PresentedReceipt(
                InputFile.read(try invocation.operand("RECEIPT"), max: ReceiptContainer.longest),
                takesTraining: invocation.has("training"))
            let answer: PresentedAnswer = try Daemon(invocation)
                .post(["receipts"], container.bare, type: ReceiptContainer.mediaType)
            guard container.speaks(of: answer.bid) else {
                throw .refused("the daemon's answer is about another bid than the receipt")
            }
            if answer.standing != "present" {
                invocation.terminal.note("recorded as event \(answer.event ?? 0) of the log: keep the receipt and the documents")
                if answer.phase == "published" {
                    invocation.terminal.note("the consultation is still open: deposit the bid again")
                }
            }
            var fields: [String: JSON] = [
                "standing": .string(answer.standing), "bid": .identifier(answer.bid), "leaf": .digest(answer.leaf),
                "generation": .integer(answer.generation), "position": .integer(answer.position),
            ]
            fields["event"] = answer.event.map(JSON.integer)
            fields["presented"] = answer.presented.map(JSON.instant)
            try invocation.answer(answer.standing, json: fields)
            return .done
        })
}

/// A receipt that its holder presents: checked as far as no key is needed, and stripped of what names documents.
private struct PresentedReceipt {
    let bare: [UInt8]
    private let report: Report

    init(_ file: [UInt8], takesTraining: Bool) throws(CommandError) {
        let container: ReceiptContainer
        do { container = try ReceiptContainer(parsing: file) } catch {
            throw .refused("the check 'container' does not hold: \(error)", hint: "a receipt is a file *.asice")
        }
        // Who signed the log, the daemon says: it is its own key. Page and guide prove nothing.
        report = ReceiptVerifier(keys: [], trust: [], takesTraining: takesTraining)
            .report(on: container, given: [], withPages: false)
        if let failed = report.checks.first(where: { $0.outcome == .fails && $0.name != "checkpoint" }) {
            throw .refused(
                "the check '\(failed.name)' does not hold: \(failed.text)",
                hint: failed.name == "training" ? nil : "'sceau verify' says more; fetch the receipt again, or find another copy")
        }
        do {
            bare = try ReceiptContainer(
                leaf: container.leaf, seal: container.seal, lists: [], proof: container.proof, token: container.token
            ).encoded()
        } catch { throw .refused("the receipt contradicts itself: \(error)") }
    }

    func speaks(of bid: Identifier) -> Bool { report.checks.contains { $0.name == "bid" && $0.subject == bid.text } }
}

private struct PresentedAnswer: Decodable {
    let standing: String
    let bid: Identifier
    let leaf: Digest
    let generation: Int64
    let position: Int64
    let event: Int64?
    let presented: Instant?
    let phase: String?
}
