import Canonical
import Foundation
import OpenSSL
import Sealing
import Synchronization
import Testing

@testable import sceau

@Suite struct ShareApproveTests {
    /// What the tool of the second member says when it is shown this announcement, and what it asked for.
    private func approve(
        _ sitting: Sitting, _ announcement: Signed, now: Instant = Sitting.after, deadline: Instant = Sitting.deadline,
        seen: Instant = Sitting.deadline, named: Identifier? = nil
    ) throws -> (message: String, asked: [String]) {
        let asked = Mutex<[String]>([])
        let daemon = try PlayedDaemon { path, _ in
            asked.withLock { $0.append(path) }
            if path.hasSuffix("/keys") { return sitting.keys() }
            guard path.hasSuffix("/openings") else {
                return path.hasSuffix(Sitting.id.text) ? sitting.consultation(deadline: deadline) : (404, "{}")
            }
            let text = sitting.openings(approvedBy: [1]).body
                .replacing(Base64.encode(sitting.announcement.canonicalBytes), with: Base64.encode(announcement.canonicalBytes))
            return (200, named.map { text.replacing(sitting.opening.opening.text, with: $0.text) } ?? text)
        }
        defer { daemon.end() }
        let key = daemon.folder + "/bruno.pem"
        let bruno = sitting.people[1]
        try (bruno.certificate.pem + String(decoding: bruno.pem, as: UTF8.self)).write(toFile: key, atomically: false, encoding: .utf8)
        chmod(key, 0o600)
        let invocation = try daemon.invocation(["share", "approve", Sitting.id.text, "--key", key], now: now)
        let pins = try invocation.pins()
        try pins.saw(deadline: seen, of: Sitting.id)
        try pins.check(fingerprint: sitting.keySet.fingerprint, given: sitting.keySet.fingerprint, of: Sitting.id)
        let error = #expect(throws: CommandError.self) { try ShareApprove(invocation).run() }
        return (error?.message ?? "approved", asked.withLock { $0 })
    }

    private func forged(_ sitting: Sitting, signedBy index: Int = 0, _ change: (inout [String: JSON]) -> Void) throws -> Signed {
        var fields = sitting.opening.fields
        fields["format"] = .string(Opening.format)
        change(&fields)
        let opening = try Opening(json: .object(fields))
        return try Signed.make(opening, key: sitting.people[index].key, certificate: sitting.people[index].certificate)
    }

    /// Each row of the table that a member's tool checks for itself, against a daemon that lies in that one thing.
    @Test func aDaemonThatLiesGetsNoShare() throws {
        let sitting = try Sitting()
        let session = try OpeningSession(now: Sitting.after).certificate
        // The session of the daemon's own, under the announcer's signature.
        let swapped = Signed(
            object: try forged(sitting) { $0["session"] = .base64(session.der) }.object, certificate: sitting.announcement.certificate,
            signature: sitting.announcement.signature)
        // The same, signed by somebody who is no member, and by a member in another's name.
        let stranger = Sitting.Person("Mallory")
        let signed = try Signed.make(sitting.opening, key: stranger.key, certificate: stranger.certificate)
        let inAnothersName = try forged(sitting, signedBy: 2) { $0["session"] = .base64(session.der) }
        let early = try forged(sitting) { $0["deadline"] = .instant(Sitting.deadline.advanced(bySeconds: -60)) }
        let otherKeys = try forged(sitting) { $0["fingerprint"] = .digest(.zero) }
        let otherOriginal = try forged(sitting) { $0["original"] = .digest(.zero) }
        let otherConsultation = try forged(sitting) { $0["consultation"] = .identifier(Identifier(random: InlineArray<16, UInt8>(repeating: 7))) }
        for (announcement, says) in [
            (swapped, "the signature does not hold"), (signed, "somebody else than member 1"), (inAnothersName, "somebody else than member 1"),
            (early, "before `notBefore`"), (otherKeys, "another key set"), (otherOriginal, "another original fingerprint"),
            (otherConsultation, "another consultation"),
        ] {
            let (message, asked) = try approve(sitting, announcement)
            #expect(message.contains(says), "\(says): \(message)")
            #expect(!asked.contains { $0.hasSuffix("/approvals") }, "\(says)")
        }
        let (renamed, _) = try approve(sitting, sitting.announcement, named: Identifier(random: InlineArray<16, UInt8>(repeating: 9)))
        #expect(renamed.contains("under another's name"), "\(renamed)")
    }

