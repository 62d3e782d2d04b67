public import Canonical
import Foundation
import OpenSSL
public import Sealing

/// An opening that one member announces over the API.
public final class Session {
    public let procedure: Procedure
    public let announcer: Int
    public let session: OpeningSession
    public let announcement: Signed
    public let opening: Opening

    public var path: String { procedure.path + "/openings/\(opening.opening)" }

    /// Makes the announcement, and sends nothing yet.
    public init(
        _ procedure: Procedure, by announcer: Int = 1, closing: Digest? = nil, fingerprint: Digest? = nil, deadline: Instant? = nil,
        parts: [String] = ["offer"]
    ) throws {
        self.procedure = procedure
        self.announcer = announcer
        session = try OpeningSession(now: Self.now)
        let closing = try closing ?? Digest(hex: Procedure.expect(200, procedure.stage.openers[0].get(procedure.path + "/closing"))["digest"])
        opening = Opening(
            opening: Identifier(random: try Random.sixteen()), log: "real", purpose: .open, consultation: procedure.id,
            parts: parts, fingerprint: fingerprint ?? procedure.fingerprint, original: fingerprint ?? procedure.fingerprint,
            deadline: deadline ?? procedure.deadline, announcer: announcer, session: session.certificate, closing: closing)
        announcement = try Signed(canonical: procedure.voters[announcer - 1].sign(opening))
    }

    public static var now: Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    /// Whether the first two members rebuild the keys of a closed consultation, with no share that is wrong.
    public static func opens(_ procedure: Procedure) throws -> Bool {
        let session = try Session(procedure)
        try Procedure.expect(201, session.announce())
        for number in [1, 2] { try Procedure.expect(201, session.approve(number)) }
        try Procedure.expect(200, session.release())
        return try session.rebuild() == []
    }

    public func announce(as token: Int? = nil) throws -> Answer {
        try procedure.stage.openers[(token ?? announcer) - 1].post(
            procedure.path + "/openings", ["signed": Data(announcement.canonicalBytes).base64EncodedString()])
    }

    /// The approval as a member's tool makes it.
    public func approval(of number: Int) throws -> (signed: Signed, shares: [PartShare]) {
        guard let committee = procedure.committee else { throw Procedure.Unexpected("no keys yet") }
        return try procedure.voters[number - 1].member.approve(
            announcement, committee: committee, fingerprint: procedure.fingerprint, latestDeadline: procedure.deadline, now: Self.now)
    }

    public func approve(_ number: Int) throws -> Answer {
        let (signed, shares) = try approval(of: number)
        return try send(signed.canonicalBytes, shares, of: number)
    }

    public func send(_ signed: [UInt8], _ shares: [PartShare], of number: Int) throws -> Answer {
        try procedure.stage.openers[number - 1].post(
            path + "/approvals",
            ["signed": Data(signed).base64EncodedString(),
                "shares": shares.map { ["part": $0.part, "share": Data($0.share).base64EncodedString()] }])
    }

    public func release(as token: Int? = nil) throws -> Answer {
        try procedure.stage.openers[(token ?? announcer) - 1].get(path + "/release")
    }
}
