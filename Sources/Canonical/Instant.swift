/// An instant in whole milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted, written
/// `2026-11-23T17:00:08.918Z`.
///
/// From year 0 to year 9999: what is beyond is held at the nearest end, so that every instant can be written and
/// read again, whatever a broken clock says. Computed by hand on integers: Foundation's ISO format printed one
/// millisecond in two too low.
public struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let milliseconds: Int64

    public static let earliest = Instant(milliseconds: -62_167_219_200_000)
    public static let latest = Instant(milliseconds: 253_402_300_799_999)

    public init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
    }

    /// Seconds since 1970, rounded down: what deadlines compare.
    public var second: Int64 { Self.floor(milliseconds, 1000).quotient }

    public func advanced(bySeconds seconds: Int64) -> Instant {
        let (distance, much) = seconds.multipliedReportingOverflow(by: 1000)
        let (sum, more) = milliseconds.addingReportingOverflow(distance)
        guard !much, !more else { return seconds < 0 ? .earliest : .latest }
        return Instant(milliseconds: sum)
    }

    public static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }

    /// Rounds towards minus infinity, where Swift's `/` rounds towards zero.
    private static func floor(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension Instant {
    public var description: String {
        let (day, millisecond) = Self.floor(milliseconds, 86_400_000)
        let (year, month, dayOfMonth) = Self.civil(fromDay: day)
        var text: [UInt8] = []
        func write(_ number: Int64, _ width: Int, _ end: Unicode.Scalar) {
            let digits = Array(String(number).utf8)
            text += [UInt8](repeating: UInt8(ascii: "0"), count: max(0, width - digits.count)) + digits
            text.append(UInt8(ascii: end))
        }
        write(year, 4, "-")
        write(month, 2, "-")
        write(dayOfMonth, 2, "T")
        write(millisecond / 3_600_000, 2, ":")
        write(millisecond / 60_000 % 60, 2, ":")
        write(millisecond / 1000 % 60, 2, ".")
        write(millisecond % 1000, 3, "Z")
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the exact form only: 24 characters, a day that exists, no leap second, `Z`.
    public init(parsing text: String) throws(CanonicalError) {
        let bytes = Array(text.utf8)
        let pattern = Array("0000-00-00T00:00:00.000Z".utf8)
        let wrong = CanonicalError(reason: "an instant is not of the form 2026-11-23T17:00:08.918Z")
        guard bytes.count == pattern.count else { throw wrong }
        for (byte, expected) in zip(bytes, pattern) {
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            guard expected == UInt8(ascii: "0") ? isDigit : byte == expected else { throw wrong }
        }
        func number(_ range: Range<Int>) -> Int64 {
            bytes[range].reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        guard (1...12).contains(month), day >= 1, hour < 24, minute < 60, second < 60 else { throw wrong }
        let date = Self.day(year, month, day)
        guard Self.civil(fromDay: date) == (year, month, day) else { throw wrong }
        let seconds = (hour * 60 + minute) * 60 + second
        self.init(milliseconds: date * 86_400_000 + seconds * 1000 + number(20..<23))
    }

    // Days of the proleptic Gregorian calendar, counted in eras of 400 years that begin on the first of March
    // (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil and civil_from_days).

    private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let (era, yearOfEra) = floor(month <= 2 ? year - 1 : year, 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(fromDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floor(day + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
