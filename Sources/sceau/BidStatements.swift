import Canonical
import Client
import Procurement

/// What a bidder says of a bid after it was received, and what it is told.
extension Command {
    private static let bid = Operand(name: "BID", help: "the bid's identifier, from its receipt")
    private static let bidCode = Option.optional("bid-code-file", "FILE", "the bid's code, where this tool did not send the bid")

    static let bidWithdraw = Command(
        path: ["bid", "withdraw"],
        summary: "withdraw a bid, before the deadline",
        discussion: """
            The bid stays where it is, sealed, and is never opened; nobody but its bidder learns of it before the opening. It \
            cannot be taken back: deposit again instead. The event of the log goes to stdout as JSON.
            """,
        operands: [bid], options: [bidCode],
        run: { (invocation) throws(CommandError) in
            let id = try invocation.identifier(invocation.operand("BID"), "a bid's identifier")
            return try act(invocation, on: id, "withdrawal", .object([:])) { ($0 as? BidWithdrawn)?.bid == id }
        })

    static let bidIntent = Command(
        path: ["bid", "intent"],
        summary: "say what a bid is to an earlier one, before the deadline",
        discussion: """
            For a bid that was deposited without a word: whether it replaces the earlier ones, or complements them. Of bids of which \
            nothing is said the last in time is opened. It is said once. The event of the log goes to stdout as JSON.
            """,
        operands: [bid, Operand(name: "INTENT", help: "replaces or complements")], options: [bidCode],
        run: { (invocation) throws(CommandError) in
            let id = try invocation.identifier(invocation.operand("BID"), "a bid's identifier")
            let word = try invocation.operand("INTENT")
            guard let intent = Intent(rawValue: word), intent != .unstated else {
                throw .usage("'\(word)' is no intent", hint: "replaces or complements")
            }
            return try act(invocation, on: id, "intent", .object(["intent": .string(word)])) {
                ($0 as? IntentStated)?.bid == id && ($0 as? IntentStated)?.intent == intent
            }
        })

    static let bidDrafts = Command(
        path: ["bid", "drafts"],
        summary: "list the bids that were begun here and are none yet",
        discussion: "Each goes on by the command that began it. Nothing of one counts before it is submitted.",
        options: [Command.json],
        run: { (invocation) throws(CommandError) in
            let bids = try UnfinishedBids.all(invocation.home())
            let lines = bids.map { bid in
                "\(bid.bid)  consultation \(bid.consultation)  begun \(bid.begun)  \(bid.files.count) files"
            }
            try invocation.answer(
                lines.isEmpty ? "none" : lines.joined(separator: "\n"),
                json: [
                    "drafts": .array(
                        bids.map {
                            .object([
                                "bid": .identifier($0.bid), "consultation": .identifier($0.consultation), "begun": .instant($0.begun),
                                "files": .array($0.files.map { .string($0.path) }),
                            ])
                        })
                ])
            return .done
        })

    static let notices = Command(
        path: ["notices"],
        summary: "what your company was to be told: unsubmitted drafts, withdrawals, replacements",
        discussion: """
            A draft that is complete and not submitted is told of an hour and a quarter of an hour before the deadline: ask while a \
            consultation is open. The last hundred, the newest first.
            """, options: [Command.json],
        run: { (invocation) throws(CommandError) in
            let view: NoticesView = try Daemon(invocation).get(["notices"])
            let lines = view.notices.map { "\($0.at)  \(said($0.kind))  bid \($0.bid)  consultation \($0.consultation)" }
            try invocation.answer(
                lines.isEmpty ? "none" : lines.joined(separator: "\n"),
                json: [
                    "notices": .array(
                        view.notices.map {
                            .object([
                                "at": .instant($0.at), "kind": .string($0.kind), "bid": .identifier($0.bid),
                                "consultation": .identifier($0.consultation),
                            ])
                        })
                ])
            return .done
        })

    private static func said(_ kind: String) -> String {
        switch kind {
        case "draft-60": "complete and not submitted, an hour before the deadline"
        case "draft-15": "complete and not submitted, a quarter of an hour before the deadline"
        case "withdrawn": "withdrawn"
        case "withdrawal-refused": "somebody without its code tried to withdraw it"
        case "replaced": "replaced by a later bid"
        case "keys-added":
            "sealed to the keys before those that the buyer added since: its own committee opens it; it may be deposited again, under the new ones"
        case "late-admitted": "came late; the buyer decided that it is read all the same"
        default: Terminal.printable(kind)
        }
    }

    /// - Parameter isIt: whether the event says what was asked.
    private static func act(
        _ invocation: Invocation, on bid: Identifier, _ name: String, _ body: JSON, isIt: (any Fact) -> Bool
    ) throws(CommandError) -> Outcome {
        let daemon = try Daemon(invocation)
        let code = try BidCode.of(bid, invocation)
        let answer = try Patience.retrying(invocation.terminal) { () throws(CommandError) in
            try daemon.exchange(
                "POST", ["bids", bid.text, name], fields: [("Bid-Code", code), ("Content-Type", "application/json")],
                body: .bytes(body.encoded()), isRepeatable: true)
        }
        let view: ActView = try daemon.view(answer)
        guard let event = try? Event(canonical: view.event.bytes), isIt(event.fact) else {
            throw .refused("the daemon's answer is not the event of what was asked")
        }
        try invocation.terminal.write(String(decoding: answer.body, as: UTF8.self))
        return .done
    }
}
