import Canonical
import Foundation
import OpenSSL
import Sealing
import Testing

@testable import sceau

/// A committee of two of three that dealt to another, as a daemon shows it: truly, or with one thing changed.
private final class Replaced: Sendable {
    static let id = try! Identifier("00112233445566778899aabbccddeeff")
    static let deadline = try! Instant(parsing: "2026-11-23T17:00:00.000Z")
    static let now = deadline.advanced(bySeconds: -3600)

    struct Person: Sendable {
        let pem: [UInt8]
        let certificate: Certificate

        init(_ name: String) {
            let key = try! PrivateKey.generateP256()
            certificate = try! Certificate.selfSigned(
                key, commonName: name, usage: .member, notBefore: 0, notAfter: 4_000_000_000)
            pem = try! key.pem().withBytes { bytes in bytes.indices.map { bytes[$0] } }
        }

        var key: PrivateKey { try! PrivateKey(pem: pem, passphrase: nil) }
        var member: Member { try! Member(key: key, certificate: certificate) }
    }

    static func committee(_ people: [Person]) throws -> Committee {
        let made = try Ceremony.make(
            consultation: id, notBefore: deadline, parts: ["offer"],
            members: people.map { CommitteeMember(name: $0.certificate.commonName!, certificate: $0.certificate) }, k: 2,
            timeLock: platform.certificate, recovery: nil, now: now)
        return try Committee(made.keySet, made.capsules)
    }

    static let platform = Person("time lock")
    let people = [Person("Alice"), Person("Bruno"), Person("Claire")]
    let newcomers = [Person("Diane"), Person("Émile"), Person("Fanny")]
    let old: Committee
    let first: Succession.Link
    let second: Succession.Link

    init() throws {
        old = try Self.committee(people)
        first = try Self.link(old, original: old.fingerprint, people, to: [people[0], people[1], newcomers[0]])
        second = try Self.link(
            first.renewed, original: old.fingerprint, [people[0], people[1], newcomers[0]], to: newcomers)
    }

    /// Announced by the first, approved by the first two, accepted by all.
    static func link(
        _ committee: Committee, original: Digest, _ people: [Person], to others: [Person]
    ) throws -> Succession.Link {
        let proposed = ProposedCommittee(
            k: 2, members: others.map { CommitteeMember(name: $0.certificate.commonName!, certificate: $0.certificate) })
        let session = try OpeningSession(now: now)
        let announcement = try people[0].member.announceReshare(
            committee, to: proposed, fingerprint: committee.fingerprint, original: original, log: "real", deadline: deadline,
            session: session.certificate)
        let approvals = try people.prefix(2).map {
            try $0.member.approveReshare(
                announcement, committee: committee, fingerprint: committee.fingerprint, original: original, proposed: proposed,
                now: now)
        }
        let renewed = try Reshare.deal(
            committee, to: proposed, opening: announcement.verified(as: Opening.self),
            lent: approvals.enumerated().map { Reshare.Lent(number: $0.offset + 1, shares: $0.element.shares) }, session: session
        ).renewed
        return Succession.Link(
            announcement: announcement, proposed: proposed, approvals: approvals.map(\.signed), renewed: renewed,
            acceptances: try others.map { try $0.member.accept(renewed, fingerprint: renewed.fingerprint) })
    }

    // MARK: As a daemon says it

    static func keys(_ committee: Committee, original: Digest, acceptances: [Signed] = [], pending: Digest? = nil) -> String {
        let capsules = committee.capsules.map { "\"\(Base64.encode($0.canonicalBytes))\"" }.joined(separator: ",")
        let accepted = acceptances.enumerated().map {
            "{\"number\":\($0.offset + 1),\"name\":\"N\",\"signed\":\"\(Base64.encode($0.element.canonicalBytes))\"}"
        }.joined(separator: ",")
        return """
            {"keySet":"\(Base64.encode(committee.keySet.canonicalBytes))","capsules":[\(capsules)],"original":"\(original)",
             "acceptances":[\(accepted)]\(pending.map { ",\"pending\":\"\($0)\"" } ?? "")}
            """
    }

