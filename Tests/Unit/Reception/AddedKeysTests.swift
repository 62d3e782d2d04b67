import Canonical
import OpenSSL
import Procurement
import Records
import Sealing
import Testing

@testable import Reception

/// A second key set of a published consultation at the daemon: what it keeps apart, and whom it tells.
@Suite("Keys that are added, on a clock that the test turns")
final class AddedKeysTests {
    private let house: House
    private let id: Identifier
    private let first: Committee

    init() throws {
        house = try House()
        (id, first) = try house.published()
    }

    private func proposed(acceptedBy members: [Members.Holder] = Members.all) throws -> Committee {
        let (keySet, capsules) = try Members.ceremony(id)
        _ = try house.setKeys(of: id, keySet, capsules)
        let second = try Committee(keySet, capsules)
        for member in members { try accept(second, member) }
        return second
    }

    private func accept(_ committee: Committee, _ member: Members.Holder) throws {
        _ = try house.vault.accept(
            id, by: house.opener.principal, signed: member.member().accept(committee, fingerprint: committee.fingerprint).canonicalBytes)
    }

    @discardableResult
    private func add(_ committee: Committee) throws -> Consultation {
        try house.vault.addKeys(id, by: house.buyer.principal, fingerprint: committee.fingerprint, grounds: "A theft.").consultation
    }

    private func notices() throws -> [Identifier] { try house.facts(NoticeDue.self).filter { $0.kind == .keysAdded }.map(\.bid) }

    private func view(_ set: Digest? = nil) throws -> KeysView { try house.vault.keys(of: id, set: set, for: house.buyer.principal) }

    @Test func whatIsProposedIsNotInForce() throws {
        let second = try proposed(acceptedBy: [Members.all[0], Members.all[1]])
        #expect(try view().fingerprint == first.fingerprint)
        #expect(try view().sets == [.init(original: first.fingerprint, state: .current), .init(original: second.fingerprint, state: .proposed)])
        #expect(try view(second.fingerprint).acceptances.map(\.number) == [1, 2])
        #expect(refusal { try add(second) } == .quorum)
        try accept(second, Members.all[2])
        // One that nobody accepted is proposed in its place.
        let third = try proposed(acceptedBy: [])
        #expect(refusal { try add(second) } == .fingerprint)
        #expect(refusal { _ = try view(second.fingerprint) } == .notFound)
        for member in Members.all { try accept(third, member) }
        let after = try add(third)
        #expect(after.keys?.fingerprint == third.fingerprint && after.earlier.map(\.keys.fingerprint) == [first.fingerprint])
        #expect(try add(third) == after, "sent again")
        #expect(try house.facts(KeysAdded.self).count == 1)
        #expect(try view().sets == [.init(original: first.fingerprint, state: .earlier), .init(original: third.fingerprint, state: .current)])
        #expect(try view(first.fingerprint).fingerprint == first.fingerprint)
        #expect(refusal { _ = try view(Digest.zero) } == .notFound)
        #expect(refusal { try house.vault.keys(of: id, set: first.fingerprint, for: house.bidder.principal) } == .forbidden)
    }

    @Test func anUploadUnderWayIsNotDropped() throws {
        let second = try proposed()
        let upload = try Upload(house, id, by: house.bidder, length: 6)
        upload.send(Array("abc".utf8))
        let (draft, number) = try begun()
        try add(second)
        upload.send(Array("def".utf8))
        upload.finish()
        let (one, two) = (try upload.receipt(), try finished(draft, number))
        #expect(one.bid.keys == first.fingerprint && two.bid.keys == first.fingerprint && one.bid.verdict == .onTime)
        // The draft's bidder was told when the keys came, the other's when the bid was recorded: each once.
        #expect(try Set(notices()) == [one.bid.bid, two.bid.bid] && notices().count == 2)
        #expect(try Upload.whole(house, id, by: house.otherBidder, Array("x".utf8)).bid.keys == second.fingerprint)
        house.vault.tendKeyNotices()
        #expect(try notices().count == 2)
    }

    private func begun() throws -> (Draft, Int) {
        let draft = try Draft(house, in: id, by: house.otherBidder)
        let number = try draft.create(4)
        _ = try draft.send(Array("ab".utf8), to: number, at: 0)
        return (draft, number)
    }

    private func finished(_ draft: Draft, _ number: Int) throws -> Receipt {
        _ = try draft.send(Array("cd".utf8), to: number, at: 2)
        return try draft.submit()
    }

