import Testing

@testable import sceau

@Suite struct ProgressTests {
    @Test(
        arguments: [
            (0, "0 B"), (1, "1 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (102_400, "100 KiB"),
            (1_048_575, "1.0 MiB"), (1_048_576, "1.0 MiB"), (268_435_456, "256 MiB"), (1_073_741_823, "1.0 GiB"),
            (21_474_836_480, "20.0 GiB"), (Int64.max, "8192 PiB"), (-1, "0 B"),
        ] as [(Int64, String)])
    func sizesHaveThreeFiguresAtMostButAtTheEnds(bytes: Int64, text: String) { #expect(Progress.size(bytes) == text) }

    @Test(
        arguments: [
            (0, "0 s"), (0.2, "1 s"), (59, "59 s"), (60, "1 min 00 s"), (185, "3 min 05 s"), (3600, "1 h 00 min"),
            (7800, "2 h 10 min"), (1e9, "more than 99 h"), (Double.infinity, "more than 99 h"),
            (.nan, "more than 99 h"),
        ] as [(Double, String)])
    func durationsAreRoundedUp(seconds: Double, text: String) { #expect(Progress.duration(seconds) == text) }

    @Test func theLineTellsPartRateAndTimeLeft() {
        let line = Progress.line("offre.zip", done: 256 << 20, total: 1 << 30, rate: Double(128 << 20), columns: 100)
        #expect(line == "offre.zip  [#######.......................]   25 %  256 MiB of 1.0 GiB  128 MiB/s  6 s left")
    }

    @Test func theLineFitsAnyTerminal() {
        for columns in [20, 40, 79, 80, 200] {
            for total: Int64 in [0, 1, 1 << 40] {
                let label = String(repeating: "é", count: 50)
                let line = Progress.line(label, done: total / 2, total: total, rate: 12_345_678, columns: columns)
                #expect(line.count < columns)
            }
        }
    }

    @Test func withoutATerminalNothingIsDrawn() {
        // Drawing would write to stderr; what is checked is that nothing was remembered as drawn.
        var now: Int64 = 0
        let progress = Progress("x", total: 10, on: Terminal(showsProgress: false), now: { now })
        now = 10_000
        progress.update(5)
        #expect(!progress.isDrawn)
        progress.finish()
    }

    @Test func theFirstSecondIsSilent() {
        var now: Int64 = 0
        let progress = Progress("", total: 10, on: Terminal(showsProgress: true), now: { now })
        now = 999
        progress.update(5)
        #expect(!progress.isDrawn)
        now = 1000
        progress.update(6)
        #expect(progress.isDrawn)
        progress.finish()
        #expect(!progress.isDrawn)
    }
}

@Suite struct TerminalTests {
    @Test func textOfOthersCannotCommandATerminal() {
        #expect(
            Terminal.printable("\u{1B}[2J\u{7}a\u{202E}b\u{9B}c\r\n")
                == "\u{FFFD}[2J\u{FFFD}a\u{FFFD}b\u{FFFD}c\u{FFFD}\n")
        #expect(Terminal.printable("Été, 漢字, 🏗️") == "Été, 漢字, 🏗️")
    }
}
