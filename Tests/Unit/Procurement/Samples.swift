import Canonical
import Procurement

/// One event of each type with every field it can have, and one without the optional ones where there are any. The
/// committed vectors of the same names are their bytes.
enum Samples {
    static let all: [(name: String, event: Event)] = members + logs + people + preparation + bids + openings + diligence + clocks + closings + losses + hostKeys

    static func event(_ name: String, _ fact: any Fact, log: Log = .real) -> (name: String, event: Event) {
        (name, Event(log: log, at: Scene.instant("2026-11-23T17:00:08.918Z"), nonce: Array(0..<16), fact: fact))
    }

    static func made<Value>(_ body: () throws -> Value) -> Value {
        do { return try body() } catch { fatalError("a sample: \(error)") }
    }

    /// Of Merkle.md.
    private static let key = "sceau/0123456789abcdef0123456789abcdef/training+0ee31ee6+AZQ8jDADBUJUjVHzlNorTzflCzpXjCxMdDXVDm5po4Ur"

    static let logs = [
        event("blank", Blank()),
        event("log-ended", LogEnded(key: key), log: .training),
        event(
            "log-continued",
            LogContinued(
                instance: Scene.instance, generation: 2, base: 4021, key: key, previous: Array("a note\n".utf8),
                cause: .loss, lost: 3977), log: .training),
        event(
            "log-continued.least",
            LogContinued(
                instance: Scene.instance, generation: 3, base: 5000, key: key, previous: Array("a note\n".utf8),
                cause: .rotation)),
    ]

    static let people = [
        event("log-opened", LogOpened(instance: Scene.instance), log: .training),
        event(
            "account-created",
            AccountCreated(
                account: Scene.bidder.account, kind: .company, name: "Toitures d'Armorique SARL",
                registration: made { try Registration(siret: "12345678900011") })),
        event(
            "account-created.least",
            AccountCreated(account: Scene.commune, kind: .holder, name: "Agglomération", registration: nil)),
        event(
            "account-created.foreign",
            AccountCreated(
                account: Scene.bidder.account, kind: .company, name: "Dachbau Köhler & Söhne \"GmbH\"",
                registration: made { try Registration(foreign: "DE 811 907 980") })),
        event(
            "user-added",
            UserAdded(
                user: Scene.buyer.user, account: Scene.commune, roles: [.opener, .buyer], person: Scene.digest(0x9e))),
        event("token-issued", TokenIssued(user: Scene.buyer.user, token: Scene.digest(0x70))),
    ]

    static let preparation = [
        event(
            "consultation-created",
            ConsultationCreated(
                consultation: Scene.id, account: Scene.commune, buyer: "Commune de Saint-Aubin", user: Scene.buyer.user,
                reference: "2026-42", title: "Réfection de la toiture de l'école", object: "Travaux 🏫",
                deadline: Scene.deadline, timeZone: "Europe/Paris", parts: ["application", "offer"],
                limits: Scene.limits)),
        event(
            "consultation-created.least",
            ConsultationCreated(
                consultation: Scene.id, account: Scene.commune, buyer: "B", user: Scene.buyer.user, reference: "R",
                title: "T", object: nil, deadline: Scene.deadline, timeZone: "UTC", parts: ["offer"],
                limits: Scene.limits), log: .training),
        event(
            "keys-set",
            KeysSet(
                consultation: Scene.id, user: Scene.buyer.user, fingerprint: Scene.fingerprint, k: 2, n: 3,
                notBefore: Scene.deadline, parts: Scene.keyParts(["application", "offer"]))),
        event(
            "key-accepted",
            KeyAccepted(
                consultation: Scene.id, user: Scene.opener.user, fingerprint: Scene.fingerprint, member: 255,
                acceptance: Scene.digest(0xac))),
        event(
            "published",
            Published(
                consultation: Scene.id, user: Scene.buyer.user, fingerprint: Scene.fingerprint,
                deadline: Scene.deadline, deadlineVersion: 1)),
        event(
            "deadline-extended",
            DeadlineExtended(
                consultation: Scene.id, user: Scene.buyer.user, deadline: Scene.after, deadlineVersion: 2)),
        event(
            "keys-added",
            KeysAdded(
                consultation: Scene.id, user: Scene.buyer.user, fingerprint: Scene.digest(0xf2), replaces: Scene.fingerprint,
                grounds: "Une clé a pu être volée.")),
    ]