    /// The platform stopped between the decision and the notices: they are due, and sent once.
    @Test func whoWasNotToldIsToldLater() throws {
        let (withdrawn, _) = try Draft.whole(house, in: id, by: house.bidder)
        _ = try house.vault.withdraw(withdrawn.bid, by: house.bidder.principal, bidCode: withdrawn.code, ticket: house.vault.enterSubmission(of: id))
        let (kept, _) = try Draft.whole(house, in: id, by: house.otherBidder)
        let second = try proposed()
        let fact = KeysAdded(
            consultation: id, user: house.buyer.principal.user, fingerprint: second.fingerprint, replaces: first.fingerprint, grounds: "A theft.")
        try house.vault.register.commit { _ in [EventDraft(log: .training, fact: fact)] }
        #expect(try notices() == [])
        try house.restart {}
        house.vault.tendDrafts()
        #expect(try notices() == [kept.bid], "not who had withdrawn")
        house.vault.tendKeyNotices()
        #expect(try notices() == [kept.bid])
        // Of another set they are told again.
        let third = try proposed()
        house.dial.turn(to: "11:30:00.000")
        try add(third)
        #expect(try notices() == [kept.bid, kept.bid])
        // After the closing nobody can deposit in time any more.
        house.dial.turn(to: "12:00:01.000")
        house.vault.tend()
        #expect(try house.facts(ClosingStated.self).first?.keySets.map(\.keys) == [first, second, third].map(\.fingerprint))
    }

    @Test func eachSetIsOpenedApart() throws {
        let before = try Upload.whole(house, id, by: house.bidder, Array("avant".utf8))
        let second = try proposed()
        try add(second)
        let after = try Upload.whole(house, id, by: house.otherBidder, Array("après".utf8))
        house.dial.turn(to: "12:00:01.000")
        house.vault.tend()
        for (committee, own, other) in [(first, before, after), (second, after, before)] {
            let session = try OpeningSession(now: Dial.instant("12:00:01.000"))
            let closing = try house.vault.statement(of: id, for: house.opener.principal).digest
            let signed = try Members.all[0].member().announce(
                committee, fingerprint: committee.fingerprint, log: "training", deadline: Dial.instant("12:00:00.000"), closing: closing,
                session: session.certificate)
            let opening = try house.vault.announce(id, by: house.opener.principal, signed: signed.canonicalBytes).opening
            for member in Members.all.prefix(2) {
                let (approval, shares) = try member.member().approve(
                    signed, committee: committee, fingerprint: committee.fingerprint, latestDeadline: Dial.instant("12:00:00.000"),
                    now: Dial.instant("12:00:01.000"))
                _ = try house.vault.approve(
                    id, opening: opening, by: house.otherOpener.principal, signed: approval.canonicalBytes, shares: shares.map { ($0.part, $0.share) })
            }
            #expect(refusal { _ = try house.vault.seal(of: own.bid.bid, id, opening: opening, by: house.opener.principal) } == .quorum)
            // An approval under the other set's keys is none of this opening.
            let stranger = try #require([first, second].first { $0.fingerprint != committee.fingerprint })
            let (wrong, _) = try wrongApproval(stranger, session, closing)
            #expect(refusal { try house.vault.approve(id, opening: opening, by: house.otherOpener.principal, signed: wrong, shares: []) } == .signature)
            let (approvals, parts) = try house.vault.release(id, opening: opening, by: house.opener.principal)
            #expect(approvals.count == 2 && parts.map(\.part) == ["offer"])
            let listed = try house.vault.bids(of: id, opening: opening, by: house.opener.principal)
            #expect(listed.map(\.isWithheld) == listed.map { $0.entry.bid != own.bid.bid })
            _ = try house.vault.seal(of: own.bid.bid, id, opening: opening, by: house.opener.principal)
            #expect(refusal { _ = try house.vault.seal(of: other.bid.bid, id, opening: opening, by: house.opener.principal) } == .withheld)
            #expect(refusal { _ = try house.vault.document(1, of: other.bid.bid, id, opening: opening, by: house.opener.principal) } == .withheld)
        }
    }

    private func wrongApproval(_ committee: Committee, _ session: borrowing OpeningSession, _ closing: Digest) throws -> ([UInt8], [PartShare]) {
        let signed = try Members.all[0].member().announce(
            committee, fingerprint: committee.fingerprint, log: "training", deadline: Dial.instant("12:00:00.000"), closing: closing,
            session: session.certificate)
        let (approval, shares) = try Members.all[2].member().approve(
            signed, committee: committee, fingerprint: committee.fingerprint, latestDeadline: Dial.instant("12:00:00.000"),
            now: Dial.instant("12:00:01.000"))
        return (approval.canonicalBytes, shares)
    }

    @Test func sharesOfEverySetAreListedAndRehearsed() throws {
        let second = try proposed(acceptedBy: Array(Members.all.prefix(2)))
        let certificate = Digest(Members.all[2].certificate)
        func shares() throws -> [Digest: Bool] {
            Dictionary(
                uniqueKeysWithValues: try house.vault.shares(of: certificate, for: house.opener.principal).map { ($0.fingerprint, $0.rehearsal != nil) })
        }
        #expect(try shares() == [first.fingerprint: true, second.fingerprint: false])
        try accept(second, Members.all[2])
        try add(second)
        #expect(try shares() == [first.fingerprint: true, second.fingerprint: true])
        house.dial.turn(to: "11:30:00.000")
        for committee in [first, second] {
            let signed = try Members.all[2].member().rehearse(committee, fingerprint: committee.fingerprint, now: Dial.instant("11:30:00.000"))
            #expect(try house.vault.rehearse(id, by: house.opener.principal, signed: signed.canonicalBytes).fingerprint == committee.fingerprint)
        }
    }
}
