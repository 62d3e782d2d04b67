import Canonical
import Evidence
import Foundation
import Linux
import OpenSSL
import Sealing
import Testing

@testable import Procurement
@testable import sceau

/// A committee of three of whom two open, the platform's half, and an opening that the first member announced.
final class Sitting: Sendable {
    static let id = try! Identifier("00112233445566778899aabbccddeeff")
    static let deadline = try! Instant(parsing: "2026-11-23T17:00:00.000Z")
    static let after = deadline.advanced(bySeconds: 60)

    struct Person: Sendable {
        let pem: [UInt8]
        let certificate: Certificate

        init(_ name: String, _ usage: CertificateUsage = .member) {
            let key = try! PrivateKey.generateP256()
            certificate = try! Certificate.selfSigned(
                key, commonName: name, usage: usage, notBefore: 0, notAfter: 4_000_000_000)
            pem = try! key.pem().withBytes { bytes in bytes.indices.map { bytes[$0] } }
        }

        var key: PrivateKey { try! PrivateKey(pem: pem, passphrase: nil) }
        var member: Member { try! Member(key: key, certificate: certificate) }
    }

    let people = [Person("Alice"), Person("Bruno"), Person("Claire")]
    let keySet: KeySet
    let capsules: [Capsule]
    let committee: Committee
    let session: OpeningSession
    let announcement: Signed
    let opening: Opening
    let half: [UInt8]

    init() throws {
        let platform = Person("time lock", .sealing)
        (keySet, capsules) = try Ceremony.make(
            consultation: Self.id, notBefore: Self.deadline, parts: ["offer"],
            members: people.map { CommitteeMember(name: $0.certificate.commonName!, certificate: $0.certificate) }, k: 2,
            timeLock: platform.certificate, recovery: nil, now: Self.deadline.advanced(bySeconds: -86_400))
        committee = try Committee(keySet, capsules)
        session = try OpeningSession(now: Self.after)
        announcement = try people[0].member.announce(
            committee, fingerprint: keySet.fingerprint, log: "real", deadline: Self.deadline, closing: .zero,
            session: session.certificate)
        opening = try committee.opening(announcement, fingerprint: keySet.fingerprint)
        half = try TimeLock(key: platform.key, certificate: platform.certificate, recovery: nil)
            .release(capsules[0], to: session.certificate)
    }

    /// The approval of a member with its share, or with what it says is one.
    func approval(_ number: Int, share: [UInt8]? = nil) throws -> String {
        var (signed, shares) = try people[number - 1].member.approve(
            announcement, committee: committee, fingerprint: keySet.fingerprint, latestDeadline: Self.deadline,
            now: Self.after)
        if let share {
            shares = [PartShare(part: "offer", share: share)]
            signed = try Signed.make(
                Approval(
                    opening: opening.digest, number: number, at: Self.after,
                    shares: [.init(part: "offer", digest: Digest(of: share))]),
                key: people[number - 1].key, certificate: people[number - 1].certificate)
        }
        return """
            {"number":\(number),"signed":"\(Base64.encode(signed.canonicalBytes))",
             "shares":[{"part":"offer","share":"\(Base64.encode(shares[0].share))"}]}
            """
    }

    /// A share object of the right length that was never dealt.
    func wrongShare(like number: Int) throws -> [UInt8] {
        let (_, shares) = try people[number - 1].member.approve(
            announcement, committee: committee, fingerprint: keySet.fingerprint, latestDeadline: Self.deadline,
            now: Self.after)
        // An attached CMS is longer than its content by a length that does not change here.
        let envelope = try SealedObject.seal([UInt8](repeating: 0, count: 400).span, to: session.certificate).count - 400
        return try SealedObject.seal(
            [UInt8](repeating: 0, count: shares[0].share.count - envelope).span, to: session.certificate)
    }

    func openings(approvedBy numbers: [Int]) -> PlayedDaemon.Said {
        (
            200,
            """
            {"openings":[{"opening":"\(opening.opening.text)","digest":"\(opening.digest)",
              "signed":"\(Base64.encode(announcement.canonicalBytes))","announcer":1,"announcedAt":"\(Self.after)",
              "approvals":\(numbers),"needed":2,"released":false,"concluded":false}]}
            """
        )
    }

    func release(_ approvals: [String], half other: [UInt8]? = nil) -> PlayedDaemon.Said {
        (
            200,
            """
            {"approvals":[\(approvals.joined(separator: ","))],
             "parts":[{"part":"offer","secret":"\(Base64.encode(other ?? half))"}]}
            """
        )
    }

    func consultation(deadline: Instant = Sitting.deadline) -> PlayedDaemon.Said {
        (
            200,
            """
            {"id":"\(Self.id.text)","reference":"r","title":"t","phase":"closed","training":false,"parts":["offer"],
             "deadline":"\(deadline)","deadlineVersion":1,"buyer":"b","timeZone":"Europe/Paris"}
            """
        )
    }

