import Canonical
import Evidence
import HTTP
import Merkle
import Procurement
import Reception
import Sealing

/// What a request asks for, from its method and path alone.
enum Route: Sendable {
    case health, ready, limits, platform, timestamp
    case listConsultations, createConsultation
    case consultation(Identifier)
    case setKeys(Identifier), addKeys(Identifier), keys(Identifier), succession(Identifier), reshare(Identifier, Identifier), accept(Identifier), publish(Identifier), extend(Identifier)
    case deposit(Identifier, name: String)
    case receipt(bid: Identifier)
    case openDraft(Identifier), draft(bid: Identifier), dropDraft(bid: Identifier), submit(bid: Identifier)
    case withdraw(bid: Identifier), stateIntent(bid: Identifier), notices, probe
    case registerCopy(Identifier), copies(Identifier), decideCopy(Identifier, Identifier)
    case createDocument(bid: Identifier), upload(DocumentName), uploadState(DocumentName), removeDocument(DocumentName), uploadOptions
    case closing(Identifier), line(bid: Identifier)
    case reopen(Identifier), waive(Identifier), disclose(Identifier), admitLate(Identifier, bid: Identifier)
    case announce(Identifier), openings(Identifier)
    case approve(Identifier, Identifier), release(Identifier, Identifier), bids(Identifier, Identifier)
    case seal(Identifier, Identifier, bid: Identifier)
    case document(Identifier, Identifier, bid: Identifier, number: Int)
    case conclude(Identifier, Identifier)
    case clock
    case addUser, hostClock, acceptClock
    case checkpoint(Log, Int64), tile(Log, Int64, TilePath), entries(Log, Int64, TilePath), logKeys(Log), cosign(Log)
    case unfreeze(Identifier), archive(Identifier)
    case hostKeys, addKey, retireKey, renewToken, recordRehearsal, rotateLog
    case present, presented(Identifier), presentedReceipt(Identifier, bid: Identifier)
    case committees, committee(name: String), setCommittee(name: String)
    case shares(certificate: Digest), rehearse(Identifier), reminders
    case attempts, attempt(Identifier), attestAttempt(Identifier), attestHealth