    /// Its own clock, and the latest deadline that it has ever seen, come before its key is read.
    @Test func itsOwnClockComesFirst() throws {
        let sitting = try Sitting()
        let (early, asked) = try approve(sitting, sitting.announcement, now: Sitting.deadline)
        #expect(early.contains("too early: by this machine's clock it is \(Sitting.deadline)"), "\(early)")
        // Whether there is a re-share, which waits for no clock, is all that it asks.
        #expect(!asked.contains { $0.hasSuffix("/closing") || $0.hasSuffix("/approvals") })
        let later = Sitting.deadline.advanced(bySeconds: 3600)
        let (denied, _) = try approve(sitting, sitting.announcement, seen: later)
        #expect(denied.contains("this tool has seen \(later)"), "\(denied)")
        let (extended, _) = try approve(sitting, sitting.announcement, deadline: later)
        #expect(extended.contains("too early"), "\(extended)")
    }
}

/// A standing committee is dealt to only as somebody vouched for it.
@Suite struct StandingTests {
    private let account = Identifier(random: InlineArray<16, UInt8>(repeating: 5))

    private func committee(_ people: [Sitting.Person]) -> StandingCommittee {
        StandingCommittee(
            name: "cao", k: 1,
            members: people.map { .init(name: $0.certificate.commonName!, certificate: $0.certificate, from: Sitting.deadline.advanced(bySeconds: -86_400)) })
    }

    @Test func aCertificateThatTheDaemonPutsInIsFoundOut() throws {
        let honest = committee([Sitting.Person("Alice"), Sitting.Person("Bruno")])
        let lying = committee([honest.members[0], .init(name: "Bruno", certificate: Sitting.Person("Bruno").certificate, from: honest.members[0].from)])
        let shown = Mutex(honest)
        let account = account
        let daemon = try PlayedDaemon { path, _ in
            if path.hasSuffix("/platform") { return (200, "{\"account\":\"\(account.text)\",\"timeLock\":\"\"}") }
            let committee = shown.withLock { $0 }
            return (
                200,
                """
                {"name":"cao","digest":"\(committee.digest)","committee":"\(Base64.encode(committee.canonicalBytes))",
                 "at":"\(Sitting.deadline)","due":[]}
                """
            )
        }
        defer { daemon.end() }
        let invocation = try daemon.invocation(["committee", "show", "cao"], now: Sitting.deadline)
        func fetch(given: Digest? = nil) throws -> ShownCommittee { try ShownCommittee.fetch(invocation, Daemon(invocation), "cao", given: given) }
        // Nobody but the daemon says so; then somebody does, and it is pinned.
        #expect(try !fetch().isVouchedFor)
        #expect(throws: CommandError.self) { try fetch(given: .zero) }
        #expect(try fetch(given: honest.digest).isVouchedFor)
        #expect(try fetch().isVouchedFor)
        shown.withLock { $0 = lying }
        let error = #expect(throws: CommandError.self) { try fetch() }
        #expect(error?.message.contains("THE STANDING COMMITTEE 'cao' HAS CHANGED") == true && error?.outcome == .refused)
        #expect(throws: CommandError.self) { try fetch(given: honest.digest) }
        // A change that its person was told of.
        #expect(try fetch(given: lying.digest).isVouchedFor)
        shown.withLock { $0 = honest }
        #expect(throws: CommandError.self) { try fetch() }
    }

    private func committee(_ members: [StandingCommittee.Member]) -> StandingCommittee {
        StandingCommittee(name: "cao", k: 1, members: members)
    }
}