    func keys(_ capsules: [Capsule]? = nil) -> PlayedDaemon.Said {
        let texts = (capsules ?? self.capsules).map { "\"\(Base64.encode($0.canonicalBytes))\"" }
        return (
            200,
            "{\"keySet\":\"\(Base64.encode(keySet.canonicalBytes))\",\"capsules\":[\(texts.joined(separator: ","))]}"
        )
    }

    /// Waits for the quorum at this daemon, so many milliseconds at most.
    func quorum(at daemon: PlayedDaemon, wait: Int64 = 3000) throws -> Release {
        let invocation = try daemon.invocation(["open", Self.id.text, "--key", "k", "--out", "o"], now: Self.after)
        return try Quorum(
            invocation, Daemon(invocation), dossier(), opening, until: Clocks.monotonicMilliseconds() + wait
        ).await(session)
    }

    func dossier() throws -> Dossier {
        var pin = Pin(consultation: Self.id)
        pin.deadline = Self.deadline
        return Dossier(
            id: Self.id, view: try JSONDecoder().decode(ConsultationView.self, from: Data(consultation().body.utf8)),
            keySet: keySet, capsules: capsules, committee: committee, fingerprint: keySet.fingerprint, pin: pin)
    }

    func partKey() throws -> PartKeyBox {
        let shares = try [1, 2].map { number in
            let (_, shares) = try people[number - 1].member.approve(
                announcement, committee: committee, fingerprint: keySet.fingerprint, latestDeadline: Self.deadline,
                now: Self.after)
            return OpeningSession.ReceivedShare(number: number, share: shares[0].share)
        }
        return PartKeyBox(try session.partKey(capsules[0], shares: shares, secret: half))
    }
}

@Suite struct QuorumTests {
    @Test func aWrongShareIsNamedAndReplaced() throws {
        let sitting = try Sitting()
        let (one, two, three) = (
            try sitting.approval(1), try sitting.approval(2, share: sitting.wrongShare(like: 2)), try sitting.approval(3)
        )
        let daemon = try PlayedDaemon { path, time in
            path.hasSuffix("/release")
                ? sitting.release(time == 1 ? [one, two] : [one, two, three])
                : sitting.openings(approvedBy: time == 1 ? [1, 2] : [1, 2, 3])
        }
        defer { daemon.end() }
        let release = try sitting.quorum(at: daemon)
        #expect(release.keys.count == 1)
        #expect(release.keys[0].key.wrongShares.map(\.number) == [2])
        #expect(release.members.map(\.number) == [1, 2, 3])
    }

    /// The session would be lost with the tool.
    @Test func aReleaseThatWasNotAnsweredIsAskedForAgain() throws {
        let sitting = try Sitting()
        let approvals = [try sitting.approval(1), try sitting.approval(3)]
        let daemon = try PlayedDaemon { path, time in
            guard path.hasSuffix("/release") else { return sitting.openings(approvedBy: [1, 3]) }
            return time == 1 ? (503, "{\"type\":\"busy\",\"detail\":\"busy\"}") : sitting.release(approvals)
        }
        defer { daemon.end() }
        #expect(try sitting.quorum(at: daemon).members.map(\.number) == [1, 3])
    }

    /// Approvals that the daemon made up, repeats or exchanges are none.
    @Test func approvalsAreTheMembers() throws {
        let (sitting, other) = (try Sitting(), try Sitting())
        let one = try sitting.approval(1)
        let stranger = try other.approval(3)
        let renamed = try sitting.approval(2).replacing("\"share\":\"", with: "\"share\":\"AAAA")
        for lies in [[one, one], [one, stranger], [one, renamed], [one]] {
            let daemon = try PlayedDaemon { path, _ in
                path.hasSuffix("/release") ? sitting.release(lies) : sitting.openings(approvedBy: [1, 2])
            }
            defer { daemon.end() }
            let error = #expect(throws: CommandError.self) { _ = try sitting.quorum(at: daemon, wait: 500) }
            #expect(error?.message.contains("not reached") == true, "\(String(describing: error))")
        }
    }

    @Test func anotherHalfOfThePlatformIsRefused() throws {
        let sitting = try Sitting()
        let approvals = [try sitting.approval(1), try sitting.approval(2)]
        // T′ of another consultation, sealed to this session all the same; and T′ sealed to another session.
        let copied = try SealedObject.seal([UInt8](repeating: 7, count: 32).span, to: sitting.session.certificate)
        for half in [copied, try Sitting().half, []] {
            let daemon = try PlayedDaemon { path, _ in
                path.hasSuffix("/release") ? sitting.release(approvals, half: half) : sitting.openings(approvedBy: [1, 2])
            }
            defer { daemon.end() }
            let error = #expect(throws: CommandError.self) { _ = try sitting.quorum(at: daemon) }
            #expect(error?.outcome == .refused && error?.message.contains("the platform's half") == true)
        }
    }
}

