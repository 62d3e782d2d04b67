import Foundation
import Rehearsal
import Testing

/// What the shipped unit promises of the daemon's memory.
struct UnitFileTests {
    @Test func secretsNeitherSwapNorDump() throws {
        let lines = try String(contentsOfFile: Checkout.path("Deploy/sceaud.service"), encoding: .utf8).split(separator: "\n")
        // Without the second the daemon cannot lock its pages: it is not privileged.
        for line in ["MemorySwapMax=0", "LimitMEMLOCK=infinity", "LimitCORE=0", "NoNewPrivileges=yes"] { #expect(lines.contains(Substring(line)), "\(line)") }
    }
}
