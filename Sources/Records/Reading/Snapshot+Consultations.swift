public import Canonical
public import Procurement
internal import SQLite

extension Snapshot {
    public func consultation(_ id: Identifier) throws -> Consultation? {
        let found = try connection.first(
            """
            SELECT c.id, c.log, c.account, c.buyer, c.reference, c.title, c.object, c.time_zone, c.parts,
                c.limit_document, c.limit_bid, c.limit_documents, c.deadline, c.deadline_version, c.published, c.closed,
                c.archived, c.keys,
                (SELECT count(*) FROM opening o WHERE o.consultation = c.id AND NOT o.voided AND o.committee IS NULL),
                (SELECT count(*) FROM opening o WHERE o.consultation = c.id AND o.concluded AND o.committee IS NULL), c.held, c.disclosed,
                c.frozen, c.pending, c.proposed, c.added
            FROM consultation c
            WHERE c.id = ?
            """, .identifier(id)
        ) { row in
            var consultation = Consultation(
                id: try row.identifier(0), log: try row.word(1), account: try row.identifier(2), buyer: row.text(3),
                reference: row.text(4), title: row.text(5), object: row.optionalText(6), timeZone: row.text(7),
                parts: try row.list(8),
                limits: Limits(document: row.integer(9), bid: row.integer(10), documents: row.integer(11)),
                deadline: Deadline(row.instant(12), version: Int(row.integer(13))), published: row.bool(14),
                closed: try row.optionalDigest(15), isHeld: row.bool(20), isDisclosed: row.bool(21), openings: Int(row.integer(18)), concluded: Int(row.integer(19)),
                archived: row.bool(16))
            consultation.frozen = row.bool(22)
            return (
                consultation, try row.optionalDigest(17), pending: try row.optionalDigest(23), proposed: try row.optionalDigest(24),
                hasEarlier: !row.isNull(25)
            )
        }
        guard let found else { return nil }
        var consultation = found.0
        consultation.keys = try found.1.flatMap { try keys($0, of: id) }
        consultation.pending = try found.pending.flatMap { try pending($0, of: id) }
        consultation.proposed = try found.proposed.flatMap { try keys($0, of: id) }
        if found.hasEarlier { consultation.earlier = try earlierKeys(of: id) }
        return consultation
    }

    private func earlierKeys(of consultation: Identifier) throws -> [Consultation.KeySet] {
        try connection.all(
            "SELECT keys, pending FROM earlier_keys WHERE consultation = ? ORDER BY ordinal", .identifier(consultation)
        ) { (try $0.digest(0), try $0.optionalDigest(1)) }.compactMap { fingerprint, pending in
            try keys(fingerprint, of: consultation).map {
                Consultation.KeySet($0, pending: try pending.flatMap { try self.pending($0, of: consultation) })
            }
        }
    }

    public func consultations() throws -> [Consultation] {
        try connection.all("SELECT id FROM consultation ORDER BY number") { try $0.identifier(0) }
            .compactMap { try consultation($0) }
    }

    public func unclosed() throws -> [Identifier] {
        try connection.all(
            "SELECT id FROM consultation WHERE published AND closed IS NULL AND NOT archived ORDER BY number"
        ) { try $0.identifier(0) }
    }

    /// Key sets that ceremonies made for a consultation; re-shares are not among them.
    public func keySetsMade(of consultation: Identifier) throws -> Int64 {
        try connection.first(
            "SELECT count(*) FROM key_set WHERE consultation = ? AND opening IS NULL", .identifier(consultation)
        ) { $0.integer(0) } ?? 0
    }