    /// - Throws: 404 for a path that is none of ours, 405 for a method that is not possible there.
    init(_ request: Request) throws(Refusal) {
        let path = request.path
        let isRead = request.method == .get || request.method == .head
        if path.count == 1, path[0] == "healthz" { self = try Route.only(isRead, .health); return }
        if path.count == 1, path[0] == "readyz" { self = try Route.only(isRead, .ready); return }
        if path == ["tsa"] { self = try Route.only(request.method == .post, .timestamp); return }
        if path == ["admin", "users"] { self = try Route.only(request.method == .post, .addUser); return }
        if path.first == "admin", let route = try Route.keys(path, request.method) { self = route; return }
        if path.first == "log" {
            self = try Route.log(path.dropFirst(), request.method, isRead: isRead)
            return
        }
        if path == ["admin", "clock"] {
            self = isRead ? .hostClock : try Route.only(request.method == .post, .acceptClock)
            return
        }
        guard path.count >= 3, path[0] == "api", path[1] == "v1" else { throw Refusal(.notFound) }
        let rest = Array(path.dropFirst(2))
        if rest == ["limits"] { self = try Route.only(isRead, .limits); return }
        if rest == ["clock"] { self = try Route.only(isRead, .clock); return }
        if rest == ["keys"] { self = try Route.only(isRead, .hostKeys); return }
        if rest == ["platform"] { self = try Route.only(isRead, .platform); return }
        if rest.count == 3, rest[0] == "bids", rest[2] == "closing" {
            let bid = try Route.identifier(rest[1])
            self = try Route.only(isRead, .line(bid: bid))
            return
        }
        if rest[0] == "bids" || rest[0] == "documents", let route = try Route.draft(rest, request.method, isRead: isRead) {
            self = route
            return
        }
        if rest == ["probe"] { self = try Route.only(request.method == .post, .probe); return }
        if rest == ["notices"] { self = try Route.only(isRead, .notices); return }
        if rest == ["reminders"] { self = try Route.only(isRead, .reminders); return }
        if rest == ["committees"] { self = try Route.only(isRead, .committees); return }
        if rest[0] == "committees", rest.count == 2 {
            let name = rest[1]
            guard StandingCommittee.isName(name) else { throw Refusal(.notFound) }
            self = isRead ? .committee(name: name) : try Route.only(request.method == .put, .setCommittee(name: name))
            return
        }
        if rest[0] == "shares", rest.count == 2 {
            guard let certificate = try? Digest(hex: rest[1]) else { throw Refusal(.notFound) }
            self = try Route.only(isRead, .shares(certificate: certificate))
            return
        }
        if rest == ["receipts"] { self = try Route.only(request.method == .post, .present); return }
        if rest == ["attempts"] { self = try Route.only(isRead, .attempts); return }
        if rest[0] == "attempts", rest.count == 2 { self = try Route.only(isRead, .attempt(Route.identifier(rest[1]))); return }
        if rest[0] == "attempts", rest.count == 3, rest[2] == "attestation" {
            self = try Route.only(isRead, .attestAttempt(Route.identifier(rest[1])))
            return
        }
        if rest == ["health", "attestation"] { self = try Route.only(isRead, .attestHealth); return }
        if rest[0] == "bids", rest.count == 3, rest[2] == "receipt" {
            let bid = try Route.identifier(rest[1])
            self = try Route.only(isRead, .receipt(bid: bid))
            return
        }
        guard rest[0] == "consultations" else { throw Refusal(.notFound) }
        if rest.count == 1 {
            if isRead { self = .listConsultations; return }
            self = try Route.only(request.method == .post, .createConsultation)
            return
        }
        let id = try Route.identifier(rest[1])
        self = try Route.below(id, Array(rest.dropFirst(2)), request.method, isRead: isRead)
    }

    /// What only the host asks of its keys and tokens; nil for what else it asks.
    private static func keys(_ path: [String], _ method: Method) throws(Refusal) -> Route? {
        let route: Route? =
            switch path {
            case ["admin", "keys"]: .addKey
            case ["admin", "keys", "retirement"]: .retireKey
            case ["admin", "rehearsals"]: .recordRehearsal
            case ["admin", "logs"]: .rotateLog
            case ["admin", "tokens"]: .renewToken
            default: nil
            }
        return try route.map { (route) throws(Refusal) in try only(method == .post, route) }
    }

    /// Drafts and their documents; nil for what else there is of a bid.
    private static func draft(_ path: [String], _ method: Method, isRead: Bool) throws(Refusal) -> Route? {
        switch (path[0], path.count) {
        case ("bids", 2):
            let bid = try identifier(path[1])
            return isRead ? .draft(bid: bid) : try only(method == .delete, .dropDraft(bid: bid))
        case ("bids", 3) where path[2] == "documents":
            let bid = try identifier(path[1])
            if method == .options { return .uploadOptions }
            return try only(method == .post, .createDocument(bid: bid))
        case ("bids", 3) where path[2] == "submission":
            return try only(method == .post, .submit(bid: identifier(path[1])))
        case ("bids", 3) where path[2] == "withdrawal":
            return try only(method == .post, .withdraw(bid: identifier(path[1])))
        case ("bids", 3) where path[2] == "intent":
            return try only(method == .post, .stateIntent(bid: identifier(path[1])))
        case ("documents", 2):
            let name = try DocumentName(path[1])
            switch method {
            case .head, .get: return .uploadState(name)
            case .patch: return .upload(name)
            case .delete: return .removeDocument(name)
            case .options: return .uploadOptions
            default: throw Refusal(.method)
            }
        default: return nil
        }
    }

