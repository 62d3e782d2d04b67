internal import Canonical
internal import Procurement
internal import SQLite

/// Folds events into the views, one at a time, in the transaction that appends them.
struct Views {
    let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    /// - Throws: `RegisterFailure.invalid` where the event speaks of what is not there, SQLite's constraint where it
    ///   repeats what may be once.
    func project(_ entry: LogEntry) throws {
        let event = entry.event
        let type = type(of: event.fact).type
        try connection.run(
            "INSERT INTO journal(sequence, log, position, type, at, consultation) VALUES(?, ?, ?, ?, ?, ?)",
            .integer(entry.sequence), .text(event.log.rawValue), .integer(entry.position), .text(type),
            .instant(event.at), consultation(of: event.fact))
        switch event.fact {
        case let fact as AccountCreated: try project(fact, entry)
        case let fact as UserAdded: try project(fact)
        case let fact as TokenIssued: try project(fact, entry)
        case let fact as TokenEnded: try project(fact)
        case let fact as HostKeyAdded: try project(fact, entry)
        case let fact as HostKeyRetired: try project(fact, entry)
        case let fact as PlatformSecretRestored: try project(fact, entry)
        case let fact as RecoveryRehearsed: try project(fact, entry)
        case let fact as ConsultationArchived: try project(fact)
        case let fact as ConsultationCreated: try project(fact, entry)
        case let fact as KeysSet: try project(fact)
        case let fact as KeysAdded: try project(fact, entry)
        case let fact as KeyAccepted: try project(fact, entry)
        case let fact as ShareRehearsed: try project(fact, entry)
        case let fact as RehearsalDue: try project(fact, entry)
        case let fact as CommitteeSet: try project(fact, entry)
        case let fact as Published: try project(fact)
        case let fact as DeadlineExtended: try project(fact)
        case let fact as BidReceived: try project(fact, entry)
        case let fact as ReceiptKept: try project(fact)
        case let fact as DraftOpened: try project(fact, entry)
        case let fact as DraftDropped: try project(fact)
        case let fact as BidWithdrawn: try project(fact, entry)
        case let fact as IntentStated: try project(fact, entry)
        case let fact as NoticeDue: try project(fact, entry)
        case let fact as CopyRegistered: try project(fact, entry)
        case let fact as CopyDecided: try project(fact)
        case let fact as Closed: try project(fact, entry)
        case let fact as Timestamped: try project(fact)
        case let fact as OpeningAnnounced: try project(fact, entry)
        case let fact as OpeningApproved: try project(fact, entry)
        case let fact as OpeningReleased: try project(fact)
        case let fact as SharesReleased: try project(fact)
        case let fact as KeysReshared: try project(fact)
        case let fact as KeysReplaced: try project(fact)
        case let fact as BidRead: try project(fact)
        case let fact as OpeningConcluded: try project(fact)
        case let fact as VerdictGiven: try project(fact, entry)
        case let fact as ClosingStated: try project(fact, entry)
        case let fact as BidJudged: try project(fact, entry)
        case let fact as Reopened: try project(fact)
        case let fact as HoldWaived: try project(fact)
        case let fact as LateBidAdmitted: try project(fact, entry)
        case let fact as StatementDisclosed: try project(fact)
        case is ClockUnsound, is ClockSound, is ClockAccepted, is Down: try project(clock: event.fact, entry)
        // The journal is all there is of them.
        case let fact as ConsultationFrozen: try project(fact.consultation, frozen: true)
        case let fact as ConsultationUnfrozen: try project(fact.consultation, frozen: false)
        case let fact as ReceiptPresented: try project(fact, entry)
        case let fact as AttemptTraced: try project(fact, entry)
        case let fact as Attested: try project(fact, entry)
        case is Health, is LogOpened, is LogEnded, is LogContinued, is Blank, is AttemptFailed, is Refused, is RefusalsCounted,
            is SetAside, is ClockCompared, is MinutesExtracted, is MirrorLost, is MirrorRegained:
            break
        default: throw RegisterFailure.invalid("no view knows the event \(type)")
        }
    }

    /// Drops the views and folds every event anew, in the caller's transaction.
    static func rebuild(_ connection: Connection) throws {
        try ViewSchema.drop(connection)
        try make(connection, from: connection)
        try connection.execute("DELETE FROM views")
        try connection.run("INSERT INTO views(version) VALUES(?)", .integer(ViewSchema.version))
    }

    /// Makes the views in `connection` from the events in `register`.
    static func make(_ connection: Connection, from register: Connection) throws {
        try ViewSchema.create(connection)
        let views = Views(connection)
        try register.run("SELECT sequence, position, leaf, bytes FROM event ORDER BY sequence") { row in
            let bytes = row.blob(3)
            try views.project(
                LogEntry(
                    sequence: row.integer(0), position: row.integer(1), leaf: try row.digest(2), bytes: bytes,
                    event: try Event(canonical: bytes)))
        }
    }

    static func version(_ connection: Connection) throws -> Int64? {
        try connection.first("SELECT version FROM views") { $0.integer(0) }
    }

    private func consultation(of fact: any Fact) -> Value {
        if case .string(let text) = fact.fields["consultation"] { .text(text) } else { .null }
    }

    /// An UPDATE that must find its row.
    func expectOne(_ what: String) throws {
        guard connection.changes == 1 else { throw RegisterFailure.invalid("no such \(what)") }
    }
}
