internal import Canonical
internal import Procurement
internal import SQLite

extension Views {
    func project(_ fact: SharesReleased) throws {
        try connection.run("UPDATE opening SET released = 1 WHERE id = ? AND committee IS NOT NULL", .identifier(fact.opening))
        try expectOne("re-share")
    }

    /// Beside the set in force; the last one dealt is the one that may still replace it.
    func project(_ fact: KeysReshared) throws {
        try connection.run(
            "INSERT INTO key_set(consultation, fingerprint, original, opening, k, n, not_before) VALUES(?, ?, ?, ?, ?, ?, ?)",
            .identifier(fact.consultation), .digest(fact.fingerprint), .digest(fact.original), .identifier(fact.opening),
            .integer(Int64(fact.k)), .integer(Int64(fact.n)), .instant(fact.notBefore))
        for (ordinal, part) in fact.parts.enumerated() {
            try connection.run(
                """
                INSERT INTO key_part(consultation, fingerprint, ordinal, part, certificate, capsule, secret)
                VALUES(?, ?, ?, ?, ?, ?, ?)
                """,
                .identifier(fact.consultation), .digest(fact.fingerprint), .integer(Int64(ordinal)), .text(part.part),
                .digest(part.certificate), .digest(part.capsule), .digest(part.secret))
        }
        try connection.run(
            "UPDATE consultation SET pending = ? WHERE id = ? AND keys = ?", .digest(fact.fingerprint),
            .identifier(fact.consultation), .digest(fact.replaces))
        if connection.changes == 0 {
            try connection.run(
                "UPDATE earlier_keys SET pending = ? WHERE consultation = ? AND keys = ?", .digest(fact.fingerprint),
                .identifier(fact.consultation), .digest(fact.replaces))
        }
        try expectOne("consultation with these keys")
        try connection.run("UPDATE opening SET concluded = 1 WHERE id = ? AND committee IS NOT NULL", .identifier(fact.opening))
        try expectOne("re-share")
    }

    func project(_ fact: KeysReplaced) throws {
        try connection.run(
            "UPDATE consultation SET keys = pending, pending = NULL WHERE id = ? AND pending = ? AND keys = ?",
            .identifier(fact.consultation), .digest(fact.fingerprint), .digest(fact.replaces))
        if connection.changes == 0 {
            try connection.run(
                "UPDATE earlier_keys SET keys = pending, pending = NULL WHERE consultation = ? AND pending = ? AND keys = ?",
                .identifier(fact.consultation), .digest(fact.fingerprint), .digest(fact.replaces))
        }
        try expectOne("consultation with these keys")
    }
}
