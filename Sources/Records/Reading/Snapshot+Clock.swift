public import Canonical
public import Procurement
internal import SQLite

extension Snapshot {
    /// What the register says of the clock that wrote it.
    public func clockHistory() throws -> ClockHistory {
        let last = try connection.first("SELECT at FROM journal ORDER BY sequence DESC LIMIT 1") { $0.instant(0) }
        let decision = try connection.first(
            "SELECT since, at FROM clock WHERE type = 'clock-accepted' ORDER BY sequence DESC LIMIT 1"
        ) { (instant: $0.instant(0), at: $0.instant(1)) }
        let change = try connection.first(
            "SELECT type, since FROM clock WHERE type IN ('clock-unsound', 'clock-sound') ORDER BY sequence DESC LIMIT 1"
        ) { (isOpen: $0.text(0) == "clock-unsound", since: $0.instant(1)) }
        return ClockHistory(
            last: last ?? Instant(milliseconds: 0), decision: decision,
            unsoundSince: change.flatMap { $0.isOpen ? $0.since : nil })
    }

    /// Those that wait for a verdict, in the order in which they were recorded.
    public func pendingBids(limit: Int) throws -> [BidEntry] {
        try connection.all(
            """
            SELECT position, leaf, id, consultation, depositor, verdict, intent, seal, documents, withdrawn, admitted, keys FROM bid
            WHERE verdict = 'pending' ORDER BY number LIMIT ?
            """, .integer(Int64(limit)), read: Self.entry)
    }

    /// The span, in which the clock was not believed, that a pending bid was received in: it ended with the first `clock-sound`
    /// after the bid was recorded, or, for one that was recorded later, with the last of all.
    public func clockSpan(of bid: BidEntry) throws -> (since: Instant, until: Instant)? {
        let number = try connection.first("SELECT number FROM bid WHERE id = ?", .identifier(bid.bid)) { $0.integer(0) } ?? 0
        let after = try connection.first(
            "SELECT since, until FROM clock WHERE type = 'clock-sound' AND sequence > ? ORDER BY sequence LIMIT 1",
            .integer(number)
        ) { (since: $0.instant(0), until: $0.instant(1)) }
        return try after
            ?? connection.first(
                "SELECT since, until FROM clock WHERE type = 'clock-sound' ORDER BY sequence DESC LIMIT 1"
            ) { (since: $0.instant(0), until: $0.instant(1)) }
    }

    /// Outages that ended after `instant`: the daemon was down, its clock was not believed, or its own samples say that it could not
    /// have taken a bid. The last 1000.
    public func outages(endingAfter instant: Instant, until now: Instant) throws -> [Outage] {
        let spans = try connection.all(
            """
            SELECT type, since, until FROM clock
            WHERE type IN ('down', 'clock-sound') AND until > ? AND since < until ORDER BY sequence DESC LIMIT 1000
            """, .instant(instant)
        ) { row in
            Outage(from: row.instant(1), to: row.instant(2), cause: row.text(0) == "down" ? Outage.down : Outage.clock)
        }
        // That it was not running is said above, to the moment of its start.
        let sampled = try sampledOutages(from: instant, to: now).filter { $0.cause != Outage.down }
        return Array((spans + sampled).sorted { ($0.from, $0.to) < ($1.from, $1.to) }.suffix(1000))
    }

    /// The last moment at which the daemon is known to have run: its last event, or its last sample.
    public func lastAlive() throws -> Instant {
        let history = try clockHistory()
        guard history.unsoundSince == nil, let sample = try pendingSamples().last?.sample else { return history.floor }
        return max(history.floor, sample.at)
    }
}
