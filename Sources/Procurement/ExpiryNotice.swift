public import Canonical

/// How near the end of a certificate is: what a page, a metric and the log say of it in the same words.
public enum ExpiryNotice: String, Sendable, CaseIterable, Comparable {
    case expired
    /// 7 days or fewer.
    case week
    /// 30 days or fewer.
    case month
    /// 60 days or fewer.
    case approaching

    private var days: Int64 {
        switch self {
        case .expired: 0
        case .week: 7
        case .month: 30
        case .approaching: 60
        }
    }

    /// The nearest; nil where there is time.
    public init?(notAfter: Instant, now: Instant) {
        let left = notAfter.second - now.second
        guard let notice = Self.allCases.first(where: { $0 == .expired ? left < 0 : left <= $0.days * 86_400 }) else { return nil }
        self = notice
    }

    public static func < (left: ExpiryNotice, right: ExpiryNotice) -> Bool { left.days < right.days }
}
