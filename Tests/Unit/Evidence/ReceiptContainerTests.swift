import Canonical
import Foundation
import Sealing
import Testing

@testable import Evidence

@Suite struct ReceiptContainerTests {
    private func entries(_ container: ReceiptContainer) -> [StoredZip.Entry] {
        [
            .init(name: "mimetype", bytes: Array(ReceiptContainer.mediaType.utf8)),
            .init(name: "leaf.json", bytes: container.leaf), .init(name: "seal.json", bytes: container.seal),
            .init(name: "manifest-offer.json", bytes: container.lists[0].bytes),
            .init(name: "receipt.tlog-proof", bytes: container.proof),
            .init(name: "META-INF/ASiCManifest001.xml", bytes: container.asicManifest),
            .init(name: "META-INF/timestamp001.tst", bytes: container.token ?? []),
            .init(name: "receipt.html", bytes: container.page), .init(name: "VERIFIER.txt", bytes: container.guide),
        ]
    }

    @Test func itIsReadAsItWasWritten() throws {
        let deposited = try Deposited()
        for container in [try deposited.stamped(), try deposited.container(), try deposited.container(lists: [])] {
            let file = container.encoded()
            #expect(try ReceiptContainer(parsing: file) == container)
            // EN 319 162-1, A.1: the media type is found at a fixed place.
            #expect(file[30..<38].elementsEqual("mimetype".utf8))
            #expect(file[38...].starts(with: ReceiptContainer.mediaType.utf8))
        }
    }

    @Test func thePageListsItsEntries() throws {
        let listed = try Pages.blocks("Receipt", "")[0].split(separator: "\n").dropFirst().map(String.init)
        #expect(try entries(Deposited().stamped()).map(\.name) == listed)
    }

    @Test func itsEntriesStandInTheirOrderAndNothingElseDoes() throws {
        let good = entries(try Deposited().stamped())
        #expect(throws: Never.self) { try ReceiptContainer(parsing: StoredZip(entries: good).encoded()) }
        var wrong: [[StoredZip.Entry]] = good.indices.map { index in
            // Each swapped with the next, the last with the first.
            var entries = good
            entries.swapAt(index, (index + 1) % good.count)
            return entries
        }
        for index in good.indices where !["manifest-offer.json", "META-INF/timestamp001.tst"].contains(good[index].name) {
            var entries = good
            entries.remove(at: index)
            wrong.append(entries)
        }
        for index in 0...good.count {
            var entries = good
            entries.insert(.init(name: "extra", bytes: [1]), at: index)
            wrong.append(entries)
        }
        wrong.append([.init(name: "mimetype", bytes: Array("application/zip".utf8))] + good.dropFirst())
        for entries in wrong {
            #expect(throws: EvidenceError.self, "\(entries.map(\.name))") {
                try ReceiptContainer(parsing: StoredZip(entries: entries).encoded())
            }
        }
    }

    @Test func whatIsBehindOrCutOffIsRefused() throws {
        let file = try Deposited().stamped().encoded()
        #expect(throws: EvidenceError.self) { try ReceiptContainer(parsing: file + [0]) }
        for count in stride(from: 0, to: file.count, by: 97) {
            #expect(throws: EvidenceError.self) { try ReceiptContainer(parsing: Array(file[..<count])) }
        }
    }

    @Test func noneIsMadeOfWhatDoesNotBelongTogether() throws {
        let one = try Deposited()
        var change = Deposited.Change()
        change.names = ["another.pdf", "other.pdf"]
        change.bid = identifier(0xb2)
        let other = try Deposited(change)
        #expect(throws: EvidenceError.self) {
            try ReceiptContainer(leaf: one.leaf, seal: other.seal, lists: one.lists, proof: one.proof, token: nil)
        }
        #expect(throws: EvidenceError.self) {
            try ReceiptContainer(leaf: one.leaf, seal: one.seal, lists: other.lists, proof: one.proof, token: nil)
        }
        #expect(throws: EvidenceError.self) {
            try ReceiptContainer(leaf: one.leaf, seal: one.seal, lists: one.lists, proof: [], token: nil)
        }
    }

    /// Stock `unzip` finds the same entries.
    @Test func unzipTakesIt() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("asic-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let container = try Deposited().stamped()
        try Data(container.encoded()).write(to: folder.appendingPathComponent("receipt.asice"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["unzip", "-q", folder.appendingPathComponent("receipt.asice").path, "-d", folder.path]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        for entry in entries(container) {
            #expect([UInt8](try Data(contentsOf: folder.appendingPathComponent(entry.name))) == entry.bytes, "\(entry.name)")
        }
    }
}
