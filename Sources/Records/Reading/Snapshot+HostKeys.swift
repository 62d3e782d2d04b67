public import Canonical
public import Procurement
internal import SQLite

/// A key of the host as the log has it.
public struct LoggedHostKey: Sendable, Equatable {
    public let kind: HostKeyKind
    /// SHA-256 of its certificate.
    public let certificate: Digest
    public let added: Instant
    public let notAfter: Instant
    public let retired: Instant?

    public init(kind: HostKeyKind, certificate: Digest, added: Instant, notAfter: Instant, retired: Instant? = nil) {
        self.kind = kind
        self.certificate = certificate
        self.added = added
        self.notAfter = notAfter
        self.retired = retired
    }
}

extension [LoggedHostKey] {
    /// By the last that the log says of it: one that came back is in use.
    public func isRetired(_ kind: HostKeyKind, _ certificate: Digest) -> Bool {
        last { $0.kind == kind && $0.certificate == certificate }?.retired != nil
    }
}

/// A consultation whose bids the platform's keys still hold shut, or must still open.
public struct NeededKeys: Sendable, Equatable {
    public let consultation: Identifier
    public let reference: String
    public let log: Log
    public let deadline: Instant
    public let phase: Phase
    public let parts: [Part]

    /// One part of one of its key sets.
    public struct Part: Sendable, Equatable {
        public let part: String
        /// SHA-256 of its capsule, an object.
        public let capsule: Digest
        /// SHA-256 of T.
        public let secret: Digest
    }
}

extension Snapshot {
    /// In the order in which they came into use.
    public func hostKeys() throws -> [LoggedHostKey] {
        try connection.all("SELECT kind, certificate, at, not_after, retired FROM host_key ORDER BY sequence") { row in
            LoggedHostKey(
                kind: try row.word(0), certificate: try row.digest(1), added: row.instant(2), notAfter: row.instant(3),
                retired: row.isNull(4) ? nil : row.instant(4))
        }
    }

    /// When the key of a log began to sign: the instant of its generation's first event.
    public func generationStart(_ log: Log) throws -> Instant? {
        let bytes = try connection.first(
            """
            SELECT e.bytes FROM head h JOIN event e ON e.log = h.log AND e.position = h.base
            WHERE h.log = ? ORDER BY h.generation DESC LIMIT 1
            """, .text(log.rawValue)
        ) { $0.blob(0) }
        return try bytes.map { try Event(canonical: $0).at }
    }

    /// How many stamps of bids and closings this vault's own authority made from one instant, to before another.
    public func ownStamps(from: Instant?, until: Instant?) throws -> Int64 {
        try connection.first(
            "SELECT count(*) FROM stamp WHERE token IS NOT NULL AND authority = ? AND instant >= ? AND instant < ?",
            .text(Timestamped.embedded), .instant(from ?? Instant(milliseconds: 0)),
            until.map(Value.instant) ?? .integer(.max)
        ) { $0.integer(0) } ?? 0
    }

    /// Whether the last that the log says of a key is that it is gone.
    public func isRetired(_ kind: HostKeyKind, _ certificate: Digest) throws -> Bool {
        try hostKeys().isRetired(kind, certificate)
    }

    /// Consultations with keys that are not archived, in the order of their creation. One that was never published and whose deadline
    /// has passed needs nothing: it can never be published. Of one that is published every key set counts that is or was in force since, for bids
    /// keep theirs; what was dealt or proposed may come to be.
    public func neededKeys(at now: Instant) throws -> [NeededKeys] {
        try consultations().compactMap { consultation in
            guard !consultation.archived, let keys = consultation.keys else { return nil }
            guard consultation.published || !consultation.deadline.hasCome(at: now) else { return nil }
            let meant = consultation.published ? consultation.everyKeys : [keys]
            return NeededKeys(
                consultation: consultation.id, reference: consultation.reference, log: consultation.log,
                deadline: consultation.deadline.instant, phase: consultation.phase,
                parts: meant.sorted { $0.fingerprint.hex < $1.fingerprint.hex }.flatMap(\.parts)
                    .map { NeededKeys.Part(part: $0.part, capsule: $0.capsule, secret: $0.secret) })
        }
    }

    /// The copies of a secret that were sealed to another time-lock key than its capsule's, the newest first: the certificate's digest,
    /// and the object that holds the copy.
    public func restoredCopies(of secret: Digest) throws -> [(certificate: Digest, sealed: Digest)] {
        try connection.all(
            "SELECT certificate, sealed FROM restored WHERE secret = ? ORDER BY sequence DESC", .digest(secret)
        ) { (certificate: try $0.digest(0), sealed: try $0.digest(1)) }
    }

    /// The last time that a recovery key was shown to open all that was sealed to it.
    public func lastRehearsal() throws -> (at: Instant, certificate: Digest, secrets: Int64)? {
        try connection.first("SELECT at, certificate, secrets FROM recovery_rehearsal ORDER BY sequence DESC LIMIT 1") {
            (at: $0.instant(0), certificate: try $0.digest(1), secrets: $0.integer(2))
        }
    }

    /// Bearer tokens that still sign somebody in: how many, and when the oldest was issued.
    public func tokens(at now: Instant) throws -> (count: Int64, oldest: Instant?) {
        try connection.first(
            "SELECT count(*), min(at) FROM token WHERE ended IS NULL OR ended > ?", .instant(now)
        ) { (count: $0.integer(0), oldest: $0.isNull(1) ? nil : $0.instant(1)) } ?? (0, nil)
    }

    /// A user's tokens that have no end yet.
    public func tokens(of user: Identifier) throws -> [Digest] {
        try connection.all(
            "SELECT digest FROM token WHERE user = ? AND ended IS NULL ORDER BY at, digest", .identifier(user)
        ) { try $0.digest(0) }
    }

    /// Until when a token signs in; nil while no end is set, or where there is no such token.
    public func end(ofToken token: Digest) throws -> Instant? {
        try connection.first("SELECT ended FROM token WHERE digest = ? AND ended IS NOT NULL", .digest(token)) { $0.instant(0) }
    }

    /// Users by the name that is kept of them: identifier, account's name, roles.
    public func users(named name: String) throws -> [(user: Identifier, account: String)] {
        try connection.all("SELECT user.id, account.name, user.person FROM user JOIN account ON account.id = user.account ORDER BY user.id") {
            row in (try row.identifier(0), row.text(1), try row.digest(2))
        }.compactMap { user, account, digest in
            guard try person(digest)?.name == name else { return nil }
            return (user, account)
        }
    }
}