    private static func below(
        _ id: Identifier, _ path: [String], _ method: Method, isRead: Bool
    ) throws(Refusal) -> Route {
        guard let first = path.first else { return try only(isRead, .consultation(id)) }
        switch (first, path.count) {
        case ("keys", 1): return isRead ? .keys(id) : try only(method == .put, .setKeys(id))
        case ("keys", 2) where path[1] == "addition": return try only(method == .post, .addKeys(id))
        case ("keys", 2) where path[1] == "succession": return try only(isRead, .succession(id))
        case ("acceptances", 1): return try only(method == .post, .accept(id))
        case ("rehearsals", 1): return try only(method == .post, .rehearse(id))
        case ("publication", 1): return try only(method == .post, .publish(id))
        case ("deadline", 1): return try only(method == .put, .extend(id))
        case ("archiving", 1): return try only(method == .post, .archive(id))
        case ("unfreezing", 1): return try only(method == .post, .unfreeze(id))
        case ("bids", 1): return try only(method == .post, .openDraft(id))
        case ("copies", 1): return isRead ? .copies(id) : try only(method == .post, .registerCopy(id))
        case ("copies", 3) where path[2] == "decision":
            return try only(method == .post, .decideCopy(id, identifier(path[1])))
        case ("bid", 2): return try only(method == .put, .deposit(id, name: path[1]))
        case ("receipts", 1): return try only(isRead, .presented(id))
        case ("receipts", 2): return try only(isRead, .presentedReceipt(id, bid: identifier(path[1])))
        case ("closing", 1): return try only(isRead, .closing(id))
        case ("closing", 2) where path[1] == "disclosure": return try only(method == .post, .disclose(id))
        case ("reopening", 1): return try only(method == .post, .reopen(id))
        case ("bids", 3) where path[2] == "admission":
            return try only(method == .post, .admitLate(id, bid: identifier(path[1])))
        case ("waiver", 1): return try only(method == .post, .waive(id))
        case ("openings", 1): return isRead ? .openings(id) : try only(method == .post, .announce(id))
        case ("openings", 3...): return try opening(id, identifier(path[1]), Array(path.dropFirst(2)), method, isRead: isRead)
        default: throw Refusal(.notFound)
        }
    }

    private static func opening(
        _ id: Identifier, _ opening: Identifier, _ path: [String], _ method: Method, isRead: Bool
    ) throws(Refusal) -> Route {
        switch (path[0], path.count) {
        case ("approvals", 1): return try only(method == .post, .approve(id, opening))
        case ("keys", 1): return try only(method == .put, .reshare(id, opening))
        case ("release", 1): return try only(isRead, .release(id, opening))
        case ("minutes", 1): return try only(method == .post, .conclude(id, opening))
        case ("bids", 1): return try only(isRead, .bids(id, opening))
        case ("bids", 3) where path[2] == "seal":
            return try only(isRead, .seal(id, opening, bid: identifier(path[1])))
        case ("bids", 4) where path[2] == "documents":
            guard let number = Int(path[3]), (1...10_000).contains(number), String(number) == path[3] else {
                throw Refusal(.notFound)
            }
            return try only(isRead, .document(id, opening, bid: identifier(path[1]), number: number))
        default: throw Refusal(.notFound)
        }
    }

    /// `/log/…` of real procedures, `/log/training/…`; with the number of a generation from the second on before the rest,
    /// as in the origins of their checkpoints.
    private static func log(_ path: ArraySlice<String>, _ method: Method, isRead: Bool) throws(Refusal) -> Route {
        var path = path
        let log: Log = path.first == "training" ? .training : .real
        if log == .training { path = path.dropFirst() }
        if path == ["keys"] { return try only(isRead, .logKeys(log)) }
        if path == ["cosignatures"] { return try only(method == .post, .cosign(log)) }
        var generation: Int64 = 1
        if let number = path.first.flatMap({ Int64($0) }) {
            guard number > 1, String(number) == path.first else { throw Refusal(.notFound) }
            generation = number
            path = path.dropFirst()
        }
        if path == ["checkpoint"] { return try only(isRead, .checkpoint(log, generation)) }
        let isEntries = path.first == "entries"
        guard let tile = try? TilePath((isEntries ? "tile/" : "") + path.joined(separator: "/")) else {
            throw Refusal(.notFound)
        }
        guard (tile.content == .entries) == isEntries else { throw Refusal(.notFound) }
        return try only(isRead, isEntries ? .entries(log, generation, tile) : .tile(log, generation, tile))
    }