    static func said(_ link: Succession.Link, original: Digest) -> String {
        let approvals = link.approvals.map { "\"\(Base64.encode($0.canonicalBytes))\"" }.joined(separator: ",")
        return """
            {"announcement":"\(Base64.encode(link.announcement.canonicalBytes))",
             "committee":"\(Base64.encode(link.proposed.canonicalBytes))","approvals":[\(approvals)],
             "renewed":\(keys(link.renewed, original: original, acceptances: link.acceptances))}
            """
    }

    func daemon(first: Committee? = nil, _ links: [Succession.Link], inForce: Committee? = nil, pending: Succession.Link? = nil) throws -> PlayedDaemon {
        let first = first ?? old
        let original = first.fingerprint
        let current = inForce ?? links.last?.renewed ?? first
        let consultation = """
            {"id":"\(Self.id.text)","reference":"r","title":"t","phase":"published","training":false,"parts":["offer"],
             "deadline":"\(Self.deadline)","deadlineVersion":1,"buyer":"b","timeZone":"Europe/Paris"}
            """
        let keys = Self.keys(current, original: original, pending: pending?.renewed.fingerprint)
        let chain = """
            {"first":\(Self.keys(first, original: original)),
             "links":[\(links.map { Self.said($0, original: original) }.joined(separator: ","))]\
            \(pending.map { ",\"pending\":" + Self.said($0, original: original) } ?? "")}
            """
        return try PlayedDaemon { path, _ in
            path.hasSuffix("/succession") ? (200, chain) : path.hasSuffix("/keys") ? (200, keys) : (200, consultation)
        }
    }

    /// What a member's tool makes of it, that had pinned `pinned`.
    func fetch(_ daemon: PlayedDaemon, pinned: Digest?, given: Digest? = nil) throws -> Dossier {
        let invocation = try daemon.invocation(["share", "accept", Self.id.text, "--key", "none"], now: Self.now)
        if let pinned { try invocation.pins().check(fingerprint: pinned, given: pinned, of: Self.id) }
        return try Dossier.fetch(invocation, Daemon(invocation), Self.id, given: given)
    }

    func pin(_ daemon: PlayedDaemon) throws -> Pin {
        try daemon.invocation(["share", "accept", Self.id.text, "--key", "none"], now: Self.now).pins().pin(of: Self.id)
    }
}

@Suite(.serialized) struct FollowedKeysTests {
    private static let replaced = try! Replaced()
    private var it: Replaced { Self.replaced }

    @Test func thePinMovesAlongTheSignatures() throws {
        for (links, pinned, given) in [
            ([it.first], it.old.fingerprint, nil), ([it.first, it.second], it.old.fingerprint, nil),
            ([it.first], nil, it.old.fingerprint), ([it.first, it.second], nil, it.first.renewed.fingerprint),
            ([it.first, it.second], it.old.fingerprint, it.second.renewed.fingerprint),
        ] as [([Succession.Link], Digest?, Digest?)] {
            let daemon = try it.daemon(links)
            defer { daemon.end() }
            let dossier = try it.fetch(daemon, pinned: pinned, given: given)
            #expect(dossier.fingerprint == links.last?.renewed.fingerprint && dossier.original == it.old.fingerprint)
            let pin = try it.pin(daemon)
            #expect(pin.fingerprint == dossier.fingerprint && pin.original == it.old.fingerprint && pin.source == .given)
            // And stays there; the first is no longer what this tool takes for the keys in force.
            #expect(try it.fetch(daemon, pinned: nil).fingerprint == dossier.fingerprint)
            #expect(try it.fetch(daemon, pinned: nil, given: it.old.fingerprint).fingerprint == dossier.fingerprint)
        }
    }

