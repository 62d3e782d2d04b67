import Canonical
import Foundation
import Linux

// A reader of our stdout, or a server, that goes away is an error of a call, not the end of the process.
signal(SIGPIPE, SIG_IGN)

let outcome = Tool.run(
    Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment,
    terminal: .standard, clock: { Instant(milliseconds: Clocks.realtimeMilliseconds()) })
exit(outcome.rawValue)
