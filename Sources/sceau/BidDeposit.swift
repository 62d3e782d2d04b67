import Canonical
import Client
import Foundation
import OpenSSL

extension Command {
    static let bidDeposit = Command(
        path: ["bid", "deposit"],
        summary: "deposit a bid of one file",
        discussion: """
            The file goes to the daemon over TLS and is sealed there as it arrives. The receipt goes to stdout as \
            JSON: keep it. It says when the last byte came, whether that was on time, and the SHA-256 of what was \
            received, which this tool compares with what it sent.

            With --key the consultation must have that key set; the fingerprint stands in the tender documents. \
            Without it the key is taken on the platform's word.

            If the connection is lost before the receipt, run the same command again with the --idempotency-key \
            that the error names: one bid, one receipt.
            """,
        operands: [.consultation, Operand(name: "FILE", help: "the file to deposit")],
        options: [
            .optional("bid-code-file", "FILE", "the bid's code; made and written there if the file does not exist"),
            .optional("key", "FINGERPRINT", "the key set's fingerprint, from the tender documents"),
            .optional("idempotency-key", "KEY", "of an earlier try whose receipt did not arrive"),
        ],
        run: { (invocation) throws(CommandError) in
            let id = try invocation.consultation()
            let daemon = try Daemon(invocation)
            let file = try InputFile(invocation.operand("FILE"))
            guard let length = file.length else {
                throw CommandError(
                    "'\(file.path)' is not a regular file",
                    hint: "a bid is sent with its length: save it to a file first")
            }
            try DepositKeys.check(invocation, daemon, id)
            return try BidDeposit(invocation, daemon, id).send(file, length: length)
        })
}

/// One deposit in one request.
struct BidDeposit {
    private let invocation: Invocation
    private let daemon: Daemon
    private let id: Identifier

    init(_ invocation: Invocation, _ daemon: Daemon, _ id: Identifier) {
        self.invocation = invocation
        self.daemon = daemon
        self.id = id
    }

    func send(_ file: InputFile, length: Int64) throws(CommandError) -> Outcome {
        let key = try idempotencyKey()
        var fields: [(name: String, value: String)] = [("Idempotency-Key", key)]
        if let path = invocation.value("bid-code-file") {
            let (code, isNew) = try BidCode.readOrMake(at: path)
            if isNew { invocation.terminal.note("the bid's code is in '\(path)': keep it, and keep it secret") }
            fields.append(("Bid-Code", code))
        }
        let name = URL(fileURLWithPath: file.path).lastPathComponent
        let progress = invocation.progress(name, total: length)
        let source: DigestingFile
        do { source = try DigestingFile(file) } catch { throw CommandError("\(error)") }
        let answer: Answer
        do {
            let path = ["consultations", id.text, "bid", name]
            answer = try daemon.upload(path, source, length: length, fields: fields) { progress.update($0) }
        } catch {
            progress.finish()
            guard error.outcome == .failed else { throw error }
            throw CommandError(
                error.message,
                hint: "whether the bid was received is not known; the same command with --idempotency-key \(key) "
                    + "gives one bid and its receipt")
        }
        progress.finish()
        do { try report(answer, sent: source.finish(), length: length) } catch {
            guard error.outcome == .failed else { throw error }
            throw CommandError(
                error.message,
                hint: "the bid was received; the same command with --idempotency-key \(key) gives its receipt again")
        }
        return .done
    }

    private func idempotencyKey() throws(CommandError) -> String {
        if let given = invocation.value("idempotency-key") { return given }
        do { return Identifier(random: try Random.sixteen()).text } catch {
            throw CommandError("no random bytes: \(error)")
        }
    }

    private func report(_ answer: Answer, sent: Digest, length: Int64) throws(CommandError) {
        let receipt: ReceiptView
        do { receipt = try JSONDecoder().decode(ReceiptView.self, from: Data(answer.body)) } catch {
            throw CommandError("the daemon's receipt cannot be read")
        }
        try invocation.terminal.write(String(decoding: answer.body, as: UTF8.self))
        if answer.body.last != 0x0A { try invocation.terminal.write("\n") }
        guard receipt.consultation == id, receipt.documents.count == 1, receipt.documents[0].length == length,
            receipt.documents[0].sha256 == sent
        else {
            throw CommandError(
                "the receipt is not about what was sent: consultation, length or SHA-256 (\(sent.hex)) differ",
                hint: "keep the receipt, and tell the buyer at once", .refused)
        }
        if receipt.verdict == "pending" {
            invocation.terminal.warn(
                "the platform's clock is not believed now: the bid is kept, and judged once it is; its instants stand in the receipt")
        } else if receipt.verdict != "on-time" { invocation.terminal.warn("the bid was received after the deadline") }
    }
}

struct ReceiptView: Decodable {
    struct DocumentView: Decodable {
        let name: String
        let length: Int64
        let sha256: Digest
    }
    let bid: Identifier
    let consultation: Identifier
    let verdict: String
    let documents: [DocumentView]
}