    static let bids = [
        event("bid-received", received(full: true)),
        event(
            "timestamped",
            Timestamped(
                subject: Scene.digest(0x51), kind: .bid, consultation: Scene.id, bid: Scene.identifier(0xd1), token: Scene.digest(0x52),
                authority: "tsa.example", instant: Scene.after)),
        event(
            "timestamped.least",
            Timestamped(
                subject: Scene.digest(0x53), kind: .closing, consultation: Scene.id, bid: nil, token: Scene.digest(0x54),
                authority: Timestamped.embedded, instant: Scene.after)),
        event("bid-received.least", received(full: false), log: .training),
        event(
            "receipt-kept",
            ReceiptKept(bid: Scene.identifier(0xd1), manifests: Scene.digest(0x3a), tokenManifests: Scene.digest(0x3b))),
        event(
            "receipt-kept.least",
            ReceiptKept(bid: Scene.identifier(0xd1), manifests: Scene.digest(0x3a), tokenManifests: nil)),
        event(
            "draft-opened",
            DraftOpened(
                bid: Scene.identifier(0xd1), consultation: Scene.id, account: Scene.bidder.account, user: Scene.bidder.user,
                keys: Scene.digest(0x4b), bidCode: Scene.digest(0x4c), started: Scene.before, awaited: 3, intent: .replaces,
                sealedBy: .platform)),
        event(
            "draft-opened.least",
            DraftOpened(
                bid: Scene.identifier(0xd1), consultation: Scene.id, account: Scene.bidder.account, user: Scene.bidder.user,
                keys: Scene.digest(0x4b), bidCode: Scene.digest(0x4c), started: Scene.before, awaited: nil, intent: .unstated,
                sealedBy: .bidder)),
        event(
            "draft-dropped",
            DraftDropped(bid: Scene.identifier(0xd1), consultation: Scene.id, account: Scene.bidder.account, cause: .expired)),
        event(
            "bid-withdrawn",
            BidWithdrawn(
                bid: Scene.identifier(0xd1), consultation: Scene.id, account: Scene.bidder.account, user: Scene.bidder.user,
                received: Scene.before, deadline: Scene.deadline, deadlineVersion: 2)),
        event(
            "intent-stated",
            IntentStated(
                bid: Scene.identifier(0xd1), consultation: Scene.id, account: Scene.bidder.account, user: Scene.bidder.user,
                intent: .complements, received: Scene.before)),
        event(
            "notice-due",
            NoticeDue(account: Scene.bidder.account, consultation: Scene.id, bid: Scene.identifier(0xd1), kind: .withdrawalRefused)),
        event(
            "copy-registered",
            CopyRegistered(
                copy: Scene.identifier(0xc7), consultation: Scene.id, user: Scene.buyer.user, depositor: "Toitures d'Armorique SARL",
                medium: "clé USB sous pli scellé", bearer: "coursier", arrived: Scene.before)),
        event(
            "copy-decided",
            CopyDecided(
                copy: Scene.identifier(0xc7), consultation: Scene.id, user: Scene.buyer.user, decision: .opened, cause: .infected,
                bid: Scene.identifier(0xd1), grounds: "virus dans l'offre électronique")),
        event(
            "copy-decided.least",
            CopyDecided(
                copy: Scene.identifier(0xc7), consultation: Scene.id, user: Scene.buyer.user, decision: .setAside, cause: nil,
                bid: nil, grounds: "l'offre électronique se lit")),
        event(
            "attempt-failed",
            AttemptFailed(
                consultation: Scene.id, account: Scene.bidder.account, user: Scene.bidder.user, started: Scene.before,
                announced: 268_435_456, offset: 1_048_576, cause: "too-slow")),
        event(
            "attempt-failed.least",
            AttemptFailed(
                consultation: Scene.id, account: Scene.bidder.account, user: Scene.bidder.user, started: Scene.before,
                announced: nil, offset: 0, cause: "cut")),
        event(
            "refused",
            Refused(
                user: Scene.opener.user, account: Scene.commune, action: "announce", reason: "not-yet",
                consultation: Scene.id)),
        event(
            "refused.least",
            Refused(
                user: Scene.opener.user, account: Scene.commune, action: "create", reason: "forbidden",
                consultation: nil)),
        event(
            "refusals-counted",
            RefusalsCounted(
                source: "192.0.2.0/24", reason: "unauthenticated", minute: Scene.before, count: 61)),
        event("set-aside", SetAside(file: "\(Scene.id)/\(Scene.identifier(0xd1)).1", length: 0)),
        event(
            "closed",
            Closed(
                consultation: Scene.id, deadline: Scene.deadline, deadlineVersion: 1, keys: Scene.fingerprint, k: 2,
                n: 3,
                bids: [
                    .init(position: 12, leaf: Scene.digest(0x1e), bid: Scene.identifier(0xd1), verdict: .onTime),
                    .init(position: 15, leaf: Scene.digest(0x1f), bid: Scene.identifier(0xd2), verdict: .late),
                ], attempts: 1)),
    ]

