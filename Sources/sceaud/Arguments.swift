/// The words of one command line, matched against a command's declaration. Values are kept as given; meaning comes later.
struct Arguments: Sendable {
    private var values: [String: [String]] = [:]

    /// What the words ask for.
    enum Request {
        case run(Command, Arguments)
        /// The help of all commands below a path, or of one.
        case help([String])
    }

    func value(_ name: String) -> String? { values[name]?.first }
    func values(_ name: String) -> [String] { values[name] ?? [] }
    func has(_ name: String) -> Bool { values[name] != nil }

    /// A value that the declaration says is there.
    func required(_ name: String) -> String {
        guard let value = value(name) else { preconditionFailure("--\(name) is not declared as required") }
        return value
    }

    /// Reads `words` (without the program's name).
    static func read(_ words: [String], commands: [Command] = Command.all) throws(DaemonError) -> Request {
        // As the page of disasters has it: it is a command of its own.
        let words = words.starts(with: ["init", "--continue"]) ? ["continue"] + words.dropFirst(2) : words
        let isHelp = { (word: String) in word == "--help" || word == "-h" }
        let path = Array(words.prefix { !$0.hasPrefix("-") })
        let rest = words[path.count...]
        if path.first == "help" { return .help(known(Array(path.dropFirst()), commands)) }
        if rest.contains(where: isHelp) { return .help(known(path, commands)) }
        guard let command = commands.first(where: { $0.path == path }) else {
            let start = known(path, commands)
            let next = Set(commands.filter { $0.path.starts(with: start) }.compactMap { $0.path.dropFirst(start.count).first })
            let asked = path.joined(separator: " ")
            throw .usage(
                path.isEmpty
                    ? "no command given"
                    : path == start && !next.isEmpty
                        ? "'sceaud \(asked)' needs one more word" : "there is no command '\(asked)'",
                hint: next.isEmpty
                    ? "sceaud \(start.joined(separator: " ")) --help"
                    : (["sceaud"] + start + [next.sorted().joined(separator: "|")]).joined(separator: " "))
        }
        return .run(command, try Arguments(rest, of: command))
    }

    /// The longest beginning of `path` that leads to a command.
    private static func known(_ path: [String], _ commands: [Command]) -> [String] {
        let count = path.indices.first { index in !commands.contains { $0.path.starts(with: path[...index]) } }
        return Array(path.prefix(count ?? path.count))
    }

    private init(_ words: ArraySlice<String>, of command: Command) throws(DaemonError) {
        let hint = "sceaud \(command.name) --help"
        var rest = words
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let option = command.options.first(where: { "--" + $0.name == parts[0] }) else {
                throw .usage("'sceaud \(command.name)' does not take '\(parts[0])'", hint: hint)
            }
            guard values[option.name] == nil || option.need == .repeatable else {
                throw .usage("--\(option.name) is given twice", hint: hint)
            }
            guard option.value != nil else {
                guard parts.count == 1 else { throw .usage("--\(option.name) takes no value", hint: hint) }
                values[option.name] = []
                continue
            }
            guard let value = parts.count == 2 ? parts[1] : rest.popFirst(), !value.isEmpty else {
                throw .usage("--\(option.name) needs a value: \(option.help)", hint: hint)
            }
            values[option.name, default: []].append(value)
        }
        for option in command.options where option.need == .required && values[option.name] == nil {
            throw .usage("--\(option.name) is missing: \(option.help)", hint: hint)
        }
    }
}
