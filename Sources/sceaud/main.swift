import Foundation

// Nothing that this program makes is for others.
umask(0o077)

do {
    switch try Arguments.read(Array(CommandLine.arguments.dropFirst())) {
    case .help(let path):
        try FileHandle.standardOutput.write(contentsOf: Data(Help.text(for: path).utf8))
    case .run(let command, let arguments):
        exit(try command.perform(arguments).rawValue)
    }
} catch let error as DaemonError {
    Log.line("error: \(error.message)")
    if let hint = error.hint { Log.line("hint: \(hint)") }
    exit(error.status.rawValue)
} catch {
    Log.line("error: \(error)")
    exit(ExitStatus.failed.rawValue)
}
