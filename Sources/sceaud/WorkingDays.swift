import Canonical
import Foundation

/// When somebody is at the office again, in metropolitan France: nine o'clock of the next day that is no Saturday, no Sunday and no public
/// holiday (article L3133-1 of the Code du travail). For what a person is shown; no verdict rests on it.
enum WorkingDays {
    /// The next one after the day of `now`.
    static func next(after now: Instant) -> Instant {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "Europe/Paris") ?? .gmt
        var day = calendar.startOfDay(for: Date(timeIntervalSince1970: Double(now.second)))
        repeat {
            guard let next = calendar.date(byAdding: .day, value: 1, to: day) else { break }
            day = next
        } while isFree(day, calendar)
        let nine = calendar.date(bySettingHour: 9, minute: 0, second: 0, of: day) ?? day
        return Instant(milliseconds: Int64(nine.timeIntervalSince1970) * 1000)
    }

    private static func isFree(_ day: Date, _ calendar: Calendar) -> Bool {
        let parts = calendar.dateComponents([.year, .month, .day, .weekday], from: day)
        guard let year = parts.year, let month = parts.month, let number = parts.day, let weekday = parts.weekday else { return false }
        if weekday == 1 || weekday == 7 { return true }
        let fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
        if fixed.contains(where: { $0 == (month, number) }) { return true }
        let (easterMonth, easterDay) = easter(year)
        guard let sunday = calendar.date(from: DateComponents(year: year, month: easterMonth, day: easterDay)) else { return false }
        // Easter Monday, Ascension, Whit Monday.
        return [1, 39, 50].contains { calendar.date(byAdding: .day, value: $0, to: sunday).map { calendar.isDate($0, inSameDayAs: day) } == true }
    }

    /// Month and day of Easter Sunday (Gregorian; the anonymous algorithm of Meeus).
    static func easter(_ year: Int) -> (month: Int, day: Int) {
        let (a, b, c) = (year % 19, year / 100, year % 100)
        let (d, e, f) = (b / 4, b % 4, (b + 8) / 25)
        let g = (b - f + 1) / 3
        let h = (19 * a + b - d - g + 15) % 30
        let l = (32 + 2 * e + 2 * (c / 4) - h - c % 4) % 7
        let m = (a + 11 * h + 22 * l) / 451
        let n = h + l - 7 * m + 114
        return (n / 31, n % 31 + 1)
    }
}
