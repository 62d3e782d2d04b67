import Canonical
import Procurement

extension Command {
    static let consultationAdmit = Command(
        path: ["consultation", "admit"],
        summary: "have a bid that came late read all the same",
        discussion: """
            A late bid stays sealed, and is not examined (R2151-5 of the Code de la commande publique). Two grounds alone have it \
            read: court-order, and platform-fault-and-diligence: the platform failed, and the company had begun in time and \
            done what could be asked of it. The decision stands in the log and in the minutes; the company is told. The bid \
            stays late there, and is given out by openings that are announced after this, whose members are shown the \
            decision before they approve. The decision's position in the log goes to stdout.
            """,
        operands: [.consultation],
        options: [
            .required("bid", "BID", "the late bid's identifier"),
            .required("ground", "WORD", "court-order or platform-fault-and-diligence"),
            .required("grounds", "TEXT", "the order's reference; or the fault and the diligence, in your words"),
            Command.json,
        ],
        run: { (invocation) throws(CommandError) in
            let id = try invocation.consultation()
            let bid = try invocation.identifier(try invocation.required("bid"), "a bid's identifier")
            guard let ground = LateBidAdmitted.Ground(rawValue: try invocation.required("ground")) else {
                throw .usage("--ground is court-order or platform-fault-and-diligence")
            }
            let grounds = try invocation.required("grounds")
            let act: ActView = try Daemon(invocation).post(
                ["consultations", id.text, "bids", bid.text, "admission"],
                .object(["ground": .string(ground.rawValue), "grounds": .string(grounds)]))
            guard let fact = try? Event(canonical: act.event.bytes).fact as? LateBidAdmitted, fact.bid == bid,
                fact.consultation == id, fact.ground == ground, fact.grounds == grounds
            else { throw .refused("the daemon recorded another decision than the one asked for") }
            try invocation.answer(
                "\(act.position)",
                json: [
                    "consultation": .identifier(id), "bid": .identifier(bid), "event": .base64(act.event.bytes),
                    "position": .integer(act.position),
                ])
            return .done
        })
}
