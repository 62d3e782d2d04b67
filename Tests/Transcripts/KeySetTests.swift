import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Sealing
import Testing

/// What `PUT …/keys` takes: nothing that could not be released later, nothing that was made for something else.
@Suite(.serialized) struct KeySetTests {
    let stage: Stage

    init() throws { stage = try Stage() }

    /// The capsule with some of it replaced, and a key set that fits it.
    private func put(_ procedure: Procedure, _ capsule: Capsule, _ change: (inout Fields) throws -> Void) throws -> Answer {
        var fields = Fields(capsule)
        try change(&fields)
        let changed = fields.capsule
        let keySet = KeySet(
            consultation: procedure.id,
            parts: [KeySet.Part(part: changed.part, certificate: Digest(changed.certificate), capsule: changed.digest)])
        return try procedure.put(keySet, [changed])
    }

    struct Fields {
        var consultation: Identifier
        var notBefore: Instant
        var k: Int
        var sealedKey: [UInt8]
        var platformDigest: Digest
        var members: [Capsule.Member]
        var timeLock: Capsule.SealedPlatformSecret
        let original: Capsule

        init(_ capsule: Capsule) {
            original = capsule
            consultation = capsule.consultation
            notBefore = capsule.notBefore
            k = capsule.k
            sealedKey = capsule.sealedKey
            platformDigest = capsule.platformDigest
            members = capsule.members
            timeLock = capsule.timeLock
        }

        var capsule: Capsule {
            Capsule(
                consultation: consultation, part: original.part, notBefore: notBefore, k: k, certificate: original.certificate,
                sealedKey: sealedKey, committeeDigest: original.committeeDigest, platformDigest: platformDigest, members: members,
                timeLock: timeLock, recovery: original.recovery)
        }

        mutating func reshare(_ index: Int, _ change: (inout [UInt8]) -> Void) {
            let member = members[index]
            var share = member.share
            change(&share)
            members[index] = Capsule.Member(
                number: member.number, name: member.name, certificate: member.certificate, signing: member.signing, share: share,
                shareDigest: member.shareDigest)
        }
    }

    @Test func whatIsRefused() throws {
        let procedure = try Procedure(stage)
        let (keySet, capsules) = try procedure.ceremony()
        let capsule = capsules[0]
        let other = try Procedure(stage)
        try other.seal()
        let stolen = try #require(other.committee?.capsule("offer"))

        let refused: [(String, Answer)] = [
            ("T copied from another consultation", try put(procedure, capsule) {
                $0.timeLock = stolen.timeLock
                $0.platformDigest = stolen.platformDigest
            }),
            ("T that is not the one of its digest", try put(procedure, capsule) { $0.timeLock = stolen.timeLock }),
            ("a capsule of another consultation", try procedure.put(
                KeySet(consultation: procedure.id, parts: [.init(part: "offer", certificate: Digest(stolen.certificate), capsule: stolen.digest)]),
                [stolen])),
            ("another notBefore", try put(procedure, capsule) { $0.notBefore = $0.notBefore.advanced(bySeconds: -60) }),
            ("a quorum of nobody", try put(procedure, capsule) { $0.k = 0 }),
            ("a quorum beyond the committee", try put(procedure, capsule) { $0.k = 4 }),
            ("bytes behind a share", try put(procedure, capsule) { $0.reshare(0) { $0 += [0] } }),
            ("a share cut short", try put(procedure, capsule) { $0.reshare(1) { $0.removeLast() } }),
            ("a share of another shape", try put(procedure, capsule) { $0.reshare(2) { $0[5] ^= 1 } }),
            ("a share sealed to another member", try put(procedure, capsule) { fields in
                let other = fields.members[1].share
                fields.reshare(0) { $0 = other }
            }),
            ("a private key of another shape", try put(procedure, capsule) { $0.sealedKey += [0x30, 0x00] }),
            ("bytes behind T", try put(procedure, capsule) {
                $0.timeLock = .init(certificate: $0.timeLock.certificate, secret: $0.timeLock.secret + [0])
            }),
            ("another capsule's digest", try procedure.put(keySet, [stolen])),
            ("a capsule too many", try procedure.put(keySet, [capsule, capsule])),
            ("no capsule", try procedure.put(keySet, [])),
        ]
        for (name, answer) in refused {
            #expect([400, 409, 422].contains(answer.status), "\(name): \(answer)")
        }
        #expect(try stage.events("keys-set").count == 1)
        // The one that all of these are made from is good.
        #expect(try procedure.put(keySet, capsules).status == 200)
    }

    @Test func acceptancesAndPublication() throws {
        let procedure = try Procedure(stage)
        try procedure.seal()
        #expect(try procedure.publish().status == 409)
        #expect(try procedure.accept(1).status == 201)
        #expect(try procedure.accept(1).problem == "already-done")
        #expect(try procedure.publish().status == 409)
        // Signed by no member, or by one in another's name.
        let acceptance = Acceptance(consultation: procedure.id, fingerprint: procedure.fingerprint, number: 2)
        for voter in [try Voter("Intrus"), procedure.voters[2]] {
            let answer = try stage.openers[1].post(
                procedure.path + "/acceptances", ["signed": Data(try voter.sign(acceptance)).base64EncodedString()])
            #expect([403, 422].contains(answer.status), "\(answer)")
        }
        for number in [2, 3] { #expect(try procedure.accept(number).status == 201) }
        let wrong = try stage.buyer.post(procedure.path + "/publication", ["fingerprint": String(repeating: "0", count: 64)])
        #expect(wrong.status == 422 && wrong.problem == "fingerprint", "\(wrong)")
        #expect(try procedure.publish().status == 200)
        #expect(try procedure.publish().status == 409)
    }
}
