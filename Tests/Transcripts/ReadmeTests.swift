import Foundation
import Rehearsal
import Testing

/// README's own commands, as a reader pastes them.
struct ReadmeTests {
    @Test func byHand() throws {
        let page = try String(contentsOfFile: Checkout.path("README.md"), encoding: .utf8)
        let section = try #require(page.components(separatedBy: "\n## By hand\n").dropFirst().first)
        var script = String(try #require(section.firstMatch(of: #/```\n(.*?)```/#.dotMatchesNewlines())).1)
        // Its port is free here, and its two minutes are shorter; nothing else is changed.
        for (word, other) in [("8443", "\(try Self.freePort())"), ("+2 minutes", "+40 seconds"), ("sleep 120", "sleep 41")] {
            #expect(script.contains(word))
            script = script.replacing(word, with: other)
        }
        let folder = try TemporaryFolder()
        let place = folder.path("empty")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
        let programs = URL(filePath: Checkout.binary("sceau")).deletingLastPathComponent().path(percentEncoded: false)
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let outcome = try Shell.run(
            "bash", ["-euc", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + script],
            environment: ["PATH": "\(programs):\(path)", "HOME": folder.path("home")], folder: URL(filePath: place), timeout: 300)
        #expect(outcome.status == 0, "\(outcome)")
        for said in ["\n2 bids opened; all that was served agrees with the closing statement\n", "Prix : 1 234 567,89 €\nPrix : 1 234 567,89 €\n", "\nok: envelopes: 2 bids"] {
            #expect(outcome.text.contains(said), "\(outcome)")
        }
        #expect(!outcome.text.contains("does not hold"))
    }

    @Test func forBidders() throws {
        let page = try String(contentsOfFile: Checkout.path("README.md"), encoding: .utf8)
        let section = try #require(page.components(separatedBy: "\n## For bidders\n").dropFirst().first)
        let script = String(try #require(section.firstMatch(of: #/```\n(.*?)```/#.dotMatchesNewlines())).1)
        let cast = try Cast.ready()
        let consultation = try cast.published()
        let bidder = cast.bidders[0]
        let pdf = "%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
        try bidder.folder.write("mémoire.pdf", pdf)
        try FileManager.default.createDirectory(atPath: bidder.folder.path("annexes"), withIntermediateDirectories: false)
        try bidder.folder.write("annexes/prix.txt", "1")
        let programs = URL(filePath: Checkout.binary("sceau")).deletingLastPathComponent().path(percentEncoded: false)
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let outcome = try Shell.run(
            "bash", ["-euc", script],
            environment: bidder.sceauEnvironment.merging(
                ["ID": consultation.id, "FINGERPRINT": consultation.fingerprint, "PATH": "\(programs):\(path)"]) { $1 },
            folder: bidder.folder.url)
        #expect(outcome.status == 0 && outcome.err.isEmpty, "\(outcome)")
        #expect(outcome.text.hasPrefix("none\n") && outcome.text.contains("withdrawn") && outcome.text.contains("replaced by a later bid"), "\(outcome)")
        let verified = try bidder.sceau(
            ["verify", bidder.folder.path("receipt.asice"), bidder.folder.path("mémoire.pdf"), "--log", cast.instance.data + "/keys/log-real.vkey"])
        #expect(verified.status == 0, "\(verified)")
    }

    /// A port of the loopback that nobody listens to.
    private static func freePort() throws -> UInt16 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) | getsockname(socket, $0, &length) }
        }
        guard status == 0 else { throw CocoaError(.featureUnsupported) }
        return UInt16(bigEndian: address.sin_port)
    }
}
