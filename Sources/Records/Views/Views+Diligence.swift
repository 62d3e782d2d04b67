internal import Canonical
internal import Procurement
internal import SQLite

extension Views {
    func project(_ consultation: Identifier, frozen: Bool) throws {
        try connection.run(
            "UPDATE consultation SET frozen = ? WHERE id = ?", .integer(frozen ? 1 : 0), .identifier(consultation))
        try expectOne("consultation")
    }

    /// The consultation may be lost with the bid: nothing is asked of it.
    func project(_ fact: ReceiptPresented, _ entry: LogEntry) throws {
        try connection.run(
            "INSERT INTO presented(sequence, leaf, consultation, bid, deadline) VALUES(?, ?, ?, ?, ?)",
            .integer(entry.sequence), .digest(fact.leaf), .identifier(fact.consultation), .identifier(fact.bid),
            .instant(fact.deadline))
    }

    func project(_ fact: AttemptTraced, _ entry: LogEntry) throws {
        try connection.run(
            "INSERT INTO attempt(sequence, attempt, account) VALUES(?, ?, ?)", .integer(entry.sequence),
            .identifier(fact.attempt), .identifier(fact.account))
    }

    func project(_ fact: Attested, _ entry: LogEntry) throws {
        try connection.run(
            "INSERT INTO attested(statement, sequence) VALUES(?, ?)", .digest(fact.statement), .integer(entry.sequence))
    }
}