@Suite struct DossierTests {
    /// Fetches what the daemon shows once it has shown the truth.
    private func complaint(
        _ sitting: Sitting, consultation: PlayedDaemon.Said? = nil, keys: PlayedDaemon.Said? = nil
    ) throws -> String? {
        let daemon = try PlayedDaemon { path, time in
            path.hasSuffix("/keys")
                ? time == 1 ? sitting.keys() : keys ?? sitting.keys()
                : time == 1 ? sitting.consultation() : consultation ?? sitting.consultation()
        }
        defer { daemon.end() }
        let invocation = try daemon.invocation(["share", "approve", Sitting.id.text, "--key", "k"], now: Sitting.after)
        let asked = try Daemon(invocation)
        #expect(try Dossier.fetch(invocation, asked, Sitting.id).pin.source == .firstSight)
        do {
            _ = try Dossier.fetch(invocation, asked, Sitting.id)
            return nil
        } catch {
            #expect(error.outcome == .refused)
            return error.message
        }
    }

    @Test func whatDiffersFromWhatWasSeenIsRefused() throws {
        let (sitting, other) = (try Sitting(), try Sitting())
        #expect(try complaint(sitting) == nil)
        #expect(try complaint(sitting, keys: other.keys())?.contains("HAVE CHANGED") == true)
        #expect(try complaint(sitting, keys: sitting.keys(other.capsules))?.contains("do not hold together") == true)
        #expect(try complaint(sitting, keys: sitting.keys([]))?.contains("do not hold together") == true)
        let sooner = sitting.consultation(deadline: Sitting.deadline.advanced(bySeconds: -1))
        #expect(try complaint(sitting, consultation: sooner)?.contains("this tool has seen") == true)
        #expect(try complaint(sitting, consultation: sitting.consultation(deadline: Sitting.after)) == nil)
        let another = sitting.consultation().body.replacing(Sitting.id.text, with: String(repeating: "1", count: 32))
        #expect(try complaint(sitting, consultation: (200, another))?.contains("another consultation") == true)
    }

    /// The buyer's tool, too: the deadline that is shown becomes the keys' `notBefore`.
    @Test func nothingIsSealedForADeadlineThatWentBack() throws {
        let sitting = try Sitting()
        let daemon = try PlayedDaemon { path, _ in
            path.hasSuffix("/platform") ? (503, "{}") : sitting.consultation()
        }
        defer { daemon.end() }
        let certificate = daemon.folder + "/alice.crt"
        try Sitting.Person("Alice").certificate.pem.write(toFile: certificate, atomically: false, encoding: .utf8)
        let invocation = try daemon.invocation(
            ["consultation", "seal", Sitting.id.text, "--quorum", "1", "--member", certificate], now: Sitting.deadline)
        func complaint() -> String? { #expect(throws: CommandError.self) { try ConsultationSeal(invocation).run() }?.message }
        #expect(complaint()?.contains("this tool has seen") == false)
        try invocation.pins().saw(deadline: Sitting.deadline.advanced(bySeconds: 1), of: Sitting.id)
        #expect(complaint()?.contains("this tool has seen") == true)
    }
}

@Suite struct RefusalTextTests {
    @Test func anAuthorityThatIsNoCertificate() throws {
        let daemon = try PlayedDaemon { _, _ in (200, "{}") }
        defer { daemon.end() }
        try "no certificate".write(toFile: daemon.folder + "/ca.pem", atomically: false, encoding: .utf8)
        let invocation = try daemon.invocation(["share", "approve", Sitting.id.text, "--key", "k"], now: Sitting.after)
        let error = #expect(throws: CommandError.self) { _ = try Daemon(invocation) }
        #expect(error?.message == "'\(daemon.folder)/ca.pem' holds no certificate that can be read (PEM)")
        #expect(error?.outcome == .failed)
    }

    /// A line of the daemon's must not pass for one of the tool's.
    @Test func whatTheDaemonSaysIsOneLine() throws {
        let detail = #"no\nsceau: 3 bids opened\r\nx\u2028y"#
        let daemon = try PlayedDaemon { _, _ in
            (409, "{\"detail\":\"\(detail)\",\"reference\":\"a\\nb\",\"possibleAt\":\"c\\nd\"}")
        }
        defer { daemon.end() }
        let invocation = try daemon.invocation(["share", "approve", Sitting.id.text, "--key", "k"], now: Sitting.after)
        let asked = try Daemon(invocation)
        let error = #expect(throws: CommandError.self) { let _: ConsultationView = try asked.get(["consultations"]) }
        #expect(error?.message == "no sceau: 3 bids opened x y [a b]")
        #expect(error?.hint == "this will be possible at c d")
        #expect(error?.outcome == .refused)
    }
}
