public import Canonical
public import Procurement
internal import SQLite

extension Snapshot {
    /// The standing committees in force of an account, by their names.
    public func committees(of account: Identifier) throws -> [CommitteeEntry] {
        try connection.all(
            """
            SELECT name, committee, at FROM committee c
            WHERE account = ? AND sequence = (SELECT max(sequence) FROM committee o WHERE o.account = c.account AND o.name = c.name)
            ORDER BY name
            """, .identifier(account)
        ) { CommitteeEntry(name: $0.text(0), committee: try $0.digest(1), at: $0.instant(2)) }
    }

    /// What was in force under this name before, the newest first.
    public func formerCommittees(of account: Identifier, named name: String, limit: Int) throws -> [Digest] {
        try connection.all(
            "SELECT committee FROM committee WHERE account = ? AND name = ? ORDER BY sequence DESC LIMIT ? OFFSET 1",
            .identifier(account), .text(name), .integer(Int64(limit))
        ) { try $0.digest(0) }
    }

    public func rehearsal(_ member: Int, of consultation: Identifier, fingerprint: Digest) throws -> RehearsalEntry? {
        try connection.first(
            """
            SELECT consultation, fingerprint, member, since, rehearsed, reminded FROM rehearsal
            WHERE consultation = ? AND fingerprint = ? AND member = ?
            """, .identifier(consultation), .digest(fingerprint), .integer(Int64(member)), read: Self.rehearsalEntry)
    }

    /// Of the key sets in force, where they may still be needed: all that were last known to open, or last reminded of, at `before` or
    /// earlier. In the order of their members.
    ///
    /// - Parameter account: of this one alone.
    public func rehearsals(before: Instant, account: Identifier? = nil, limit: Int) throws -> [RehearsalEntry] {
        try connection.all(
            """
            SELECT r.consultation, r.fingerprint, r.member, r.since, r.rehearsed, r.reminded
            FROM rehearsal r JOIN consultation c ON c.id = r.consultation AND (c.keys = r.fingerprint OR EXISTS (
                SELECT 1 FROM earlier_keys e WHERE e.consultation = c.id AND e.keys = r.fingerprint))
            WHERE NOT c.archived AND max(r.since, ifnull(r.reminded, 0)) <= ?1 AND (?2 IS NULL OR c.account = ?2)
                AND NOT EXISTS (
                    SELECT 1 FROM opening o JOIN key_set s ON s.consultation = o.consultation AND s.fingerprint = o.keys
                    WHERE o.consultation = c.id AND o.concluded AND o.committee IS NULL AND s.original = (
                        SELECT original FROM key_set k WHERE k.consultation = c.id AND k.fingerprint = r.fingerprint))
            ORDER BY c.number, r.member LIMIT ?3
            """, .instant(before), account.map(Value.identifier) ?? .null, .integer(Int64(limit)), read: Self.rehearsalEntry)
    }

    /// Those of an account of which a reminder stands.
    public func reminders(account: Identifier, limit: Int) throws -> [RehearsalEntry] {
        try connection.all(
            """
            SELECT r.consultation, r.fingerprint, r.member, r.since, r.rehearsed, r.reminded
            FROM rehearsal r JOIN consultation c ON c.id = r.consultation AND (c.keys = r.fingerprint OR EXISTS (
                SELECT 1 FROM earlier_keys e WHERE e.consultation = c.id AND e.keys = r.fingerprint))
            WHERE NOT c.archived AND r.reminded IS NOT NULL AND c.account = ?
                AND NOT EXISTS (
                    SELECT 1 FROM opening o JOIN key_set s ON s.consultation = o.consultation AND s.fingerprint = o.keys
                    WHERE o.consultation = c.id AND o.concluded AND o.committee IS NULL AND s.original = (
                        SELECT original FROM key_set k WHERE k.consultation = c.id AND k.fingerprint = r.fingerprint))
            ORDER BY c.number, r.member LIMIT ?
            """, .identifier(account), .integer(Int64(limit)), read: Self.rehearsalEntry)
    }

    private static func rehearsalEntry(_ row: borrowing Row) throws -> RehearsalEntry {
        RehearsalEntry(
            consultation: try row.identifier(0), fingerprint: try row.digest(1), member: Int(row.integer(2)),
            since: row.instant(3), rehearsed: row.isNull(4) ? nil : row.instant(4),
            reminded: row.isNull(5) ? nil : row.instant(5))
    }
}
