import Canonical

/// What this tool knows of one consultation by itself, whatever a daemon says later.
///
/// After a re-share `fingerprint` is the one in force, and `original` the first, which bids and tender documents name.
///
///     {"consultation":"5f…","deadline":"2026-11-23T17:00:00.000Z","fingerprint":"9c…","format":"sceau/pin/1","source":"ceremony"}
struct Pin: CanonicalObject, Equatable {
    static let format = "sceau/pin/1"

    /// How the fingerprint became known, which says how far it can be trusted.
    enum Source: String {
        /// This machine made the keys.
        case ceremony
        /// The same, and it does not know yet that the platform has them: nobody was told their fingerprint.
        case sealing
        /// Its person typed it.
        case given
        /// The daemon said so when it was first asked.
        case firstSight = "first-sight"
    }

    let consultation: Identifier
    /// It stands beside that of the keys that were known first. No field: its file says it.
    var isOfAddedKeys = false
    var fingerprint: Digest?
    /// Of the keys first made, where a re-share that this tool followed has replaced their committee.
    var original: Digest?
    var source: Source?
    /// Of the keys that were pinned last beside these, as first made: what bids are sealed to does not go back.
    var latest: Digest?
    /// The latest deadline that was ever seen. Only ever later: an extension binds even if the daemon then denies it.
    var deadline: Instant?

    init(consultation: Identifier) { self.consultation = consultation }

    /// Refuses a deadline that went back: no deadline ever does.
    func check(shown: Instant) throws(CommandError) {
        guard let deadline, shown < deadline else { return }
        throw .refused(
            "the daemon shows the deadline \(shown); this tool has seen \(deadline)",
            hint: "an extension that the platform denies, or a deadline that it moved back: "
                + "ask the buyer by another way than this platform")
    }

    var fields: [String: JSON] {
        var fields: [String: JSON] = ["consultation": .identifier(consultation)]
        fields["fingerprint"] = fingerprint.map(JSON.digest)
        fields["original"] = original.map(JSON.digest)
        fields["latest"] = latest.map(JSON.digest)
        fields["source"] = source.map { .string($0.rawValue) }
        fields["deadline"] = deadline.map(JSON.instant)
        return fields
    }

    init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        fingerprint = try reader.optionalDigest("fingerprint")
        original = try reader.optionalDigest("original")
        deadline = try reader.optionalInstant("deadline")
        latest = try reader.optionalDigest("latest")
        if let text = try reader.optionalString("source", max: 32) {
            guard let source = Source(rawValue: text) else {
                throw CanonicalError(reason: "`source` is not known, or stands alone")
            }
            self.source = source
        }
        guard (fingerprint == nil) == (source == nil), fingerprint != nil || original == nil else {
            throw CanonicalError(reason: "`source` is not known, or stands alone")
        }
    }
}
