import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Sealing

/// An opening that one member announces over the API.
final class Session {
    let procedure: Procedure
    let announcer: Int
    let session: OpeningSession
    let announcement: Signed
    let opening: Opening

    var path: String { procedure.path + "/openings/\(opening.opening)" }

    /// Makes the announcement, and sends nothing yet.
    init(
        _ procedure: Procedure, by announcer: Int = 1, closing: Digest? = nil, fingerprint: Digest? = nil, deadline: Instant? = nil
    ) throws {
        self.procedure = procedure
        self.announcer = announcer
        session = try OpeningSession(now: Self.now)
        let closing = try closing ?? Digest(hex: Procedure.expect(200, procedure.stage.openers[0].get(procedure.path + "/closing"))["digest"])
        opening = Opening(
            opening: Identifier(random: try Random.sixteen()), log: "real", purpose: .open, consultation: procedure.id,
            parts: ["offer"], fingerprint: fingerprint ?? procedure.fingerprint, original: fingerprint ?? procedure.fingerprint,
            deadline: deadline ?? procedure.deadline, announcer: announcer, session: session.certificate, closing: closing)
        announcement = try Signed(canonical: procedure.voters[announcer - 1].sign(opening))
    }

    static var now: Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    func announce(as token: Int? = nil) throws -> Rehearsal.Answer {
        try procedure.stage.openers[(token ?? announcer) - 1].post(
            procedure.path + "/openings", ["signed": Data(announcement.canonicalBytes).base64EncodedString()])
    }

    /// The approval as a member's tool makes it.
    func approval(of number: Int) throws -> (signed: Signed, shares: [PartShare]) {
        guard let committee = procedure.committee else { throw Procedure.Unexpected("no keys yet") }
        return try procedure.voters[number - 1].member.approve(
            announcement, committee: committee, fingerprint: procedure.fingerprint, latestDeadline: procedure.deadline, now: Self.now)
    }

    func approve(_ number: Int) throws -> Rehearsal.Answer {
        let (signed, shares) = try approval(of: number)
        return try send(signed.canonicalBytes, shares, of: number)
    }

    func send(_ signed: [UInt8], _ shares: [PartShare], of number: Int) throws -> Rehearsal.Answer {
        try procedure.stage.openers[number - 1].post(
            path + "/approvals",
            ["signed": Data(signed).base64EncodedString(),
                "shares": shares.map { ["part": $0.part, "share": Data($0.share).base64EncodedString()] }])
    }

    func release(as token: Int? = nil) throws -> Rehearsal.Answer {
        try procedure.stage.openers[(token ?? announcer) - 1].get(path + "/release")
    }
}
