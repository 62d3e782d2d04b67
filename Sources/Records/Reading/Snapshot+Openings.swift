public import Canonical
public import Procurement
internal import SQLite

extension Snapshot {
    public func opening(_ id: Identifier) throws -> OpeningState? {
        let found = try connection.first(
            """
            SELECT id, consultation, digest, announcement, announcer, announced_by, announced_at, session, parts,
                released, concluded, voided, keys, committee,
                (SELECT original FROM key_set s WHERE s.consultation = opening.consultation AND s.fingerprint = opening.keys)
            FROM opening WHERE id = ?
            """, .identifier(id)
        ) { row in
            OpeningState(
                opening: try row.identifier(0), consultation: try row.identifier(1), digest: try row.digest(2),
                announcement: try row.digest(3), announcer: Int(row.integer(4)), announcedBy: try row.identifier(5),
                announcedAt: row.instant(6), session: try row.digest(7), parts: try row.list(8), keys: try row.digest(12), original: try row.digest(14),
                committee: try row.optionalDigest(13),
                released: row.bool(9), concluded: row.bool(10), voided: row.bool(11))
        }
        guard var opening = found else { return nil }
        opening.approvals = try connection.all(
            "SELECT member, approval FROM approval WHERE opening = ? ORDER BY number", .identifier(id)
        ) { row in
            OpeningState.Approved(
                member: Int(row.integer(0)), approval: try row.digest(1),
                shares: try shares(of: Int(row.integer(0)), in: id))
        }
        return opening
    }

    public func openings(of consultation: Identifier) throws -> [OpeningState] {
        try connection.all(
            "SELECT id FROM opening WHERE consultation = ? ORDER BY number", .identifier(consultation)
        ) { try $0.identifier(0) }
        .compactMap { try opening($0) }
    }

    public func unopenedKeySets(of consultation: Identifier) throws -> [Digest] {
        try connection.all(
            """
            SELECT DISTINCT b.keys FROM bid b
            WHERE b.consultation = ?1 AND b.withdrawn IS NULL AND b.verdict = 'on-time' AND b.keys NOT IN (
                SELECT s.original FROM opening o JOIN key_set s ON s.consultation = o.consultation AND s.fingerprint = o.keys
                WHERE o.consultation = ?1 AND o.concluded AND o.committee IS NULL)
            ORDER BY b.keys
            """, .identifier(consultation)
        ) { try $0.digest(0) }
    }

    public func findings(among openings: [OpeningState]) throws -> [Findings] {
        let concluded = openings.filter { $0.concluded && !$0.isReshare }
        let failed = try concluded.map { opening in
            try connection.all(
                """
                SELECT f.bid FROM finding f INDEXED BY finding_failed JOIN bid b ON b.id = f.bid
                WHERE f.opening = ? AND NOT f.opened ORDER BY b.position
                """, .identifier(opening.opening)
            ) { try $0.identifier(0) }
        }
        let asked = Set(failed.joined())
        return try zip(concluded, failed).map { opening, failed in
            let opened = try asked.subtracting(failed).filter { bid in
                try connection.first(
                    "SELECT opened FROM finding WHERE opening = ? AND bid = ?", .identifier(opening.opening), .identifier(bid)
                ) { $0.bool(0) } ?? false
            }
            return Findings(opening: opening, opened: opened, failed: failed)
        }
    }

    public func wasRead(_ bid: Identifier, in opening: Identifier) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM reading WHERE opening = ? AND bid = ?", .identifier(opening), .identifier(bid)
        ) { _ in true } ?? false
    }

    private func shares(of member: Int, in opening: Identifier) throws -> [OpeningApproved.Share] {
        try connection.all(
            "SELECT part, share FROM approval_share WHERE opening = ? AND member = ? ORDER BY ordinal",
            .identifier(opening), .integer(Int64(member))
        ) { OpeningApproved.Share(part: $0.text(0), share: try $0.digest(1)) }
    }
}
