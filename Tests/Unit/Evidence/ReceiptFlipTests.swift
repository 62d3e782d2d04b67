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
        // Each of the container's own; of the entries, whose every byte is turned below, one in sixty.
        let entries = [
            container.leaf, container.seal, container.lists[0].bytes, container.proof, container.asicManifest, container.token ?? [],
            container.page, container.guide,
        ]
        let text = entries.map { entry in
            (file.indices.first { file[$0...].starts(with: entry.prefix(64)) } ?? 0, entry.count)
        }
        for index in file.indices {
            if text.contains(where: { index > $0.0 && index < $0.0 + $0.1 }), !index.isMultiple(of: 60) { continue }
            file[index] ^= 1 << (index % 8)
            #expect(throws: EvidenceError.self, "byte \(index)") { try ReceiptContainer(parsing: file) }
            file[index] ^= 1 << (index % 8)
        }
    }

    static let entries: [(String, @Sendable (inout ReceiptContainer, (inout [UInt8]) -> Void) -> Void)] = [
        ("leaf", { $1(&$0.leaf) }), ("seal", { $1(&$0.seal) }),
        (
            "list",
            { container, flip in
                var bytes = container.lists[0].bytes
                flip(&bytes)
                container.lists[0] = .init(part: "offer", bytes: bytes)
            }
        ), ("proof", { $1(&$0.proof) }), ("asicManifest", { $1(&$0.asicManifest) }),
        (
            "token",
            { container, flip in
                var bytes = container.token ?? []
                flip(&bytes)
                container.token = bytes
            }
        ),
    ]

    @Test(arguments: entries.indices) func noneOfAnEntryGoesUnnoticedByItsOwnCheck(_ entry: Int) {
        let (name, change) = Self.entries[entry]
        var count = 0
        var whole = container
        change(&whole) { count = $0.count }
        for index in 0..<count {
            var altered = container
            change(&altered) { $0[index] ^= 1 << (index % 8) }
            let report = verifier.report(on: altered, given: [], withPages: false)
            #expect(report.checks.contains { $0.outcome == .fails }, "byte \(index) of \(name)")
        }
        #expect(count > 100)
    }
}
