import Canonical
import Evidence
import Foundation

extension Command {
    static let closingVerify = Command(
        path: ["closing", "verify"],
        summary: "check a closing statement offline, against whatever else you have",
        discussion: """
            Needs no daemon and no network. CLOSING is the statement as `sceau open` left it, closing.json. Each file of --with is \
            told apart by its content: a bid's leaf, a bidder's line, minutes, what was communicated of them, a log proof. One \
            line for each check goes to stdout: what holds, what FAILS, and what rests on the operator's word, which nothing \
            contradicts and nobody else vouches for.

            The log's keys are public: they should reach you by another way than the statement.

            Exit status: 0 only if all holds; 4 if anything fails, 2 if the command line is wrong, 1 if a file cannot be read.
            """,
        operands: [Operand(name: "CLOSING", help: "the statement: closing.json")],
        options: [
            .several("with", "FILE", "what it is to be held against"),
            .optional("log", "FILE", "public keys of the log and of witnesses, one a line"),
            .flag("training", "take evidence of the training log, which is refused otherwise"),
            Command.json,
        ],
        run: { (invocation) throws(CommandError) in
            /// Bytes of one file: minutes of the most bids that there may be.
            let longest = 96 << 20
            let keys = try invocation.value("log").map { (path) throws(CommandError) in try ClosingProof(path).keys } ?? []
            var given: [ClosingVerifier.Given] = []
            for path in invocation.values("with") {
                given.append(
                    .init(
                        name: URL(fileURLWithPath: path).lastPathComponent, bytes: try InputFile.read(path, max: longest)))
            }
            let report = ClosingVerifier(keys: keys, takesTraining: invocation.has("training")).report(
                on: try InputFile.read(invocation.operand("CLOSING"), max: longest), given: given)
            try invocation.terminal.write(
                invocation.wantsJSON ? String(decoding: report.json.encoded(), as: UTF8.self) + "\n" : report.text)
            return report.isGood ? .done : .refused
        })
}
