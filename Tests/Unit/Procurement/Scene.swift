import Canonical
import Procurement

/// A consultation and the people around it, at any point of its life.
///
/// Its deadline is 2026-11-23T12:00:00Z; committee of three, quorum of two.
enum Scene {
    static func identifier(_ number: UInt8) -> Identifier {
        Identifier(random: InlineArray<16, UInt8>(repeating: number))
    }

    static func digest(_ number: UInt8) -> Digest { Digest(InlineArray<32, UInt8>(repeating: number)) }

    static func instant(_ text: String) -> Instant {
        do { return try Instant(parsing: text) } catch { fatalError("\(text): \(error)") }
    }

    /// `12:00:00.999` of the day of the deadline.
    static func time(_ text: String) -> Instant { instant("2026-11-23T\(text)Z") }

    static let deadline = time("12:00:00.000")
    static let closes = time("12:00:01.000")
    static let before = time("11:00:00.000")
    static let after = time("13:00:00.000")

    static let commune = identifier(0xa1)
    static let id = identifier(0xc0)
    static let instance = identifier(0x1a)
    static let fingerprint = digest(0xf1)
    static let limits = Limits(document: 1 << 30, bid: 1 << 31, documents: 10)

    // MARK: People

    static func principal(
        _ roles: Role..., user: UInt8 = 0x01, account: Identifier = commune, kind: AccountKind = .member
    ) -> Principal {
        Principal(
            user: identifier(user), account: account, kind: kind, accountName: "Commune de Saint-Aubin",
            registration: nil, person: digest(0x9e), roles: Set(roles))
    }

    static let buyer = principal(.buyer, user: 0x02)
    static let opener = principal(.opener, user: 0x03)
    static let otherOpener = principal(.opener, user: 0x04)
    static let strangeOpener = principal(.opener, user: 0x05, account: identifier(0xa2))
    static let bidder = principal(.bidder, user: 0x06, account: identifier(0xb1), kind: .company)

    // MARK: The consultation

    static func keys(
        k: Int = 2, n: Int = 3, notBefore: Instant = deadline, parts: [String] = ["offer"], accepted: [Int] = [1, 2, 3]
    ) -> Consultation.Keys {
        Consultation.Keys(
            fingerprint: fingerprint, k: k, n: n, notBefore: notBefore, parts: keyParts(parts), accepted: accepted)
    }

    static func keyParts(_ names: [String]) -> [KeysSet.Part] {
        names.enumerated().map { index, name in
            let number = UInt8(index)
            return KeysSet.Part(
                part: name, certificate: digest(0x10 + number), capsule: digest(0x20 + number),
                secret: digest(0x30 + number))
        }
    }

    static func consultation(
        _ phase: Phase, deadline instant: Instant = deadline, version: Int = 1, parts: [String] = ["offer"],
        keys: Consultation.Keys? = nil
    ) -> Consultation {
        let rank = Phase.allCases.firstIndex(of: phase) ?? 0
        func isPast(_ other: Phase) -> Bool { rank >= Phase.allCases.firstIndex(of: other) ?? 0 }
        return Consultation(
            id: id, log: .real, account: commune, buyer: "Commune de Saint-Aubin", reference: "2026-42",
            title: "Réfection de la toiture", object: nil, timeZone: "Europe/Paris", parts: parts, limits: limits,
            deadline: Deadline(instant, version: version),
            keys: isPast(.sealed) ? keys ?? Scene.keys(parts: parts) : nil, published: isPast(.published),
            closed: isPast(.closed) ? digest(0xcd) : nil, openings: isPast(.opening) ? 1 : 0,
            concluded: isPast(.opened) ? 1 : 0, archived: phase == .archived)
    }

    // MARK: Bids and openings

    static func submission(
        bid: UInt8 = 0xd1, keys: Digest = fingerprint, documents: Int = 1, received: Instant = before,
        outcome: BidReceived.Outcome? = nil
    ) -> Submission {
        Submission(
            bid: identifier(bid), seal: digest(0x5e), keys: keys, sealedBy: .platform, intent: .unstated,
            documents: documents, started: time("10:59:58.100"), firstByte: time("10:59:58.200"), received: received,
            bidCode: digest(0xbc), outcome: outcome)
    }

    static func entry(
        _ bid: UInt8, _ verdict: Verdict = .onTime, of consultation: Identifier = id, isWithdrawn: Bool = false, admitted: Instant? = nil,
        keys: Digest = fingerprint
    ) -> BidEntry {
        BidEntry(
            position: Int64(bid), leaf: digest(bid), bid: identifier(bid), consultation: consultation,
            depositor: bidder.account, verdict: verdict, intent: .unstated, seal: digest(0x5e), keys: keys, documents: 1,
            isWithdrawn: isWithdrawn, admitted: admitted)
    }

    static func announcement(
        opening: UInt8 = 0xe1, log: Log = .real, fingerprint: Digest = fingerprint, deadline: Instant = deadline,
        closing: Digest = digest(0xcd), parts: [String] = ["offer"], announcer: Int = 1
    ) -> Consultation.Announcement {
        Consultation.Announcement(
            opening: identifier(opening), log: log, fingerprint: fingerprint, deadline: deadline, closing: closing,
            parts: parts, announcer: announcer, session: digest(0x55), digest: digest(0x0e), signed: digest(0x51))
    }

    static func opening(
        _ number: UInt8 = 0xe1, of consultation: Identifier = id, announcer: Int = 1, parts: [String] = ["offer"],
        keys: Digest = fingerprint, original: Digest? = nil, committee: Digest? = nil, approvals: [Int] = [], released: Bool = false, concluded: Bool = false
    ) -> OpeningState {
        OpeningState(
            opening: identifier(number), consultation: consultation, digest: digest(0x0e), announcement: digest(0x51),
            announcer: announcer, announcedBy: opener.user, announcedAt: time("12:00:02.000"), session: digest(0x55),
            parts: parts, keys: keys, original: original, committee: committee,
            approvals: approvals.map {
                OpeningState.Approved(
                    member: $0, approval: digest(0xaa), shares: parts.map { .init(part: $0, share: digest(0x54)) })
            }, released: released, concluded: concluded)
    }
}

/// What a rule said: nil where it agreed.
func refusal<Result>(_ body: () throws(Refusal) -> Result) -> Refusal? {
    do {
        _ = try body()
        return nil
    } catch {
        return error
    }
}