    /// What a daemon would show for its own committee: each thing that it cannot sign, changed in turn. The pin stays.
    @Test func aForgedSuccessionIsRefused() throws {
        let mallory = Replaced.Person("Mallory")
        let crew = [it.people[0], it.people[1], mallory]
        let other = try Replaced.committee(crew)
        let first = it.first
        func link(
            announcement: Signed? = nil, proposed: ProposedCommittee? = nil, approvals: [Signed]? = nil, renewed: Committee? = nil,
            acceptances: [Signed]? = nil
        ) -> Succession.Link {
            Succession.Link(
                announcement: announcement ?? first.announcement, proposed: proposed ?? first.proposed,
                approvals: approvals ?? first.approvals, renewed: renewed ?? first.renewed,
                acceptances: acceptances ?? first.acceptances)
        }
        let opening = try first.announcement.verified(as: Opening.self)
        let forged = try Signed.make(opening, key: mallory.key, certificate: mallory.certificate)
        let theirs = ProposedCommittee(
            k: 2, members: crew.map { CommitteeMember(name: $0.certificate.commonName!, certificate: $0.certificate) })
        // Its own keys, with its own committee's succession from them.
        let elsewhere = try Replaced.link(other, original: other.fingerprint, crew, to: it.newcomers)
        let lies: [(String, Committee?, [Succession.Link], Committee?)] = [
            ("announcement", nil, [link(announcement: forged)], nil),
            ("committee", nil, [link(proposed: theirs)], nil),
            ("one approval", nil, [link(approvals: [first.approvals[0]])], nil),
            ("an approval twice", nil, [link(approvals: [first.approvals[0], first.approvals[0]])], nil),
            ("another's approvals", nil, [link(approvals: it.second.approvals)], nil),
            ("other keys", nil, [link(renewed: other, acceptances: [])], nil),
            ("no acceptances", nil, [link(acceptances: [])], nil),
            ("acceptances of others", nil, [link(acceptances: it.second.acceptances)], nil),
            ("a link left out", nil, [it.second], nil),
            ("links in another order", nil, [it.second, it.first], nil),
            ("another beginning", other, [elsewhere], nil),
            ("keys that it does not lead to", nil, [it.first], other),
            ("nothing", nil, [], it.first.renewed),
        ]
        for (what, beginning, links, inForce) in lies {
            let daemon = try it.daemon(first: beginning, links, inForce: inForce)
            defer { daemon.end() }
            let error = #expect(throws: CommandError.self, "\(what)") { try it.fetch(daemon, pinned: it.old.fingerprint) }
            #expect(error?.message.contains("THE KEYS OF THIS CONSULTATION HAVE CHANGED") == true, "\(what): \(String(describing: error))")
            #expect(error?.outcome == .refused)
            let pin = try it.pin(daemon)
            #expect(pin.fingerprint == it.old.fingerprint && pin.original == nil, "\(what)")
        }
    }

    /// Who has moved does not go back, to the first set or to another beginning of the one it knows.
    @Test func theOldKeysAreNoneAnyMore() throws {
        let daemon = try it.daemon([it.first])
        _ = try it.fetch(daemon, pinned: it.old.fingerprint)
        let home = daemon.folder + "/home"
        let back = try it.daemon([])
        defer {
            daemon.end()
            back.end()
        }
        try FileManager.default.copyItem(atPath: home, toPath: back.folder + "/home")
        let error = #expect(throws: CommandError.self) { try it.fetch(back, pinned: nil) }
        #expect(error?.message.contains("HAVE CHANGED") == true)
        #expect(try it.pin(back).fingerprint == it.first.renewed.fingerprint)
    }

    /// What is dealt and not accepted is nobody's pin; who reads its fingerprint aloud may be believed all the same.
    @Test func whatIsPendingIsNotInForce() throws {
        let pending = Succession.Link(
            announcement: it.first.announcement, proposed: it.first.proposed, approvals: it.first.approvals,
            renewed: it.first.renewed, acceptances: [])
        for (pinned, given) in [(it.old.fingerprint, nil), (nil, pending.renewed.fingerprint), (it.old.fingerprint, pending.renewed.fingerprint)]
            as [(Digest?, Digest?)]
        {
            let daemon = try it.daemon([], pending: pending)
            defer { daemon.end() }
            let dossier = try it.fetch(daemon, pinned: pinned, given: given)
            #expect(dossier.fingerprint == it.old.fingerprint && dossier.pending == pending.renewed.fingerprint)
            #expect(try it.pin(daemon).fingerprint == it.old.fingerprint && it.pin(daemon).original == nil)
        }
    }
}
