import Foundation
import OpenSSL

/// Asks for a passphrase on the terminal, without echo.
enum Prompt {
    private static let longest = 1024

    /// Opens /dev/tty, so that a pipe on stdin or stderr does no harm. Characters are read one by one, with signals
    /// off: an interrupt would otherwise leave the terminal mute.
    static func passphrase(_ question: String) throws(CommandError) -> Secret {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else {
            throw CommandError(
                "the key is encrypted, and there is no terminal to ask for its passphrase",
                hint: "give it in a file: --passphrase-file FILE")
        }
        defer { close(terminal) }
        var before = termios()
        guard tcgetattr(terminal, &before) == 0 else { throw CommandError("the terminal cannot be set") }
        var mute = before
        mute.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        guard tcsetattr(terminal, TCSAFLUSH, &mute) == 0 else { throw CommandError("the terminal cannot be set") }
        defer {
            tcsetattr(terminal, TCSAFLUSH, &before)
            say("\n", on: terminal)
        }
        say(Terminal.printable(question) + " ", on: terminal)
        return try read(terminal)
    }

    private static func read(_ terminal: Int32) throws(CommandError) -> Secret {
        var count = 0
        let line = try Secret(count: longest) { (span) throws(CommandError) in
            while true {
                var byte: UInt8 = 0
                let got = Foundation.read(terminal, &byte, 1)
                if got < 0, errno == EINTR { continue }
                guard got == 1, byte != 0x03, byte != 0x1A else { throw CommandError("no passphrase was given") }
                switch byte {
                case 0x0A, 0x0D: return
                case 0x04 where count == 0: throw CommandError("no passphrase was given")
                case 0x04: return
                case 0x15: count = 0
                case 0x08, 0x7F: count = max(0, count - 1)
                default:
                    guard count < longest else { throw CommandError("that is too long for a passphrase") }
                    span[count] = byte
                    count += 1
                }
            }
        }
        return line.withBytes { Secret(copying: $0.extracting(0..<count)) }
    }

    private static func say(_ text: String, on terminal: Int32) {
        let bytes = Array(text.utf8)
        _ = write(terminal, bytes, bytes.count)
    }
}
