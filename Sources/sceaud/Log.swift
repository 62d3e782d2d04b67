import Foundation
import Synchronization

/// Lines on stderr, `sceaud: level: text`, for the journal that collects them.
///
/// No name of a person or a document, no digest of one, no token, no request line ever stands in a line: whoever reads
/// the journal before an opening may be a competitor's friend.
final class Log: Sendable {
    enum Level: String, Sendable, CaseIterable, Comparable {
        case error, warning, info, debug

        private var rank: Int { Level.allCases.firstIndex(of: self)! }
        static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
    }

    private let most: Mutex<Level>

    init(_ level: Level) {
        most = Mutex(level)
    }

    /// The most talkative level that is written.
    var level: Level {
        get { most.withLock { $0 } }
        set { most.withLock { $0 = newValue } }
    }

    func error(_ text: String) { write(.error, text) }
    func warning(_ text: String) { write(.warning, text) }
    func info(_ text: String) { write(.info, text) }
    func debug(_ text: String) { write(.debug, text) }

    private func write(_ level: Level, _ text: String) {
        guard level <= self.level else { return }
        Log.line("\(level.rawValue): \(text)")
    }

    /// A line whatever the level: that the daemon listens, that a command failed.
    ///
    /// One write each, so that lines of several threads do not mix. With nobody left to read there is nothing to do.
    static func line(_ text: String) {
        let line = "sceaud: \(printable(text))\n"
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }

    /// Without what a terminal would obey, and on one line: a text may quote a path that somebody chose.
    static func printable(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(2000) {
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator:
                scalars.append("\u{FFFD}")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}
