import Canonical

/// From words to an exit status: the one place where an error becomes text.
enum Tool {
    static func run(
        _ words: [String], environment: [String: String], terminal: Terminal, clock: @escaping @Sendable () -> Instant
    ) -> Outcome {
        do {
            switch try Arguments.read(words) {
            case .help(let path):
                try terminal.write(Help.text(for: path))
                return .done
            case .run(let arguments):
                return try arguments.command.run(
                    Invocation(arguments: arguments, environment: environment, terminal: terminal, clock: clock))
            }
        } catch {
            terminal.report(error)
            return error.outcome
        }
    }
}
