internal import Canonical
internal import Procurement
internal import SQLite

extension Views {
    /// Spans of time: when the daemon was down, when its clock was not believed, and who said that it is right.
    func project(clock fact: any Fact, _ entry: LogEntry) throws {
        let (since, until): (Instant, Instant?) =
            switch fact {
            case let fact as ClockUnsound: (fact.since, nil)
            case let fact as ClockSound: (fact.since, fact.until)
            case let fact as ClockAccepted: (fact.instant, nil)
            case let fact as Down: (fact.since, fact.until)
            default: throw RegisterFailure.invalid("no fact about a clock")
            }
        try connection.run(
            "INSERT INTO clock(sequence, type, at, since, until) VALUES(?, ?, ?, ?, ?)", .integer(entry.sequence),
            .text(type(of: fact).type), .instant(entry.event.at), .instant(since), until.map(Value.instant) ?? .null)
    }
}
