import Canonical
import Sealing

extension Operand {
    static let optionalConsultation = Operand(
        name: "ID", help: "the consultation's identifier; --all takes every one", isOptional: true)
}

extension Invocation {
    /// The operand ID, or nil where `--all` stands in its place.
    func oneOrAll() throws(CommandError) -> Identifier? {
        guard let text = arguments.operands["ID"] else {
            guard has("all") else { throw .usage("ID is missing", hint: "give a consultation's identifier, or --all") }
            return nil
        }
        guard !has("all") else { throw .usage("ID and --all exclude one another") }
        return try identifier(text, "a consultation's identifier")
    }
}

/// One thing done in every open consultation in which a key has a share. The daemon says which those are: one that it hides is not done, and
/// whatever it shows is checked as for one alone.
struct EachShare {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    /// - Parameters:
    ///   - isWanted: which of the shares.
    ///   - done: what was done, in the answer for programs.
    ///   - nothing: the answer where there is nothing to do.
    ///   - act: gives the line for people.
    func run(
        where isWanted: (SharesView.ShareView) -> Bool, done: String, nothing: String,
        _ act: (Daemon, SharesView.ShareView, borrowing Member) throws(CommandError) -> String
    ) throws(CommandError) -> Outcome {
        let daemon = try Daemon(invocation)
        let member = try MemberKey.load(invocation)
        let view: SharesView = try daemon.get(["shares", Digest(member.certificate).hex])
        var (good, bad): ([JSON], [JSON]) = ([], [])
        var (lines, worst): ([String], Outcome) = ([], .done)
        for share in view.shares where isWanted(share) {
            let name = "\(share.consultation.text) (\(Terminal.printable(share.reference)))"
            do {
                lines.append("\(name): " + (try act(daemon, share, member)))
                good.append(.identifier(share.consultation))
            } catch {
                invocation.terminal.warn("\(name): \(error.message)")
                if let hint = error.hint { invocation.terminal.note("hint: \(hint)") }
                bad.append(.object(["consultation": .identifier(share.consultation), "reason": .string(error.message)]))
                // A refusal is worse than what may pass.
                if worst != .refused { worst = error.outcome == .refused ? .refused : .failed }
            }
        }
        if lines.isEmpty, bad.isEmpty { lines.append(nothing) }
        if !lines.isEmpty || invocation.wantsJSON {
            try invocation.answer(
                lines.joined(separator: "\n"), json: [done: .array(good), "refused": .array(bad)])
        }
        return worst
    }
}
