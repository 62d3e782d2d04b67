public import Canonical

/// Values of the daemon's answers, held to the same exact forms as signed objects.
///
/// Answers are not signed: whatever matters is checked against signatures, digests and pins afterwards.
extension Identifier: Decodable {
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }
}

extension Digest: Decodable {
    public init(from decoder: any Decoder) throws {
        try self.init(hex: decoder.singleValueContainer().decode(String.self))
    }
}

extension Instant: Decodable {
    public init(from decoder: any Decoder) throws {
        try self.init(parsing: decoder.singleValueContainer().decode(String.self))
    }
}

/// Bytes in base64.
struct Base64Bytes: Decodable, Sendable {
    let bytes: [UInt8]

    init(from decoder: any Decoder) throws {
        bytes = try Base64.decode(decoder.singleValueContainer().decode(String.self))
    }
}

/// A problem document (RFC 9457).
struct Problem: Decodable {
    let type: String?
    let title: String?
    let detail: String?
    let reference: String?
    let possibleAt: String?
}

struct PlatformView: Decodable {
    /// The asker's.
    let account: Identifier?
    let instance: String?
    let timeLock: Base64Bytes
    let recovery: Base64Bytes?
}

struct ConsultationView: Decodable {
    struct AcceptanceView: Decodable {
        let number: Int
        let name: String
        let signed: Base64Bytes
    }
    struct CertificateView: Decodable {
        let part: String
        let certificate: Base64Bytes
    }

    let id: Identifier
    let reference: String
    let title: String
    let object: String?
    let buyer: String
    let timeZone: String
    let phase: String
    let training: Bool
    let parts: [String]
    let deadline: Instant
    let deadlineVersion: Int64
    let fingerprint: Digest?
    let keySet: Base64Bytes?
    let certificates: [CertificateView]?
    let acceptances: [AcceptanceView]?
    /// Of the sets that `fingerprint` took over from.
    let earlierKeys: [Digest]?
    /// Of a publication.
    let warnings: [String]?
}

struct KeysView: Decodable {
    let keySet: Base64Bytes
    let capsules: [Base64Bytes]
    let original: Digest?
    let pending: Digest?
    let acceptances: [ConsultationView.AcceptanceView]?
    /// Of a consultation with several.
    let sets: [ListedSet]?

    struct ListedSet: Decodable {
        let original: Digest
        let state: String
    }
}

struct DraftOpenedView: Decodable {
    let id: Identifier
    let depositor: Identifier
}

struct DraftView: Decodable {
    struct DocumentView: Decodable {
        let id: String
        let number: Int
        let part: String
        let offset: Int64
        let length: Int64
        let complete: Bool
        let name: String?
        let folder: String?
    }
    let id: Identifier
    let state: String
    let documents: [DocumentView]
}

struct NoticesView: Decodable {
    struct NoticeView: Decodable {
        let consultation: Identifier
        let bid: Identifier
        let kind: String
        let at: Instant
    }
    let notices: [NoticeView]
}

struct ActView: Decodable {
    let event: Base64Bytes
    let log: String
    let position: Int64
}

struct FingerprintView: Decodable {
    let fingerprint: Digest
}

struct AcceptedView: Decodable {
    let accepted: [Int]
    let needed: Int
}

struct SharesView: Decodable {
    struct ShareView: Decodable {
        let consultation: Identifier
        let reference: String
        let fingerprint: Digest
        let number: Int
        let accepted: Bool
    }
    let shares: [ShareView]
}

struct RehearsedView: Decodable {
    let number: Int
    let since: Instant
}

struct StandingView: Decodable {
    struct DueView: Decodable {
        let consultation: Identifier
        let reference: String
        let phase: String
        let deadline: Instant
    }
    let name: String
    let digest: Digest
    let committee: Base64Bytes
    let at: Instant
    let due: [DueView]
}

struct StandingsView: Decodable {
    let committees: [StandingView]
}

struct ClosingView: Decodable {
    let statement: Base64Bytes
    let digest: Digest
    let position: Int64
    let decisions: [Base64Bytes]
    let refusals: Int64
    let proof: Base64Bytes?
    let token: Base64Bytes?
}

struct OpeningAnnounced: Decodable {
    let opening: Identifier
    let digest: Digest
}

struct OpeningsView: Decodable {
    struct OpeningView: Decodable {
        let opening: Identifier
        let digest: Digest
        let signed: Base64Bytes
        let announcer: Int
        let announcedAt: Instant
        let approvals: [Int]
        let needed: Int
        let released: Bool
        let concluded: Bool
        let keys: Digest?
        /// Of a re-share.
        let committee: Base64Bytes?
    }
    struct FailedView: Decodable {
        let bid: Identifier
        let part: String
        let final: Bool
    }
    let openings: [OpeningView]
    /// Of a daemon before there were such: nil.
    let failed: [FailedView]?
}

struct ApprovalsView: Decodable {
    let approvals: [Int]
    let needed: Int
}

struct ReleaseView: Decodable {
    struct ShareView: Decodable {
        let part: String
        let share: Base64Bytes
    }
    struct ApprovalView: Decodable {
        let number: Int
        let signed: Base64Bytes
        let shares: [ShareView]
    }
    struct SecretView: Decodable {
        let part: String
        let secret: Base64Bytes
    }
    let approvals: [ApprovalView]
    let parts: [SecretView]
}

struct BidsView: Decodable {
    struct BidView: Decodable {
        let position: Int64
        let bid: Identifier
        let event: Base64Bytes
        let given: Base64Bytes?
        let changes: [Base64Bytes]?
        let verdict: String
        let withheld: Bool
    }
    let bids: [BidView]
}
