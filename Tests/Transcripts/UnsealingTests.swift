import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Sealing
import Testing

/// Every refusal of the unsealing protocol that the daemon can see, each against an opening that would otherwise go through.
@Suite(.serialized) struct UnsealingTests {
    let stage: Stage

    init() throws { stage = try Stage(openers: 4) }

    private func closed(bids: Int = 1) throws -> Procedure {
        try Procedure.closed(stage) { procedure in
            for number in 0..<bids {
                try Procedure.expect(201, stage.bidders[number].deposit(Data("offre \(number)".utf8), in: procedure.id.text))
            }
        }
    }

    @Test func nothingBeforeTheDeadline() throws {
        let procedure = try Procedure.published(stage)
        let session = try Session(procedure, closing: .zero)
        let possible = "\(Instant(milliseconds: (procedure.deadline.second + 1) * 1000))"
        for answer in [try session.announce(), try stage.openers[0].get(procedure.path + "/closing")] {
            #expect(answer.status == 409 && answer.problem == "not-yet" && answer["possibleAt"] == possible, "\(answer)")
        }
        // Not with the whole committee either, each signing what its own tool would not.
        for number in 1...3 { #expect(try Session(procedure, by: number, closing: .zero).announce().problem == "not-yet") }
        #expect(try stage.awaitEvent("refused") { $0["action"] as? String == "announce" } != nil)
        #expect(try stage.events("opening-announced").isEmpty)
    }

    @Test func theQuorumOpens() throws {
        let procedure = try closed(bids: 2)
        let session = try Session(procedure)
        #expect(try session.announce().status == 201)
        #expect(try session.release().problem == "quorum")
        #expect(try session.approve(1).status == 201)
        #expect(try session.release().problem == "quorum")
        #expect(try stage.openers[0].get(session.path + "/bids").problem == "quorum")
        #expect(try session.approve(2).status == 201)
        let release = try Procedure.expect(200, session.release())
        #expect((release.json["approvals"] as? [Any])?.count == 2)
        // The platform's half and two shares give the key; the daemon gave T' to nobody else.
        #expect(try session.rebuild() == [])
        for other in [2, 3] {
            #expect(try session.release(as: other).problem == "forbidden")
            #expect(try stage.openers[other - 1].get(session.path + "/bids").problem == "forbidden")
        }
        let bids = try Procedure.expect(200, stage.openers[0].get(session.path + "/bids")).json["bids"] as? [[String: Any]]
        #expect(bids?.count == 2)
    }

    @Test func announcementsThatAreRefused() throws {
        let procedure = try closed()
        let other = try Procedure.published(stage)
        let good = try Session(procedure)
        func post(_ signed: [UInt8], as token: Int = 1) throws -> Answer {
            try stage.openers[token - 1].post(procedure.path + "/openings", ["signed": Data(signed).base64EncodedString()])
        }
        // Another fingerprint, another deadline, another closing.
        #expect(try Session(procedure, fingerprint: other.fingerprint).announce().status == 422)
        for seconds in [-10, 10] as [Int64] {
            #expect(try Session(procedure, deadline: procedure.deadline.advanced(bySeconds: seconds)).announce().status == 422)
        }
        #expect(try Session(procedure, closing: .zero).announce().status == 422)
        // One who is no member signs: as itself, and in a member's name.
        let stranger = try Voter("Intrus")
        #expect([403, 422].contains(try post(stranger.sign(good.opening)).status))
        // A signature over something else: a session certificate that the announcer did not sign.
        let swapped = try OpeningSession(now: Session.now)
        let opening = good.opening
        let forged = Opening(
            opening: opening.opening, log: opening.log, purpose: opening.purpose, consultation: opening.consultation, parts: opening.parts,
            fingerprint: opening.fingerprint, original: opening.original, deadline: opening.deadline, announcer: opening.announcer,
            session: swapped.certificate, closing: opening.closing)
        let answer = try post(
            Signed(object: forged.json, certificate: good.announcement.certificate, signature: good.announcement.signature).canonicalBytes)
        #expect(answer.status == 422 && answer.problem == "signature", "\(answer)")
        // Member 2 signs as member 1.
        #expect([403, 422].contains(try post(procedure.voters[1].sign(good.opening)).status))
        // What is no signed object.
        for nonsense in ["{}", "", "\u{0}", "[\"sceau/signed/1\"]"] {
            let answer = try post(Array(nonsense.utf8))
            #expect([400, 422].contains(answer.status), "\(nonsense): \(answer)")
        }
        #expect(try stage.events("opening-announced").isEmpty)
        // And the one that all of these resemble goes through, once.
        #expect(try good.announce().status == 201)
        #expect(try good.announce().problem == "already-done")
    }

    @Test func approvalsThatAreRefused() throws {
        let procedure = try closed()
        let session = try Session(procedure)
        let elsewhere = try Session(procedure, by: 2)
        try Procedure.expect(201, session.announce())
        try Procedure.expect(201, elsewhere.announce())
        let (good, shares) = try session.approval(of: 2)
        let approval = try good.verified(as: Approval.self)

        // Twice by the same member.
        #expect(try session.approve(1).status == 201)
        #expect(try session.approve(1).problem == "already-done")
        // For another opening.
        let (otherSigned, otherShares) = try elsewhere.approval(of: 2)
        #expect(try session.send(otherSigned.canonicalBytes, otherShares, of: 2).status == 422)
        let elsewhereNamed = Approval(opening: elsewhere.opening.digest, number: 2, at: approval.at, shares: approval.shares)
        #expect(try session.send(procedure.voters[1].sign(elsewhereNamed), shares, of: 2).status == 422)
        // Shares that are not those signed, to this session or to another; none; two; sealed to another session and signed all the
        // same.
        let fresh = try session.approval(of: 2).shares
        for shares in [fresh, otherShares, [], otherShares + otherShares] {
            let answer = try session.send(good.canonicalBytes, shares, of: 2)
            #expect(answer.status == 422, "\(answer)")
        }
        let misdirected = Approval(opening: approval.opening, number: 2, at: approval.at, shares: try otherSigned.verified(as: Approval.self).shares)
        let astray = try session.send(procedure.voters[1].sign(misdirected), otherShares, of: 2)
        #expect(astray.status == 422, "\(astray)")
        // An instant of the member's own clock that is before the deadline.
        let early = Approval(opening: approval.opening, number: 2, at: procedure.deadline, shares: approval.shares)
        #expect(try session.send(procedure.voters[1].sign(early), shares, of: 2).problem == "not-yet")
        // In another member's name, and by no member.
        #expect([403, 422].contains(try session.send(procedure.voters[2].sign(approval), shares, of: 2).status))
        #expect([403, 422].contains(try session.send(Voter("Intrus").sign(approval), shares, of: 2).status))
        // Altered after it was signed.
        let altered = Signed(object: early.json, certificate: good.certificate, signature: good.signature)
        #expect(try session.send(altered.canonicalBytes, shares, of: 2).problem == "signature")

        #expect(try stage.events("opening-approved").count == 1)
        #expect(try session.send(good.canonicalBytes, shares, of: 2).status == 201)
        #expect(try session.release().status == 200)
    }

    /// The daemon cannot look into a share: the opener's tool names the wrong one, and another approval replaces it.
    @Test func aWrongShareIsNamedByTheOpener() throws {
        let procedure = try closed()
        let session = try Session(procedure)
        try Procedure.expect(201, session.announce())
        try Procedure.expect(201, session.approve(1))
        // Member 2 seals a share object with every field as it was dealt, but another share.
        let approval = try session.approval(of: 2).signed.verified(as: Approval.self)
        let object = try Self.shareObject(procedure, number: 2, share: Random.bytes(32))
        let wrong = try SealedObject.seal(object.span, to: session.session.certificate)
        let lying = Approval(
            opening: approval.opening, number: 2, at: approval.at, shares: [.init(part: "offer", digest: Digest(of: wrong))])
        try Procedure.expect(201, session.send(procedure.voters[1].sign(lying), [PartShare(part: "offer", share: wrong)], of: 2))
        let error = #expect(throws: SealingError.self) { _ = try session.rebuild() }
        #expect(error?.text.contains("member 2") == true, "\(String(describing: error))")
        try Procedure.expect(201, session.approve(3))
        #expect(try session.rebuild() == [2])
    }

    /// The share object that this member was dealt, but for its share.
    private static func shareObject(_ procedure: Procedure, number: Int64, share: [UInt8]) throws -> [UInt8] {
        let capsule = try #require(procedure.committee?.capsule("offer"))
        return JSON.object([
            "certificate": .digest(Digest(capsule.certificate)), "consultation": .identifier(procedure.id),
            "format": .string("sceau/share/1"), "notBefore": .instant(capsule.notBefore), "number": .integer(number),
            "part": .string("offer"), "share": .base64(share),
        ]).encoded()
    }

    /// Late bids are listed, marked, and given to nobody.
    @Test func aLateBidIsWithheld() throws {
        let procedure = try closed()
        let late = try Procedure.expect(201, stage.bidders[1].deposit(Data("en retard".utf8), in: procedure.id.text))
        #expect(late["verdict"] == "late")
        let session = try Session(procedure)
        try Procedure.expect(201, session.announce())
        for number in [1, 3] { try Procedure.expect(201, session.approve(number)) }
        try Procedure.expect(200, session.release())
        for file in ["seal", "documents/1"] {
            let answer = try stage.openers[0].get(session.path + "/bids/\(late["bid"])/" + file)
            #expect(answer.status == 403 && answer.problem == "withheld", "\(answer)")
        }
    }
}
