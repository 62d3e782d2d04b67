import Sealing

/// Committees that are made often, with what each must hold.
enum Preset: String, CaseIterable {
    /// Two members and a paper key in a safe: one of the three may be lost.
    case twoOfThreePaper = "2-of-3-paper"
    /// Either of two opens, alone.
    case oneOfTwo = "1-of-2"

    /// How many open, once the members are what the preset asks for.
    func quorum(of members: [CommitteeMember]) throws(CommandError) -> Int {
        switch self {
        case .twoOfThreePaper:
            let paper = members.count(where: \.isPaper)
            guard members.count == 3, paper == 1 else {
                throw .usage(
                    "--preset \(rawValue) takes three members, one of them on paper; there are \(members.count), \(paper) of them on paper",
                    hint: "a key on paper is made with: sceau key new --name NAME --out FILE --paper SHEET.html")
            }
            return 2
        case .oneOfTwo:
            guard members.count == 2 else {
                throw .usage("--preset \(rawValue) takes two members; there are \(members.count)")
            }
            return 1
        }
    }
}

extension Option {
    /// How many open.
    static let quorum: [Option] = [
        .optional("quorum", "K", "how many of the members open"),
        .optional("preset", "P", "in its place: 2-of-3-paper (two members and a paper key, two open) or 1-of-2"),
        .flag("i-accept-that-one-opens-alone", "for --preset 1-of-2, once its warning was read"),
    ]
}

extension Invocation {
    /// The quorum that `--quorum` or `--preset` gives. Where one member would open alone, says so as nobody can miss.
    func quorum(of members: [CommitteeMember]) throws(CommandError) -> Int {
        let k: Int
        if let text = value("preset") {
            guard let preset = Preset(rawValue: text) else {
                throw .usage(
                    "there is no preset '\(text)'", hint: "there are: " + Preset.allCases.map(\.rawValue).joined(separator: ", "))
            }
            guard value("quorum") == nil else { throw .usage("--preset and --quorum exclude one another") }
            k = try preset.quorum(of: members)
            if preset == .oneOfTwo, !has("i-accept-that-one-opens-alone") {
                warnOfOne(members)
                throw .refused(
                    "with --preset \(text) any one member opens alone",
                    hint: "if that is meant, say so: --i-accept-that-one-opens-alone")
            }
        } else {
            guard !members.isEmpty else { throw .usage("--member is missing") }
            guard let given = try integer("quorum", in: 0...999) else {
                throw .usage("--quorum is missing", hint: "or --preset 2-of-3-paper")
            }
            k = given
        }
        if k == 1 { warnOfOne(members) }
        return k
    }

    func warnOfOne(_ members: [CommitteeMember]) {
        let line = String(repeating: "!", count: 72)
        terminal.warn(line)
        terminal.warn("ONE MEMBER ALONE WILL OPEN EVERY BID after the deadline, with nobody else knowing")
        terminal.warn("before it is done: \(members.map(\.name).joined(separator: ", or ")).")
        terminal.warn("A key that is stolen, or a member who is bought, is enough. The minutes will show")
        terminal.warn("one approval. The platform's half still holds until the deadline, and no longer.")
        terminal.warn(line)
    }

    /// Refuses a committee that the ceremony would refuse, before anything is asked of the daemon.
    func check(_ members: [CommitteeMember], k: Int) throws(CommandError) {
        do { try CommitteeMember.check(members, k: k, at: now) } catch { throw .refused(error.text) }
    }
}