    private static func only(_ holds: Bool, _ route: Route) throws(Refusal) -> Route {
        guard holds else { throw Refusal(.method) }
        return route
    }

    /// A text that is no identifier is a thing that does not exist.
    private static func identifier(_ text: String) throws(Refusal) -> Identifier {
        do { return try Identifier(text) } catch { throw Refusal(.notFound) }
    }

    /// nil where no token is asked.
    var action: Action? {
        switch self {
        case .health, .ready, .limits, .addUser, .hostClock, .acceptClock, .checkpoint, .tile, .logKeys, .cosign, .uploadOptions, .addKey, .retireKey, .renewToken, .recordRehearsal, .rotateLog: nil
        case .entries: .audit
        case .clock: .readClock
        case .hostKeys: .readHostKeys
        case .listConsultations, .consultation: .view
        case .platform: .platform
        case .timestamp: .timestamp
        case .createConsultation: .create
        case .setKeys: .setKeys
        case .addKeys: .addKeys
        case .keys, .succession: .readKeys
        case .reshare: .reshare
        case .accept: .accept
        case .publish: .publish
        case .extend: .extend
        case .unfreeze: .unfreeze
        case .archive: .archive
        case .deposit, .probe, .openDraft, .draft, .dropDraft, .submit, .createDocument, .upload, .uploadState, .removeDocument: .deposit
        case .withdraw: .withdraw
        case .stateIntent: .stateIntent
        case .notices: .readNotices
        case .registerCopy, .copies: .registerCopy
        case .decideCopy: .decideCopy
        case .present: .present
        case .presented, .presentedReceipt: .readPresented
        case .receipt: .readReceipt
        case .closing: .readClosing
        case .line: .readLine
        case .reopen: .reopen
        case .waive: .waive
        case .admitLate: .admitLate
        case .disclose: .disclose
        case .announce: .announce
        case .openings: .readOpenings
        case .approve: .approve
        case .release: .release
        case .bids, .seal, .document: .readBids
        case .conclude: .conclude
        case .attempts, .attempt, .attestAttempt: .readAttempt
        case .attestHealth: .attestHealth
        case .committees, .committee: .readCommittees
        case .setCommittee: .setCommittee
        case .shares: .readShares
        case .rehearse: .rehearse
        case .reminders: .readReminders
        }
    }

    /// Whether it may wait for another request of the same draft.
    var isOfDraft: Bool {
        switch self {
        case .createDocument, .upload, .draft, .dropDraft, .uploadState, .removeDocument: true
        default: false
        }
    }

    /// Whether it bears documents, or an act whose instant counts: an attempt, with a number.
    var isReceived: Bool {
        switch self {
        case .deposit, .createDocument, .upload, .submit, .withdraw, .stateIntent, .probe: true
        default: false
        }
    }

    /// Whether only the host's own socket may ask: a process of the daemon's user, or root's.
    var isHosts: Bool {
        switch self {
        case .addUser, .hostClock, .acceptClock, .addKey, .retireKey, .renewToken, .recordRehearsal, .rotateLog: true
        default: false
        }
    }

    /// Whether the public may ask without a token.
    var isPublic: Bool {
        switch self {
        case .health, .ready, .limits, .listConsultations, .consultation, .checkpoint, .tile, .logKeys, .cosign, .uploadOptions: true
        default: false
        }
    }
}
