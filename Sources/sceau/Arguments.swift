/// The words of one command line, matched against a command's declaration. Values are kept as given; meaning comes
/// later.
struct Arguments: Sendable {
    let command: Command
    private(set) var operands: [String: String] = [:]
    /// Of the operand that takes all that follow.
    private(set) var rest: [String] = []
    private(set) var values: [String: [String]] = [:]

    /// What the words ask for.
    enum Request {
        case run(Arguments)
        /// The help of all commands below a path, or of one.
        case help([String])
    }

    /// Reads `words` (without the program's name).
    static func read(_ words: [String], commands: [Command] = Command.all) throws(CommandError) -> Request {
        var path: [String] = []
        var early: [String] = []
        var index = 0
        // Until the command is known only common options may stand there.
        while index < words.count {
            let word = words[index]
            if word == "--help" || word == "-h" || (word == "help" && path.isEmpty) {
                let asked = path + words[(index + 1)...].filter { !$0.hasPrefix("-") }
                // The longest known beginning: `sceau bid deposit X --help` asks about `bid deposit`.
                let known = (0...asked.count).last { count in
                    commands.contains { $0.path.starts(with: asked.prefix(count)) }
                }
                return .help(Array(asked.prefix(known ?? 0)))
            }
            if word.hasPrefix("-") {
                let (option, inline) = try match(word, among: Command.common, of: "sceau")
                early.append(word)
                if option.value != nil, inline == nil {
                    index += 1
                    guard index < words.count else { throw missingValue(option) }
                    early.append(words[index])
                }
            } else {
                path.append(word)
                // `receipt present` is longer than `receipt BID`.
                let next = index + 1 < words.count ? path + [words[index + 1]] : path
                let isLonger = next.count > path.count && commands.contains { $0.path.starts(with: next) }
                if !isLonger, let command = commands.first(where: { $0.path == path }) {
                    return try read(early + words[(index + 1)...], as: command)
                }
                guard commands.contains(where: { $0.path.starts(with: path) }) else {
                    throw unknown(path, among: commands)
                }
            }
            index += 1
        }
        if path.isEmpty { throw .usage("no command given", hint: "sceau --help lists them") }
        let next = commands.filter { $0.path.starts(with: path) }.map { $0.path[path.count] }
        throw .usage(
            "'sceau \(path.joined(separator: " "))' needs one more word: \(next.joined(separator: ", "))",
            hint: "sceau \(path.joined(separator: " ")) --help explains them")
    }

    private static func read(_ words: [String], as command: Command) throws(CommandError) -> Request {
        var arguments = Arguments(command: command)
        let options = command.options + Command.common
        var places = command.operands[...]
        var index = 0
        var onlyOperands = false
        while index < words.count {
            let word = words[index]
            index += 1
            if word == "--", !onlyOperands {
                onlyOperands = true
            } else if word.hasPrefix("-"), word != "-", !onlyOperands {
                if word == "-h" { return .help(command.path) }
                let (option, inline) = try match(word, among: options, of: "sceau " + command.name)
                if option.name == "help" { return .help(command.path) }
                var given: [String] = []
                if option.value == nil {
                    guard inline == nil else { throw .usage("--\(option.name) takes no value") }
                } else if let inline {
                    given = [inline]
                } else {
                    guard index < words.count, !words[index].hasPrefix("--") else { throw missingValue(option) }
                    given = [words[index]]
                    index += 1
                    while option.isList, index < words.count, !words[index].hasPrefix("-") {
                        given.append(words[index])
                        index += 1
                    }
                }
                guard option.isList || arguments.values[option.name] == nil else {
                    throw .usage("--\(option.name) is given twice")
                }
                arguments.values[option.name, default: []] += given
            } else {
                if let last = places.first, last.isList {
                    arguments.rest.append(word)
                    continue
                }
                guard let place = places.popFirst() else {
                    throw .usage("'\(word)' is one argument too many", hint: Help.usage(of: command))
                }
                arguments.operands[place.name] = word
            }
        }
        if let missing = places.first, !missing.isList, !missing.isOptional {
            throw .usage("\(missing.name) is missing: \(missing.help)", hint: Help.usage(of: command))
        }
        for option in options where option.isRequired && arguments.values[option.name] == nil {
            throw .usage("--\(option.name) is missing: \(option.help)", hint: Help.usage(of: command))
        }
        return .run(arguments)
    }

    /// The option that `word` names, and the value behind its `=`.
    private static func match(
        _ word: String, among options: [Option], of whose: String
    ) throws(CommandError) -> (Option, String?) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts[0].hasPrefix("--") ? String(parts[0].dropFirst(2)) : nil
        guard let name, let option = options.first(where: { $0.name == name }) else {
            let near = nearest(name ?? String(parts[0].dropFirst()), among: options.map(\.name)).map { "--" + $0 }
            throw .usage(
                "'\(whose)' has no option '\(parts[0])'",
                hint: near.map { "did you mean \($0)?" } ?? "\(whose) --help lists them")
        }
        return (option, parts.count == 2 ? String(parts[1]) : nil)
    }

    private static func missingValue(_ option: Option) -> CommandError {
        .usage("--\(option.name) needs a value: \(option.value ?? "")")
    }

    private static func unknown(_ path: [String], among commands: [Command]) -> CommandError {
        let siblings = commands.filter { $0.path.starts(with: path.dropLast()) && $0.path.count >= path.count }
            .map { $0.path[path.count - 1] }
        let before = (["sceau"] + path.dropLast()).joined(separator: " ")
        return .usage(
            "there is no command '\(path.joined(separator: " "))'",
            hint: nearest(path[path.count - 1], among: siblings).map { "did you mean '\(before) \($0)'?" }
                ?? "\(before) --help lists what there is")
    }
}

extension Arguments {
    /// The candidate that differs from `word` by at most two slips of the keyboard, if there is one.
    static func nearest(_ word: String, among candidates: [String]) -> String? {
        candidates.map { ($0, distance(Array(word.lowercased()), Array($0))) }
            .filter { $0.1 <= min(2, max(1, $0.0.count / 2)) }
            .min { $0.1 < $1.1 }?.0
    }

    /// Levenshtein's distance; words of command lines are short.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        guard left.count <= 64 else { return .max }
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let above = row[j + 1]
                row[j + 1] = a == b ? diagonal : 1 + min(diagonal, above, row[j])
                diagonal = above
            }
        }
        return row[right.count]
    }
}
