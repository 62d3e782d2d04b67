/// One line on a terminal that tells how far a long work has come. Silent elsewhere, and for the first second.
///
/// Not thread-safe: it belongs to whoever does the work.
final class Progress {
    /// Below this nobody waits.
    private static let patience: Int64 = 1000
    private static let redraw: Int64 = 100

    var label: String { didSet { label = Terminal.printable(label) } }
    /// Bytes; 0 while unknown.
    var total: Int64
    private let terminal: Terminal
    private let now: () -> Int64
    private let started: Int64
    private var drawn: Int64?
    var isDrawn: Bool { drawn != nil }
    /// (instant, done) some seconds back: the rate follows the line, not its whole history.
    private var marks: [(at: Int64, done: Int64)]

    /// - Parameters:
    ///   - total: bytes; 0 if unknown.
    ///   - done: before this run, which tells nothing of its rate.
    ///   - now: a monotonic clock, milliseconds.
    init(_ label: String, total: Int64, done: Int64 = 0, on terminal: Terminal, now: @escaping () -> Int64) {
        self.label = Terminal.printable(label)
        self.total = total
        self.terminal = terminal
        self.now = now
        started = now()
        marks = [(started, done)]
    }

    func update(_ done: Int64) {
        guard terminal.showsProgress else { return }
        let at = now()
        guard at - started >= Self.patience, at - (drawn ?? .min / 2) >= Self.redraw else { return }
        drawn = at
        marks.append((at, done))
        while marks.count > 2, at - marks[0].at > 5000 { marks.removeFirst() }
        let rate = Double(done - marks[0].done) * 1000 / Double(max(1, at - marks[0].at))
        terminal.draw(Self.line(label, done: done, total: total, rate: rate, columns: terminal.columns))
    }

    /// Takes the line away.
    func finish() {
        guard drawn != nil else { return }
        drawn = nil
        terminal.erase()
    }

    deinit { if drawn != nil { terminal.erase() } }
}

extension Progress {
    /// `offre.zip  [#######·····]  42 %  430 of 1024 MiB  215 MiB/s  3 s left`, never wider than `columns`.
    static func line(_ label: String, done: Int64, total: Int64, rate: Double, columns: Int) -> String {
        var facts: [String] = []
        if total > 0 {
            let part = Double(min(done, total)) / Double(total)
            facts.append(padded("\(Int(part * 100)) %", 5))
            facts.append("\(size(done)) of \(size(total))")
            facts.append("\(size(Int64(rate)))/s")
            if rate >= 1, done < total { facts.append(duration(Double(total - done) / rate) + " left") }
        } else {
            facts = [size(done), "\(size(Int64(rate)))/s"]
        }
        let tail = facts.joined(separator: "  ")
        let room = max(0, columns - 1)
        var line = label
        let bar = room - label.count - tail.count - 6
        if total > 0, bar >= 10 {
            let width = min(bar, 30)
            let filled = Int(Double(width) * Double(min(done, total)) / Double(total))
            line += "  [" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "]"
        }
        line += "  " + tail
        return String(line.prefix(room))
    }

    /// Three figures and a binary unit: `0 B`, `999 B`, `1.5 KiB`, `20.0 GiB`.
    static func size(_ bytes: Int64) -> String {
        guard bytes >= 1024 else { return "\(max(0, bytes)) B" }
        var value = Double(bytes)
        for unit in ["KiB", "MiB", "GiB", "TiB", "PiB"] {
            value /= 1024
            if value < 1023.95 || unit == "PiB" {
                let tenths = Int((value * 10).rounded())
                return tenths >= 1000 ? "\(Int(value.rounded())) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
            }
        }
        return "\(bytes) B"
    }

    /// `7 s`, `3 min 05 s`, `2 h 10 min`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 360_000 else { return "more than 99 h" }
        let whole = Int(seconds.rounded(.up))
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(padded("\(whole % 60)", 2, "0")) s" }
        return "\(whole / 3600) h \(padded("\(whole % 3600 / 60)", 2, "0")) min"
    }

    private static func padded(_ text: String, _ width: Int, _ with: Character = " ") -> String {
        String(repeating: with, count: max(0, width - text.count)) + text
    }
}
