import Foundation
import Linux

/// Where the tool speaks: data on stdout, everything else on stderr.
struct Terminal: Sendable {
    /// Whether somebody watches stderr.
    let showsProgress: Bool

    static let standard = Terminal(showsProgress: isatty(STDERR_FILENO) == 1)

    /// Width of the watched terminal.
    var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return 80 }
        return Int(size.ws_col)
    }

    /// Data for whoever comes next in the pipe.
    func write(_ text: String) throws(CommandError) {
        do { try FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) } catch {
            throw CommandError("the answer could not be written to stdout")
        }
    }

    /// `sceau: …`, for people.
    func note(_ text: String) { say("sceau: " + text) }
    func warn(_ text: String) { say("sceau: warning: " + text) }

    func report(_ error: CommandError) {
        say("sceau: error: " + error.message + (error.hint.map { "\nsceau: hint: " + $0 } ?? ""))
    }

    /// In one piece, so that what threads say does not mix, and over a line of progress that may stand there.
    private func say(_ text: String) { send((showsProgress ? "\r\u{1B}[K" : "") + Self.printable(text) + "\n") }

    func draw(_ line: String) { send("\r" + line + "\u{1B}[K") }
    func erase() { send("\r\u{1B}[K") }

    /// A passphrase, on a line of its own. It is lent, not kept.
    func show(_ words: Span<UInt8>) {
        send("\n    ")
        StandardError.write(words)
        send("\n\n")
    }

    /// With nobody left to tell there is nothing to do about it.
    private func send(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

    /// Text of others without what a terminal would obey or what turns the direction of reading; lines stay lines.
    static func printable(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where scalar == "\n": scalars.append(scalar)
            case .control, .format, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator:
                scalars.append("\u{FFFD}")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}
