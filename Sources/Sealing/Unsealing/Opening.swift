public import Canonical
public import OpenSSL

/// `sceau/opening/1`: a member announces an opening, and to which session everything is to be sealed.
///
/// It holds the session's whole certificate rather than its digest: what the announcer signed is then what the others seal
/// to, with no second place where another one could be slipped in.
public struct Opening: CanonicalObject, Hashable {
    public static let format = "sceau/opening/1"

    public enum Purpose: String, Sendable {
        case open
        /// Deal new shares to a new committee; no T′ is released.
        case reshare
    }

    /// 128 random bits from the announcer's tool.
    public let opening: Identifier
    /// `real` or `training`.
    public let log: String
    public let purpose: Purpose
    public let consultation: Identifier
    /// In opening order.
    public let parts: [String]
    /// Of the key set in force.
    public let fingerprint: Digest
    /// Of the key set first published: the same, but after a re-share.
    public let original: Digest
    public let deadline: Instant
    /// The announcer's number.
    public let announcer: Int
    public let session: Certificate
    /// Of the closing statement; for a re-share, of the new committee.
    public let closing: Digest

    public init(
        opening: Identifier, log: String, purpose: Purpose, consultation: Identifier, parts: [String],
        fingerprint: Digest,
        original: Digest, deadline: Instant, announcer: Int, session: Certificate, closing: Digest
    ) {
        self.opening = opening
        self.log = log
        self.purpose = purpose
        self.consultation = consultation
        self.parts = parts
        self.fingerprint = fingerprint
        self.original = original
        self.deadline = deadline
        self.announcer = announcer
        self.session = session
        self.closing = closing
    }

    public var digest: Digest { Digest(of: canonicalBytes) }

    public var fields: [String: JSON] {
        [
            "opening": .identifier(opening), "log": .string(log), "purpose": .string(purpose.rawValue),
            "consultation": .identifier(consultation), "parts": .array(parts.map(JSON.string)),
            "fingerprint": .digest(fingerprint),
            "original": .digest(original), "deadline": .instant(deadline), "announcer": .integer(Int64(announcer)),
            "session": .base64(session.der), "closing": .digest(closing),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        opening = try reader.identifier("opening")
        log = try reader.string("log", max: 16)
        guard ["real", "training"].contains(log) else { throw CanonicalError(reason: "`log` is not real or training") }
        guard let purpose = Purpose(rawValue: try reader.string("purpose", max: 16)) else {
            throw CanonicalError(reason: "`purpose` is not open or reshare")
        }
        self.purpose = purpose
        consultation = try reader.identifier("consultation")
        parts = try reader.parts()
        fingerprint = try reader.digest("fingerprint")
        original = try reader.digest("original")
        deadline = try reader.instant("deadline")
        announcer = try reader.number("announcer")
        session = try reader.certificate("session")
        closing = try reader.digest("closing")
    }
}
