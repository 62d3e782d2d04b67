internal import Canonical
internal import Procurement
internal import SQLite

extension Views {
    func project(_ fact: OpeningAnnounced, _ entry: LogEntry) throws {
        try connection.run(
            """
            INSERT INTO opening(
                number, id, consultation, digest, announcement, announcer, announced_by, announced_at, session, parts,
                committee, keys, released, concluded, voided)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ifnull(?, (SELECT keys FROM consultation WHERE id = ?)), 0, 0, 0)
            """,
            .integer(entry.sequence), .identifier(fact.opening), .identifier(fact.consultation), .digest(fact.digest),
            .digest(fact.announcement), .integer(Int64(fact.announcer)), .identifier(fact.user),
            .instant(entry.event.at), .digest(fact.session), .list(fact.parts), fact.committee.map(Value.digest) ?? .null,
            fact.keys.map(Value.digest) ?? .null, .identifier(fact.consultation))
    }

    func project(_ fact: OpeningApproved, _ entry: LogEntry) throws {
        try connection.run(
            "INSERT INTO approval(number, opening, member, approval) VALUES(?, ?, ?, ?)",
            .integer(entry.sequence), .identifier(fact.opening), .integer(Int64(fact.member)), .digest(fact.approval))
        for (ordinal, share) in fact.shares.enumerated() {
            try connection.run(
                "INSERT INTO approval_share(opening, member, ordinal, part, share) VALUES(?, ?, ?, ?, ?)",
                .identifier(fact.opening), .integer(Int64(fact.member)), .integer(Int64(ordinal)), .text(share.part),
                .digest(share.share))
        }
    }

    func project(_ fact: OpeningReleased) throws {
        try connection.run("UPDATE opening SET released = 1 WHERE id = ?", .identifier(fact.opening))
        try expectOne("opening")
    }

    func project(_ fact: BidRead) throws {
        try connection.run(
            "INSERT INTO reading(opening, bid) VALUES(?, ?) ON CONFLICT DO NOTHING",
            .identifier(fact.opening), .identifier(fact.bid))
    }

    func project(_ fact: OpeningConcluded) throws {
        try connection.run("UPDATE opening SET concluded = 1 WHERE id = ?", .identifier(fact.opening))
        try expectOne("opening")
        for (bids, opened) in [(fact.opened, 1), (fact.failed, 0)] {
            for bid in bids {
                try connection.run(
                    "INSERT INTO finding(opening, bid, opened) VALUES(?, ?, ?)", .identifier(fact.opening), .identifier(bid),
                    .integer(Int64(opened)))
            }
        }
    }
}
