import Canonical
import Glibc
import Testing

struct InstantTests {
    static let known: [(Int64, String)] = [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_795_453_208_918, "2026-11-23T17:00:08.918Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (-62_162_035_200_001, "0000-02-29T23:59:59.999Z"),
    ]

    @Test(arguments: known) func writesAndReads(_ milliseconds: Int64, _ text: String) throws {
        #expect(Instant(milliseconds: milliseconds).description == text)
        #expect(try Instant(parsing: text).milliseconds == milliseconds)
    }

    /// Against gmtime_r(3), on instants of every kind.
    @Test func agreesWithTheSystem() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let milliseconds = Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &generator)
            let instant = Instant(milliseconds: milliseconds)
            var seconds = time_t(instant.second)
            var parts = tm()
            gmtime_r(&seconds, &parts)
            let rest = milliseconds - instant.second * 1000
            let fields = [
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
            ]
            .map(String.init)
            func padded(_ text: String, _ width: Int) -> String {
                String(repeating: "0", count: max(0, width - text.count)) + text
            }
            let expected =
                "\(padded(fields[0], 4))-\(padded(fields[1], 2))-\(padded(fields[2], 2))T\(padded(fields[3], 2)):"
                + "\(padded(fields[4], 2)):\(padded(fields[5], 2)).\(padded(String(rest), 3))Z"
            #expect(instant.description == expected)
            #expect(try Instant(parsing: expected) == instant)
        }
    }

    @Test(arguments: [
        "", "2026-11-23", "2026-11-23T17:00:08Z", "2026-11-23T17:00:08.91Z", "2026-11-23T17:00:08.9180Z",
        "2026-11-23T17:00:08.918z", "2026-11-23t17:00:08.918Z", "2026-11-23T17:00:08.918+00:00",
        "2026-11-23 17:00:08.918Z", "2026-11-23T17:00:08,918Z", " 2026-11-23T17:00:08.918", "2026-13-01T00:00:00.000Z",
        "2026-00-01T00:00:00.000Z", "2026-02-29T00:00:00.000Z", "2100-02-29T00:00:00.000Z", "2026-04-31T00:00:00.000Z",
        "2026-01-00T00:00:00.000Z", "2026-01-32T00:00:00.000Z", "2026-01-01T24:00:00.000Z", "2026-01-01T00:60:00.000Z",
        "2016-12-31T23:59:60.000Z", "-026-01-01T00:00:00.000Z", "٢٠٢٦-01-01T00:00:00.000Z", "2026-1-001T00:00:00.000Z",
    ]) func refuses(_ text: String) {
        #expect(throws: CanonicalError.self) { try Instant(parsing: text) }
    }

    @Test func whatIsTooFarIsHeldAtTheEnd() {
        #expect(Instant(milliseconds: .max) == .latest)
        #expect(Instant(milliseconds: .min) == .earliest)
        #expect(Instant(milliseconds: 0).advanced(bySeconds: .max) == .latest)
        #expect(Instant(milliseconds: 0).advanced(bySeconds: .min) == .earliest)
        #expect(Instant.latest.advanced(bySeconds: 1) == .latest)
        #expect(Instant(milliseconds: 1500).advanced(bySeconds: -2).milliseconds == -500)
    }

    @Test func secondsRoundDown() {
        #expect(Instant(milliseconds: 1999).second == 1)
        #expect(Instant(milliseconds: -1).second == -1)
        #expect(Instant(milliseconds: -1000).second == -1)
    }
}
