import Canonical

/// The member's own clock, which no daemon can set: k of them must have passed a deadline before anything opens.
enum OwnClock {
    /// A consultation closes one second after its deadline: whoever is on time within the deadline's own second has
    /// been.
    static func closing(of deadline: Instant) -> Instant {
        Instant(milliseconds: (deadline.second + 1) * 1000)
    }

    /// Refuses until `now` has passed every one of the deadlines.
    static func check(_ now: Instant, hasPassed deadlines: [Instant]) throws(CommandError) {
        guard let latest = deadlines.max(), now < closing(of: latest) else { return }
        throw .refused(
            "too early: by this machine's clock it is \(now), and nothing may be opened before \(closing(of: latest))",
            hint: "that is the latest deadline this tool knows of, plus one second; if this clock is wrong, set it")
    }
}
