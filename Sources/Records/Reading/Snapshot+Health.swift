public import Canonical
public import Procurement
internal import SQLite

extension Snapshot {
    /// The times between two instants in which nothing shows that the daemon worked, or in which it could not have taken a
    /// bid, from its own samples: in order, whole, also where one began before `from` or ended after `to`. One that has not
    /// ended lasts up to the last sample; the silence before a start ends with the first sample after it.
    public func sampledOutages(from: Instant, to: Instant) throws -> [Outage] {
        var outages: [Outage] = []
        // An hour's event comes at the end of the hour, or with the first sample of the next start.
        let recorded = try connection.all(
            "SELECT position FROM journal WHERE type = 'health' AND log = 'real' AND at >= ? ORDER BY sequence", .instant(from)
        ) { $0.integer(0) }
        for position in recorded {
            guard let bytes = try event(.real, at: position), let health = try Event(canonical: bytes).fact as? Health else { continue }
            outages += health.outages
        }
        outages += Outage.between(try pendingSamples().map(\.sample))
        return outages.filter { $0.from < to && from < $0.to }
    }

    /// The samples of no hour's event yet, behind the last one that has its event.
    func pendingSamples() throws -> [(number: Int64, isCovered: Bool, sample: HealthSample)] {
        try connection.all("SELECT number, covered, bytes FROM sample ORDER BY number") { row in
            (row.integer(0), row.bool(1), try HealthSample(json: JSON(canonical: row.blob(2))))
        }
    }

    /// The hours whose events say how the daemon was between two instants, in order.
    public func health(from: Instant, to: Instant, limit: Int) throws -> [(position: Int64, health: Health)] {
        try connection.all(
            "SELECT position FROM journal WHERE type = 'health' AND log = 'real' AND at >= ? ORDER BY sequence LIMIT ?",
            .instant(from), .integer(Int64(limit))
        ) { $0.integer(0) }.compactMap { position in
            guard let bytes = try event(.real, at: position), let health = try Event(canonical: bytes).fact as? Health,
                health.hour < to, from.milliseconds < health.hour.milliseconds + 3_600_000
            else { return nil }
            return (position, health)
        }
    }
}

extension Transaction {
    /// Keeps a sample until its hour is over. It is no event: its hour's digest will be one.
    public func keep(_ sample: HealthSample) throws {
        try connection.run(
            "INSERT INTO sample(at, covered, bytes) VALUES(?, 0, ?)", .instant(sample.at), .blob(sample.json.encoded()))
    }

    /// The facts of the hours that are over, their samples kept as objects. The last sample of them stays as a row, so that the
    /// silence behind it can be told.
    public func digestHealth(at now: Instant) throws -> [Health] {
        let rows = try pendingSamples()
        let current = Self.hour(of: now)
        var facts: [Health] = []
        var index = rows.first?.isCovered == true ? 1 : 0
        var last: Int64?
        while index < rows.count, facts.count < 100 {
            let hour = Self.hour(of: rows[index].sample.at)
            let end = rows[index...].firstIndex { Self.hour(of: $0.sample.at) != hour } ?? rows.count
            // Its hour goes on; after a clock that ran back it may be over although later rows are of an earlier one.
            guard end < rows.count || hour != current else { break }
            let own = rows[index..<min(end, index + 4000)].map(\.sample)
            let before = index > 0 ? [rows[index - 1].sample] : []
            facts.append(
                Health(
                    hour: hour, samples: try keep(HealthSamples(hour: hour, samples: own).canonicalBytes),
                    count: Int64(own.count), outages: Array(Outage.between(before + own).prefix(4000))))
            index += own.count
            last = rows[index - 1].number
        }
        if let last {
            try connection.run("DELETE FROM sample WHERE number < ?", .integer(last))
            try connection.run("UPDATE sample SET covered = 1 WHERE number = ?", .integer(last))
        }
        return facts
    }

    private static func hour(of instant: Instant) -> Instant {
        let part = instant.milliseconds % 3_600_000
        return Instant(milliseconds: instant.milliseconds - (part < 0 ? part + 3_600_000 : part))
    }
}
