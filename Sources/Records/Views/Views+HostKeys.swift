internal import Canonical
internal import Procurement
internal import SQLite

extension Views {
    func project(_ fact: HostKeyAdded, _ entry: LogEntry) throws {
        try connection.run(
            "INSERT INTO host_key(sequence, kind, certificate, at, not_after) VALUES(?, ?, ?, ?, ?)", .integer(entry.sequence),
            .text(fact.kind.rawValue), .digest(fact.certificate), .instant(entry.event.at), .instant(fact.notAfter))
    }

    func project(_ fact: HostKeyRetired, _ entry: LogEntry) throws {
        try connection.run(
            "UPDATE host_key SET retired = ? WHERE kind = ? AND certificate = ? AND retired IS NULL", .instant(entry.event.at),
            .text(fact.kind.rawValue), .digest(fact.certificate))
        guard connection.changes > 0 else { throw RegisterFailure.invalid("no such key of the host") }
    }

    func project(_ fact: PlatformSecretRestored, _ entry: LogEntry) throws {
        try connection.run(
            "INSERT INTO restored(sequence, consultation, part, secret, certificate, sealed) VALUES(?, ?, ?, ?, ?, ?)",
            .integer(entry.sequence), .identifier(fact.consultation), .text(fact.part), .digest(fact.secret),
            .digest(fact.certificate), .digest(fact.sealed))
    }

    func project(_ fact: RecoveryRehearsed, _ entry: LogEntry) throws {
        try connection.run(
            "INSERT INTO recovery_rehearsal(sequence, at, certificate, secrets) VALUES(?, ?, ?, ?)", .integer(entry.sequence),
            .instant(entry.event.at), .digest(fact.certificate), .integer(fact.secrets))
    }
}
