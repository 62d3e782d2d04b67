import Canonical
import Foundation
import Procurement
import Testing

@testable import Reception

@Suite("What no event names")
struct LostAndFoundTests {
    @Test func isMovedAsideAtTheStartAndNeverDeleted() throws {
        let house = try House()
        let (id, _) = try house.published()
        let kept = try Upload.whole(house, id, by: house.bidder, [1, 2, 3]).bid.bid
        let unknown = identifier(0xee)
        let strays = [
            "\(id)/\(unknown).1", "\(id)/\(unknown).seal", "\(id)/\(kept).2", "\(id)/\(kept).0", "\(id)/\(kept)",
            "\(id)/notes.txt", "stray",
        ]
        for stray in strays { try Data("x".utf8).write(to: URL(filePath: "\(house.folder)/envelopes/\(stray)")) }
        try house.vault.setAsideUnknown()
        #expect(house.files("envelopes") == ["\(id)/\(kept).1", "\(id)/\(kept).seal"])
        #expect(house.files("lost+found") == strays.map { $0.replacing("/", with: ".") }.sorted())
        let facts = try house.facts(SetAside.self, in: .real)
        #expect(facts.map(\.file).sorted() == strays.sorted())

        // The same name again is kept beside the first.
        try Data("y".utf8).write(to: URL(filePath: "\(house.folder)/envelopes/stray"))
        try house.vault.setAsideUnknown()
        #expect(house.files("lost+found").contains("stray.2"))
        try house.vault.setAsideUnknown()
        #expect(try house.facts(SetAside.self, in: .real).count == strays.count + 1, "nothing more to say")
    }

    /// Whatever somebody with a disk put there: a start that fails may miss a deadline.
    @Test func namesThatAreNoTextStopNoStart() throws {
        let house = try House()
        let (id, _) = try house.published()
        _ = try Upload.whole(house, id, by: house.bidder, [1])
        let folder = "\(house.folder)/envelopes/\(id)/"
        for name in [[UInt8](repeating: 0xff, count: 250), Array(String(repeating: "🗂️", count: 36).utf8)] {
            let path = (Array(folder.utf8) + name + [0]).map { CChar(bitPattern: $0) }
            #expect(mkdir(path, 0o700) == 0)
        }
        try house.vault.setAsideUnknown()
        #expect(try house.facts(SetAside.self, in: .real).count == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(house.folder)/lost+found").count == 1)
        #expect(house.files("envelopes").count == 2)
    }

    @Test func aBidOfOneConsultationIsUnknownInAnothersFolder() throws {
        let house = try House()
        let (id, _) = try house.published()
        let (other, _) = try house.published()
        let bid = try Upload.whole(house, id, by: house.bidder, [1]).bid.bid
        _ = try Upload.whole(house, other, by: house.bidder, [1])
        try Data("x".utf8).write(to: URL(filePath: "\(house.folder)/envelopes/\(other)/\(bid).1"))
        try house.vault.setAsideUnknown()
        #expect(house.files("lost+found") == ["\(other).\(bid).1"])
        #expect(house.files("envelopes").contains("\(id)/\(bid).1"))
    }
}
