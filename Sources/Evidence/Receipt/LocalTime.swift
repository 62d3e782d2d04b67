internal import Canonical
internal import Foundation

/// An instant as the people of a zone read it, for a page: never compared, hashed or judged.
struct LocalTime {
    /// `23 novembre 2026, 11:58:31,907`.
    let french: String
    /// `23 November 2026, 11:58:31.907`.
    let english: String
    /// `UTC+01:00`.
    let offset: String

    /// nil where the zone is not known here: UTC alone is shown then.
    init?(_ instant: Instant, zone: String) {
        guard let zone = TimeZone(identifier: zone) else { return nil }
        let seconds = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000))
        // Written by the one writer of instants, which counts in integers.
        let text = instant.advanced(bySeconds: Int64(seconds)).description
        let parts = text.split { "-T.Z".contains($0) }
        guard parts.count == 5, let month = Int(parts[1]), let day = Int(parts[2].prefix(2)) else { return nil }
        french = "\(day == 1 ? "1er" : "\(day)") \(Self.months[month - 1].french) \(parts[0]), \(parts[3]),\(parts[4])"
        english = "\(day) \(Self.months[month - 1].english) \(parts[0]), \(parts[3]).\(parts[4])"
        let minutes = abs(seconds) / 60
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        offset = "UTC\(seconds < 0 ? "−" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }

    private static let months: [(french: String, english: String)] = [
        ("janvier", "January"), ("février", "February"), ("mars", "March"), ("avril", "April"), ("mai", "May"),
        ("juin", "June"), ("juillet", "July"), ("août", "August"), ("septembre", "September"), ("octobre", "October"),
        ("novembre", "November"), ("décembre", "December"),
    ]
}