    public func secretIsTaken(_ secret: Digest, except consultation: Identifier) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM key_part WHERE secret = ? AND consultation <> ? LIMIT 1",
            .digest(secret), .identifier(consultation)
        ) { _ in true } ?? false
    }

    public func acceptances(of consultation: Identifier, keys: Digest) throws -> [Int: Digest] {
        let rows = try connection.all(
            "SELECT member, acceptance FROM acceptance WHERE consultation = ? AND fingerprint = ?", .identifier(consultation),
            .digest(keys)
        ) { (Int($0.integer(0)), try $0.digest(1)) }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    public func closing(of consultation: Identifier) throws -> [UInt8]? {
        try connection.first(
            """
            SELECT e.bytes FROM consultation c JOIN event e ON e.log = c.log AND e.position = c.closing WHERE c.id = ?
            """, .identifier(consultation)
        ) { $0.blob(0) }
    }

    /// The position of the closing statement in force.
    public func closingPosition(of consultation: Identifier) throws -> Int64? {
        try connection.first(
            "SELECT closing FROM consultation WHERE id = ? AND closing IS NOT NULL", .identifier(consultation)
        ) { $0.integer(0) }
    }

    /// Every version of the deadline, from 1 on.
    public func deadlines(of consultation: Identifier) throws -> [Deadline] {
        try connection.all(
            "SELECT instant, version FROM deadline WHERE consultation = ? ORDER BY version", .identifier(consultation)
        ) { Deadline($0.instant(0), version: Int($0.integer(1))) }
    }

    /// The buyer's decisions on the deadline and after the closing, in the order of the log: their events' bytes.
    public func decisions(on consultation: Identifier) throws -> [[UInt8]] {
        try connection.all(
            """
            SELECT e.bytes FROM journal j JOIN event e ON e.sequence = j.sequence
            WHERE j.consultation = ? AND j.type IN ('deadline-extended', 'reopened', 'hold-waived', 'late-bid-admitted', 'keys-added') ORDER BY j.sequence
            """, .identifier(consultation)
        ) { $0.blob(0) }
    }

    /// Refused requests about this consultation since its closing: openings, approvals, releases, readings.
    public func refusals(about consultation: Identifier, after position: Int64) throws -> Int64 {
        try connection.first(
            "SELECT count(*) FROM journal WHERE consultation = ? AND type = 'refused' AND position > ?",
            .identifier(consultation), .integer(position)
        ) { $0.integer(0) } ?? 0
    }

    public func keys(_ fingerprint: Digest, of consultation: Identifier) throws -> Consultation.Keys? {
        let parts = try connection.all(
            """
            SELECT part, certificate, capsule, secret FROM key_part
            WHERE consultation = ? AND fingerprint = ? ORDER BY ordinal
            """, .identifier(consultation), .digest(fingerprint)
        ) { row in
            KeysSet.Part(
                part: row.text(0), certificate: try row.digest(1), capsule: try row.digest(2), secret: try row.digest(3)
            )
        }
        let accepted = try connection.all(
            "SELECT member FROM acceptance WHERE consultation = ? AND fingerprint = ? ORDER BY member",
            .identifier(consultation), .digest(fingerprint)
        ) { Int($0.integer(0)) }
        return try connection.first(
            "SELECT k, n, not_before, original FROM key_set WHERE consultation = ? AND fingerprint = ?",
            .identifier(consultation), .digest(fingerprint)
        ) { row in
            Consultation.Keys(
                fingerprint: fingerprint, original: try row.digest(3), k: Int(row.integer(0)), n: Int(row.integer(1)), notBefore: row.instant(2),
                parts: parts, accepted: accepted)
        }
    }

    /// Dealt by a re-share, and not in force.
    private func pending(_ fingerprint: Digest, of consultation: Identifier) throws -> Consultation.PendingKeys? {
        let opening = try connection.first(
            "SELECT opening FROM key_set WHERE consultation = ? AND fingerprint = ?", .identifier(consultation), .digest(fingerprint)
        ) { try $0.identifier(0) }
        guard let opening, let keys = try keys(fingerprint, of: consultation) else { return nil }
        return Consultation.PendingKeys(keys, dealtBy: opening)
    }

    public func replacements(of consultation: Identifier) throws -> [KeysReplaced] {
        try connection.all(
            """
            SELECT e.bytes FROM journal j JOIN event e ON e.sequence = j.sequence
            WHERE j.consultation = ? AND j.type = 'keys-replaced' ORDER BY j.sequence
            """, .identifier(consultation)
        ) { try Event(canonical: $0.blob(0)).fact as? KeysReplaced }.compactMap { $0 }
    }
}
