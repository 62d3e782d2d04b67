/// The texts of `--help`, made from the declarations so that they cannot say something else.
enum Help {
    static func text(for path: [String], commands: [Command] = Command.all) -> String {
        if let command = commands.first(where: { $0.path == path }) { return text(of: command) }
        var lines = ["sceaud: the daemon that receives, seals and keeps electronic bids until their opening.", ""]
        lines += columns(commands.filter { $0.path.starts(with: path) }.map { ("sceaud " + $0.name, $0.summary) })
        lines += ["", "'sceaud COMMAND --help' explains one. Data goes to stdout, everything else to stderr.", ""]
        lines += ["Exit status:", ""]
        lines += columns([
            ("0", "done"), ("1", "failed; nothing is in doubt"), ("2", "the command line is wrong"),
            ("3", "check, backup, restore, export: something does not hold"), ("70", "run: whether a commit happened is unknown; start again, which repairs"),
        ])
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(of command: Command) -> String {
        let usage = ["usage: sceaud", command.name] + command.options.map(\.usage)
        var lines = [usage.joined(separator: " "), "", command.discussion, ""]
        lines += columns(command.options.map { ("--" + $0.name + ($0.value.map { " " + $0 } ?? ""), $0.help) })
        return lines.joined(separator: "\n") + "\n"
    }

    private static func columns(_ rows: [(String, String)]) -> [String] {
        let width = rows.map { $0.0.count }.max() ?? 0
        return rows.map { name, help in
            "  " + name + String(repeating: " ", count: width - name.count + 2) + help
        }
    }
}