    static let openings = [
        event(
            "opening-announced",
            OpeningAnnounced(
                consultation: Scene.id, opening: Scene.identifier(0xe1), user: Scene.opener.user,
                digest: Scene.digest(0x0e), announcement: Scene.digest(0x51), announcer: 1, session: Scene.digest(0x55),
                parts: ["application", "offer"])),
        event(
            "opening-announced.reshare",
            OpeningAnnounced(
                consultation: Scene.id, opening: Scene.identifier(0xe2), user: Scene.opener.user,
                digest: Scene.digest(0x0e), announcement: Scene.digest(0x51), announcer: 1, session: Scene.digest(0x55),
                parts: ["application", "offer"], committee: Scene.digest(0xc0))),
        event(
            "opening-announced.keys",
            OpeningAnnounced(
                consultation: Scene.id, opening: Scene.identifier(0xe1), user: Scene.opener.user,
                digest: Scene.digest(0x0e), announcement: Scene.digest(0x51), announcer: 1, session: Scene.digest(0x55),
                parts: ["application", "offer"], keys: Scene.digest(0xf2))),
        event(
            "shares-released",
            SharesReleased(
                consultation: Scene.id, opening: Scene.identifier(0xe2), user: Scene.opener.user, approvals: [2, 1])),
        event(
            "keys-reshared",
            KeysReshared(
                consultation: Scene.id, opening: Scene.identifier(0xe2), user: Scene.opener.user, fingerprint: Scene.digest(0xf2),
                replaces: Scene.fingerprint, original: Scene.fingerprint, committee: Scene.digest(0xc0), k: 2, n: 4,
                notBefore: Scene.deadline, parts: Scene.keyParts(["application", "offer"]))),
        event(
            "keys-replaced",
            KeysReplaced(
                consultation: Scene.id, opening: Scene.identifier(0xe2), fingerprint: Scene.digest(0xf2),
                replaces: Scene.fingerprint, original: Scene.fingerprint, accepted: [1, 2, 4])),
        event(
            "opening-approved",
            OpeningApproved(
                consultation: Scene.id, opening: Scene.identifier(0xe1), user: Scene.otherOpener.user, member: 2,
                memberInstant: Scene.closes, approval: Scene.digest(0xaa),
                shares: [.init(part: "offer", share: Scene.digest(0x54))])),
        event(
            "opening-released",
            OpeningReleased(
                consultation: Scene.id, opening: Scene.identifier(0xe1), user: Scene.opener.user, approvals: [2, 1])),
        event(
            "bid-read",
            BidRead(
                consultation: Scene.id, opening: Scene.identifier(0xe1), bid: Scene.identifier(0xd1),
                user: Scene.opener.user)),
        event(
            "opening-concluded",
            OpeningConcluded(
                consultation: Scene.id, opening: Scene.identifier(0xe1), user: Scene.opener.user, announcer: 1,
                minutes: Scene.digest(0x3e), opened: [Scene.identifier(0xd1)], failed: [Scene.identifier(0xd2)])),
    ]

    static let losses = [
        event("consultation-frozen", ConsultationFrozen(consultation: Scene.id, generation: 2)),
        event(
            "consultation-unfrozen",
            ConsultationUnfrozen(consultation: Scene.id, user: Scene.buyer.user, ground: "Les reçus présentés concordent.")),
        event("receipt-presented", presented),
        event("mirror-lost", MirrorLost(since: Scene.before, cause: "full")),
        event("mirror-regained", MirrorRegained(since: Scene.before, until: Scene.after)),
    ]

    private static var presented: ReceiptPresented {
        ReceiptPresented(
            of: Scene.digest(0x1f), received(full: true), by: Scene.bidder, generation: 1, position: 41, size: 44, root: Scene.digest(0x2f),
            standing: .lost, checks: [.init(name: "log-proof", outcome: .holds), .init(name: "timestamp", outcome: .operatorsWord)],
            container: Scene.digest(0x3f))
    }

