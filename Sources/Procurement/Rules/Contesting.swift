public import Canonical

/// What a concluded opening found of the bids that some opening failed on.
public struct Findings: Sendable, Equatable {
    public let opening: OpeningState
    public let opened: Set<Identifier>
    /// In log order.
    public let failed: [Identifier]

    public init(opening: OpeningState, opened: Set<Identifier>, failed: [Identifier]) {
        self.opening = opening
        self.opened = opened
        self.failed = failed
    }
}

/// What all openings together say of one part of a bid that some opener could not read.
///
/// An opener alone cannot have a rival's bid thrown out as unreadable: what one tool says it cannot open, another opens, or says so too.
public struct FailedPart: Sendable, Equatable {
    public let bid: Identifier
    public let part: String
    /// Two different members' tools could not open it. Else it is contested: one more opening, by another announcer, decides.
    public let isFinal: Bool

    public init(bid: Identifier, part: String, isFinal: Bool) {
        self.bid = bid
        self.part = part
        self.isFinal = isFinal
    }

    /// - Parameter findings: of the concluded openings of one consultation, in the order of the log.
    /// - Returns: in the order in which they failed first. What any opening opened is not among them.
    public static func all(in findings: [Findings]) -> [FailedPart] {
        struct Place: Hashable { let bid: Identifier, part: String }
        var order: [(bid: Identifier, part: String)] = []
        var seen: Set<Place> = []
        for finding in findings {
            for bid in finding.failed {
                for part in finding.opening.parts where seen.insert(Place(bid: bid, part: part)).inserted { order.append((bid, part)) }
            }
        }
        let findings = findings.map { (opening: $0.opening, opened: $0.opened, failed: Set($0.failed)) }
        return order.compactMap { bid, part in
            let of = findings.filter { $0.opening.parts.contains(part) }
            guard !of.contains(where: { $0.opened.contains(bid) }) else { return nil }
            let announcers = of.filter { $0.failed.contains(bid) }.map(\.opening)
            // By number and by user: after a re-share a number may be another person's, and a person have another number.
            let isFinal = announcers.contains { first in
                announcers.contains { $0.announcer != first.announcer && $0.announcedBy != first.announcedBy }
            }
            return FailedPart(bid: bid, part: part, isFinal: isFinal)
        }
    }
}
