import Canonical
import Foundation
import OpenSSL
import Procurement
import Records
import Sealing
import Testing

@testable import Reception

@Suite("Drafts of bids that their bidder seals")
struct SealedDraftTests {
    /// What comes sealed is written as it came: its journal has neither headers nor states of a digest.
    @Test func ciphertextIsWrittenAsItComes() throws {
        let house = try House()
        let (id, _) = try house.published()
        let code = Identifier(random: try Random.sixteen()).text
        let opened = try house.vault.openDraft(
            Vault.DraftRequest(bidCode: code, sealedBy: .bidder, started: house.dial.clock.now), in: id, by: house.bidder.principal)
        let draft = Draft(house, house.bidder, opened.bid, code)
        _ = try house.vault.createDocument(
            DocumentRequest(part: nil, detail: nil, length: 10), of: draft.bid, by: house.bidder.principal, bidCode: code)
        let bytes = Array("ciphertext".utf8)
        try draft.send(Array(bytes[..<4]), to: 1, at: 0)
        try house.restart {}
        #expect(try draft.state(1).offset == 4)
        try draft.send(Array(bytes[4...]), to: 1, at: 4)
        let folder = URL(filePath: "\(house.folder)/drafts/\(id)/\(draft.bid)")
        #expect(try Data(contentsOf: folder.appending(path: "1")) == Data(bytes))
        let lines = try String(contentsOf: folder.appending(path: "1.draft"), encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 3 && !lines.contains { $0.contains("\"header\"") || $0.contains("\"digest\"") || $0.contains("\"detail\"") })
        let pieces = try lines.dropFirst().map { try DraftSegmentLine(canonical: Array($0.utf8)) }
        #expect(pieces.map(\.sha256) == [bytes[..<4], bytes[4...]].map { Digest(SHA256.hash(Array($0))) })
        #expect(refusal { try draft.create(1, named: "a.txt") } == .invalid)
        #expect(refusal { try draft.submit() } == .unsupported)
        #expect(try house.facts(DraftOpened.self).map(\.sealedBy) == [.bidder])
    }

    /// Pieces end where segments of the usual length do, wherever requests end: then nothing need be read again.
    @Test func piecesEndWithSegments() throws {
        let house = try House()
        let (id, _) = try house.published()
        let code = Identifier(random: try Random.sixteen()).text
        let opened = try house.vault.openDraft(
            Vault.DraftRequest(bidCode: code, sealedBy: .bidder, started: house.dial.clock.now), in: id, by: house.bidder.principal)
        let segment = Int64(SealingLimits.segment)
        let folder = try house.vault.drafts.store.make(opened.bid, of: id)
        let line = DraftDocumentLine(
            bid: opened.bid, number: 1, part: "offer", length: 3 * segment, created: house.dial.clock.now, detail: nil)
        let document = try DraftDocument.make(line, in: folder)
        let material = try house.vault.register.read { register in
            try house.vault.material(of: try #require(try register.consultation(id)), in: register)
        }
        let key = try DraftKey(Secret(copying: [UInt8](repeating: 1, count: 16).span), bid: opened.bid, keys: material.keySet.fingerprint)
        var intake = try DocumentIntake(document, to: material.certificate(of: "offer"), under: key)
        var ends: [Int64] = []
        var offset: Int64 = 0
        func note(_ work: Reception.Upload.Work) {
            switch work {
            case .ciphertext(let bytes): offset += Int64(bytes.count)
            case .segmentEnd(let end):
                #expect(end.header == nil && end.digest == nil)
                ends.append(offset)
            default: break
            }
        }
        let bytes = [UInt8](repeating: 7, count: 5 << 20)
        try intake.take(bytes.span, into: note)
        try intake.endSegment(into: note)
        for _ in 0..<6 { try intake.take(bytes.span, into: note) }
        try intake.endSegment(into: note)
        #expect(ends == [5 << 20, segment, 2 * segment, 35 << 20])
    }
}

extension Draft {
    init(_ house: House, _ user: House.User, _ bid: Identifier, _ code: String) {
        (self.house, self.user, self.bid, self.code) = (house, user, bid, code)
    }
}