    static let diligence = [
        event(
            "attempt-traced",
            AttemptTraced(
                attempt: Scene.identifier(0xd3), consultation: Scene.id, account: Scene.bidder.account,
                user: Scene.bidder.user, started: Scene.before, announced: 268_435_456, offset: 1_048_576, cause: "storage",
                status: 507, reference: "1y2p0ij32e8e7",
                limits: [.init(name: "documentBytes", value: 1 << 30), .init(name: "idleSeconds", value: 60)])),
        event(
            "attempt-traced.least",
            AttemptTraced(
                attempt: Scene.identifier(0xd3), consultation: nil, account: Scene.bidder.account, user: Scene.bidder.user,
                started: Scene.before, announced: nil, offset: nil, cause: "cut", status: nil, reference: nil, limits: [])),
        event(
            "health",
            Health(
                hour: Scene.before, samples: Scene.digest(0x4e), count: 351,
                outages: [.init(from: Scene.time("11:20:10.000"), to: Scene.time("11:21:40.000"), cause: "not-running")])),
        event(
            "attested",
            Attested(
                subject: .attempt, statement: Scene.digest(0x57), account: Scene.bidder.account, user: Scene.bidder.user,
                consultation: Scene.id)),
        event(
            "attested.least",
            Attested(
                subject: .health, statement: Scene.digest(0x57), account: Scene.commune, user: Scene.buyer.user,
                consultation: nil)),
    ]

    /// Made by the rule, the only way there is.
    private static func received(full: Bool) -> BidReceived {
        var consultation = Scene.consultation(.published)
        if full {
            consultation = Consultation(
                id: Scene.id, log: .real, account: Scene.commune, buyer: "Commune de Saint-Aubin",
                reference: "2026-42", title: "Réfection de la toiture de l'école", object: "Travaux 🏫",
                timeZone: "Europe/Paris", parts: ["offer"], limits: Scene.limits,
                deadline: Deadline(Scene.deadline, version: 2), keys: Scene.keys(), published: true)
        }
        let bidder = Principal(
            user: Scene.bidder.user, account: Scene.bidder.account, kind: .company,
            accountName: "Toitures d'Armorique SARL",
            registration: full ? made { try Registration(siret: "12345678900011") } : nil, person: Scene.digest(0x9e),
            roles: [.bidder])
        return made {
            try consultation.receiving(
                Scene.submission(
                    received: full ? Scene.before : Scene.closes,
                    outcome: full ? .init(key: Scene.digest(0x1d), answer: Scene.digest(0x0a)) : nil),
                by: bidder, previous: full ? Scene.identifier(0xd0) : nil, instance: Scene.instance,
                clock: full ? .sound : .unjudged, recorded: Scene.time("12:00:01.250"))
        }
    }

    static let clocks = [
        event(
            "clock-unsound",
            ClockUnsound(
                since: Scene.time("11:58:07.000"), wall: Scene.time("11:55:00.000"), faults: [.drift, .unsynchronised],
                drift: -187_250)),
        event(
            "clock-unsound.least",
            ClockUnsound(
                since: Scene.time("11:58:07.000"), wall: Scene.time("11:55:00.000"), faults: [.backwards], drift: nil)),
        event(
            "clock-sound",
            ClockSound(since: Scene.time("11:58:07.000"), until: Scene.time("12:07:30.000"), ground: .decision)),
        event(
            "clock-accepted",
            ClockAccepted(
                instant: Scene.time("12:07:29.900"), drift: -187_250, reason: "Comparée à l'horloge parlante.")),
        event(
            "clock-accepted.least",
            ClockAccepted(instant: Scene.time("12:07:29.900"), drift: nil, reason: "Comparée à l'horloge parlante.")),
        event(
            "clock-compared",
            ClockCompared(since: Scene.time("06:00:00.000"), until: Scene.time("12:00:00.000"), drift: 412)),
        event("down", Down(since: Scene.time("11:51:10.003"), until: Scene.time("11:51:25.770"))),
        event(
            "verdict-given",
            VerdictGiven(
                consultation: Scene.id, bid: Scene.identifier(0xd1), verdict: .onTime, rule: .elapsed,
                since: Scene.time("11:58:07.000"), until: Scene.time("12:07:30.000"),
                received: Scene.time("11:59:59.100"))),
        event(
            "verdict-given.least",
            VerdictGiven(
                consultation: Scene.id, bid: Scene.identifier(0xd1), verdict: .onTime, rule: .doubt,
                since: Scene.time("11:58:07.000"), until: Scene.time("12:07:30.000"), received: nil)),
    ]

}
