import Canonical
import Foundation
import OpenSSL
import Testing

@testable import Sealing

/// The documentation's examples are one story, byte-exact: each is read, written again, and followed to the next.
@Suite struct PageTests {
    private func again<Object: CanonicalObject>(_ page: String, _ type: Object.Type) throws -> Object {
        let example = try Pages.example(page)
        let object = try Object(canonical: example)
        #expect(object.canonicalBytes == example, "\(page)")
        return object
    }

    @Test func theExamplesAreOneStory() throws {
        let seal = try again("Seal", Seal.self)
        let manifest = try again("Manifest", Manifest.self)
        let received = try again("SealArchive", Received.self)
        let keySet = try again("KeySet", KeySet.self)
        let capsule = try again("Capsule", Capsule.self)
        let acceptance = try again("Acceptance", Acceptance.self)
        let signed = try again("Signed", Signed.self)
        let opening = try again("Opening", Opening.self)
        let approval = try again("Approval", Approval.self)
        let minutes = try again("Minutes", Minutes.self)
        let proposed = try again("ProposedCommittee", ProposedCommittee.self)

        #expect(try Pages.text("Seal").contains(seal.digest.hex))
        #expect(try Pages.text("KeySet").contains(keySet.fingerprint.hex))
        #expect(received.seal == seal.digest)
        #expect(seal.parts[0].contents == Digest(of: manifest.canonicalBytes))
        #expect(seal.documents.map(\.length) == manifest.documents.map(\.length))
        #expect(seal.keys == keySet.fingerprint)
        let committee = try Committee(keySet, [capsule])
        #expect(try committee.acceptance(signed, fingerprint: keySet.fingerprint) == acceptance)
        #expect(opening.fingerprint == keySet.fingerprint)
        #expect(approval.opening == opening.digest)
        #expect(minutes.opening == opening.digest)
        #expect(try Pages.text("ProposedCommittee").contains(proposed.digest.hex))
        #expect(proposed.members.map(\.certificate) == capsule.members.map(\.certificate))
        #expect(minutes.bids[0].candidate == manifest.candidate)

        let segments = try #require(try Pages.blocks("Segments", "").first) + [0x0a]
        #expect(Digest(of: segments) == seal.documents[0].segments)
        let lines = try SegmentLine.read(segments, headers: 614)
        #expect(lines.map(\.length) == [16_384, 3616])
        let header = try #require(try Pages.blocks("Shape", "").first)
        try SegmentOpener.check(
            header: Hex.decode(String(decoding: header.filter { $0 != 0x0a }, as: UTF8.self)), for: capsule.certificate)
    }

    @Test func theShareIsThatOfTheCapsule() throws {
        let capsule = try Capsule(canonical: Pages.example("Capsule"))
        let object = Secret(copying: try Pages.example("Share"))
        #expect(object.digest == capsule.members[1].shareDigest)
        let share = try capsule.shareObject(2).share(in: object)
        #expect(capsule.shareObject(2).encoded(share).copied == object.copied)
        #expect(capsule.shareObject(2).length == object.count)
    }

    @Test func theReleasedSecretOfTheCapsule() throws {
        let capsule = try Capsule(canonical: Pages.example("Capsule"))
        let t = Secret(copying: Array(0..<32))
        let released = try capsule.platformSecret(from: t)
        #expect(try Pages.text("Capsule").contains(Hex.encode(released.copied)))
        let message = try Pages.blocks("Capsule")[1]
        #expect(try HMAC.sha256(key: t, message).copied == released.copied)
        #expect(try JSON(canonical: message).encoded() == message)
    }

    @Test func aSignatureIsCheckedWithStockTools() throws {
        let shell = try Shell()
        try shell.write("signed.json", Pages.example("Signed"))
        let recipe = try #require(try Pages.blocks("Signed", "").last)
        try shell.write("recipe", recipe)
        #expect(try shell.run("sh", "-e", "recipe") == 0)
        try shell.write("object", Array(try Pages.example("Acceptance").dropLast(2)))
        #expect(try shell.run("openssl", "dgst", "-sha256", "-verify", "key", "-signature", "signature", "object") != 0)
    }

    @Test func aSegmentOpensByItsPagesRecipe() throws {
        let story = Story.shared
        let text = [UInt8](repeating: 9, count: 20_000)
        let bid = try SealedBid([("offer", "a", text)], segment: 16_384)
        let archive = try SealArchive(parsing: bid.archive)
        let key = try story.partKey()
        let shell = try Shell()
        try shell.write("BID.1", bid.ciphertexts[0])
        try shell.write("1.p7m", archive.documents[0].headers)
        try shell.write("part.crt", Array(key.certificate.pem.utf8))
        try shell.write("part.key", key.key.pem().copied)
        try shell.write("recipe", Pages.blocks("Segments", "")[1])
        #expect(try shell.run("sh", "-e", "recipe") == 0)
        #expect(try shell.read("plaintext") == Array(text.dropFirst(16_384)))
    }

    @Test func sharesCombineByTheirPagesRecipe() throws {
        let story = Story.shared
        let capsule = story.capsules[0]
        let shell = try Shell()
        let recipe = String(decoding: try #require(try Pages.blocks("Share", "").first), as: UTF8.self)
        for number in [1, 2] {
            let holder = Story.members[number - 1]
            let object = try SealedObject.open(
                capsule.members[number - 1].share, length: capsule.shareObject(number).length,
                certificate: holder.certificate, key: holder.key)
            try shell.write("share.json", object.copied)
            // The page's lines are for member 2; gfcombine comes when both are there.
            try shell.write(
                "recipe",
                Array(
                    recipe.replacing("c.002\n", with: "c.00\(number)\n").split(separator: "\n")[
                        number == 1 ? 0..<1 : 0..<2
                    ].joined(separator: "\n").utf8))
            #expect(try shell.run("sh", "-e", "recipe") == 0)
        }
        #expect(Digest(of: try shell.read("c")) == capsule.committeeDigest)
    }

    @Test func pagesAreShort() throws {
        let pages = try FileManager.default.contentsOfDirectory(atPath: Pages.folder.path).filter {
            $0.hasSuffix(".md")
        }
        #expect(pages.count == 22)
        for page in pages {
            let text = try Pages.text(String(page.dropLast(3)))
            #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count < 150, "\(page)")
        }
    }
}
