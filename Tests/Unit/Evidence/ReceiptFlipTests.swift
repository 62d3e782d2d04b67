import Canonical
import Merkle
import OpenSSL
import Sealing
import Testing

@testable import Evidence

/// Every byte of a receipt, turned: the container's strict reader stands before the chain, so each link is tried without it too.
@Suite struct ReceiptFlipTests {
    private let container: ReceiptContainer
    private let verifier: ReceiptVerifier

    init() throws {
        container = try Deposited().stamped()
        verifier = ReceiptVerifier(
            keys: [try LogKey.shared.verifier()], trust: [try StockAuthority.shared.certificate], takesTraining: false)
        #expect(verifier.report(on: container.encoded()).isGood)
    }

    @Test func noneOfTheFileGoesUnnoticed() {
        var file = container.encoded()
        for index in file.indices {
            file[index] ^= 1 << (index % 8)
            #expect(throws: EvidenceError.self, "byte \(index)") { try ReceiptContainer(parsing: file) }
            file[index] ^= 1 << (index % 8)
        }
    }

    @Test(arguments: [
        "leaf.json", "seal.json", "manifest-offer.json", "receipt.tlog-proof", "META-INF/ASiCManifest001.xml",
        "META-INF/timestamp001.tst",
    ]) func noneOfAnEntryGoesUnnoticedByItsOwnCheck(_ name: String) throws {
        var entries: [StoredZip.Entry] = []
        var reader = StoredZip.Reader(container.encoded())
        while let name = reader.nextName { entries.append(.init(name: name, bytes: try reader.take(name))) }
        let place = try #require(entries.firstIndex { $0.name == name })
        let good = entries[place].bytes
        for index in good.indices {
            var bytes = good
            bytes[index] ^= 1 << (index % 8)
            entries[place] = .init(name: name, bytes: bytes)
            let report = verifier.report(on: StoredZip(entries: entries).encoded())
            // The page follows from the rest: that it differs would be no merit of the chain.
            #expect(report.checks.contains { $0.outcome == .fails && $0.name != "page" }, "byte \(index) of \(name)")
        }
    }
}
