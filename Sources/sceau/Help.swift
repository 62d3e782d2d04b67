/// The texts of `--help`, made from the declarations so that they cannot say something else.
enum Help {
    static func text(for path: [String], commands: [Command] = Command.all) -> String {
        if let command = commands.first(where: { $0.path == path }) { return text(of: command) }
        let below = commands.filter { $0.path.starts(with: path) }
        let head =
            path.isEmpty
            ? "sceau: seal, deposit and open electronic bids kept by a sceaud daemon."
            : "sceau \(path.joined(separator: " ")):"
        var lines = [head, ""]
        lines += columns(below.map { ("sceau " + $0.name, $0.summary) })
        lines += ["", "'sceau COMMAND --help' explains one."]
        if path.isEmpty {
            lines += ["", "Every command takes:", ""] + columns(Command.common.map(row))
            lines += ["", "Environment:", ""]
            lines += columns([
                ("SCEAU_URL", "the daemon"), ("SCEAU_CA", "its certification authority"),
                ("SCEAU_TOKEN_FILE", "the file with your token"),
                (
                    "SCEAU_HOME",
                    "what this tool remembers: pinned fingerprints, latest deadlines seen (~/.config/sceau)"
                ),
            ])
            lines += ["", "Exit status:", ""]
            lines += columns([
                ("0", "done"), ("1", "a failure: network, file, daemon; trying again may help"),
                ("2", "the command line is wrong"), ("3", "open: concluded, but some bid did not open"),
                ("4", "refused, by the daemon or by this tool's own checks; verify: something does not hold"),
            ])
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `usage: sceau share accept ID --key FILE [--fingerprint F]`.
    static func usage(of command: Command) -> String {
        let operands = command.operands.map { operand in
            operand.isList ? "[\(operand.name)…]" : operand.isOptional ? "[\(operand.name)]" : operand.name
        }
        let options = command.options.map { option in
            var text = "--" + option.name
            if let value = option.value { text += " " + value + (option.isList ? "…" : "") }
            return option.isRequired ? text : "[" + text + "]"
        }
        return (["usage: sceau", command.name] + operands + options).joined(separator: " ")
    }

    private static func text(of command: Command) -> String {
        var lines = [
            usage(of: command), "", command.summary.prefix(1).uppercased() + command.summary.dropFirst() + ".", "",
        ]
        lines += wrapped(command.discussion, width: 78)
        lines += [""]
        lines += columns(command.operands.map { ($0.name, $0.help) } + (command.options + Command.common).map(row))
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ option: Option) -> (String, String) {
        ("--" + option.name + (option.value.map { " " + $0 } ?? "") + (option.isList ? "…" : ""), option.help)
    }

    /// Two columns, the second wrapped.
    private static func columns(_ rows: [(String, String)]) -> [String] {
        let left = min(34, (rows.map { $0.0.count }.max() ?? 0) + 2)
        return rows.flatMap { name, help -> [String] in
            let lines = wrapped(help, width: 78 - left - 2)
            let pad = String(repeating: " ", count: max(1, left - name.count))
            return ["  " + name + pad + (lines.first ?? "")]
                + lines.dropFirst().map { String(repeating: " ", count: left + 2) + $0 }
        }
    }

    /// Paragraphs are kept, lines broken between words.
    static func wrapped(_ text: String, width: Int) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph -> [String] in
            var lines = [""]
            for word in paragraph.split(separator: " ") {
                if lines[lines.count - 1].isEmpty {
                    lines[lines.count - 1] = String(word)
                } else if lines[lines.count - 1].count + 1 + word.count <= width {
                    lines[lines.count - 1] += " " + word
                } else {
                    lines.append(String(word))
                }
            }
            return lines
        }
    }
}
