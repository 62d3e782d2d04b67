public import Canonical

/// `sceau/minutes/1`: what an opening found, signed by its announcer.
public struct Minutes: CanonicalObject, Hashable {
    public static let format = "sceau/minutes/1"

    public struct Approved: Sendable, Hashable {
        public let number: Int
        /// The member's own instant.
        public let at: Instant

        public init(number: Int, at: Instant) {
            self.number = number
            self.at = at
        }
    }

    public enum Result: String, Sendable {
        /// Every document of it opened and is what its manifest says.
        case opened
        case failed
        /// Late, replaced or withdrawn: not read.
        case withheld
    }

    public struct Document: Sendable, Hashable {
        public let part: String
        public let folder: String?
        public let name: String
        public let length: Int64
        public let sha256: Digest

        public init(part: String, folder: String? = nil, name: String, length: Int64, sha256: Digest) {
            self.part = part
            self.folder = folder
            self.name = name
            self.length = length
            self.sha256 = sha256
        }
    }

    public struct Bid: Sendable, Hashable {
        /// In the log.
        public let position: Int64
        public let bid: Identifier
        public let depositor: Identifier
        public let result: Result
        /// Why, where it is not opened.
        public let cause: String?
        public let candidate: Candidate?
        /// Those that opened.
        public let documents: [Document]

        public init(
            position: Int64, bid: Identifier, depositor: Identifier, result: Result, cause: String?,
            candidate: Candidate? = nil,
            documents: [Document]
        ) {
            self.position = position
            self.bid = bid
            self.depositor = depositor
            self.result = result
            self.cause = cause
            self.candidate = candidate
            self.documents = documents
        }
    }

    /// SHA-256 of the opening object.
    public let opening: Digest
    public let consultation: Identifier
    public let fingerprint: Digest
    /// SHA-256 of the `closed` event.
    public let closing: Digest
    /// The announcer's own clock: when it had the release, and when all was read.
    public let released: Instant
    public let concluded: Instant
    public let approvals: [Approved]
    /// In log order.
    public let bids: [Bid]

    public init(
        opening: Digest, consultation: Identifier, fingerprint: Digest, closing: Digest, released: Instant,
        concluded: Instant,
        approvals: [Approved], bids: [Bid]
    ) {
        self.opening = opening
        self.consultation = consultation
        self.fingerprint = fingerprint
        self.closing = closing
        self.released = released
        self.concluded = concluded
        self.approvals = approvals
        self.bids = bids
    }

    public var fields: [String: JSON] {
        [
            "opening": .digest(opening), "consultation": .identifier(consultation), "fingerprint": .digest(fingerprint),
            "closing": .digest(closing), "released": .instant(released), "concluded": .instant(concluded),
            "approvals": .array(
                approvals.map { .object(["number": .integer(Int64($0.number)), "at": .instant($0.at)]) }),
            "bids": .array(bids.map(\.json)),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        opening = try reader.digest("opening")
        consultation = try reader.identifier("consultation")
        fingerprint = try reader.digest("fingerprint")
        closing = try reader.digest("closing")
        released = try reader.instant("released")
        concluded = try reader.instant("concluded")
        approvals = try reader.objects("approvals", max: SealingLimits.members) { (approval) throws(CanonicalError) in
            Approved(number: try approval.number(), at: try approval.instant("at"))
        }
        bids = try reader.objects("bids", max: 100_000) { (bid) throws(CanonicalError) in try Bid(&bid) }
    }
}

extension Minutes.Bid {
    fileprivate var json: JSON {
        var fields: [String: JSON] = [
            "position": .integer(position), "bid": .identifier(bid), "depositor": .identifier(depositor),
            "result": .string(result.rawValue),
            "documents": .array(documents.map(\.json)),
        ]
        fields["cause"] = cause.map(JSON.string)
        fields["candidate"] = candidate.map(\.json)
        return .object(fields)
    }

    fileprivate init(_ reader: inout FieldReader) throws(CanonicalError) {
        position = try reader.integer("position")
        bid = try reader.identifier("bid")
        depositor = try reader.identifier("depositor")
        guard let result = Minutes.Result(rawValue: try reader.string("result", max: 16)) else {
            throw CanonicalError(reason: "`result` is not opened, failed or withheld")
        }
        self.result = result
        cause = try reader.optionalString("cause", max: 4096)
        guard (cause == nil) == (result == .opened) else {
            throw CanonicalError(reason: "`cause` is there exactly where a bid is not opened")
        }
        if var candidate = try reader.optionalObject("candidate") {
            self.candidate = try Candidate(&candidate)
            try candidate.finish()
        } else {
            candidate = nil
        }
        documents = try reader.objects("documents", max: SealingLimits.documents) { (document) throws(CanonicalError) in
            try Minutes.Document(&document)
        }
    }
}

extension Minutes.Document {
    public var json: JSON {
        var fields: [String: JSON] = [
            "part": .string(part), "name": .string(name), "length": .integer(length), "sha256": .digest(sha256),
        ]
        fields["folder"] = folder.map(JSON.string)
        return .object(fields)
    }

    public init(_ reader: inout FieldReader) throws(CanonicalError) {
        part = try reader.part()
        folder = try reader.optionalString("folder", max: SealingLimits.text)
        name = try reader.string("name", max: SealingLimits.text)
        length = try reader.integer("length")
        sha256 = try reader.digest("sha256")
    }
}
