import Foundation
import Glibc
import Procurement
import Rehearsal
import Testing

/// SIGTERM and SIGHUP while bids are on their way.
@Suite(.serialized) struct StoppingTests {
    /// Half a minute: the bound of a stop. Beside the other suites it costs nothing but waiting.
    @Test func aStopEndsWhatComesAndCutsWhatDoesNot() throws {
        let vault = try WatchedVault(settings: "limits: { idleSeconds: 300, slowestBytesPerSecond: 0 },")
        try vault.depositWorks()
        let bytes = Data.noise(800_000)
        let coming = try HalfUpload(vault, length: bytes.count)
        try coming.send(bytes.prefix(400_000))
        let stalled = try HalfUpload(vault, length: bytes.count)
        try stalled.send(bytes.prefix(400_000))
        vault.eventually("both are on the disk") { vault.instance.envelopeFiles().count == 4 }

        vault.instance.signal(SIGTERM)
        vault.eventually("the stop has begun") { vault.instance.log.contains("stopping") }
        try coming.send(bytes.dropFirst(400_000))
        let answer = coming.reads()
        #expect(answer.hasPrefix("HTTP/1.1 201"), "\(answer)")
        let body = Data(answer.components(separatedBy: "\r\n\r\n").dropFirst().joined().utf8)
        let receipt = try #require(try JSONSerialization.jsonObject(with: body) as? [String: Any])
        try vault.remember(json: receipt, bytes, named: "offre.zip")
        let refusal = stalled.reads()
        #expect(refusal.isEmpty || refusal.hasPrefix("HTTP/1.1 503"), "\(refusal)")
        #expect(vault.instance.wait(seconds: 60) == 0, "\(vault.instance.log)")

        #expect(Set(vault.instance.envelopeFiles()) == (try LoggedEvents(of: vault.instance)).namedFiles)
        try vault.restart()
        #expect(vault.receipts.count == 2)
        #expect(try LoggedEvents(of: vault.instance).facts(AttemptFailed.self).map(\.cause) == ["stopping"])
        #expect(vault.lostAndFound() == [])
        try vault.depositWorks()
    }

    @Test func aReloadDropsNothing() throws {
        let vault = try WatchedVault()
        let bytes = Data.noise(900_000)
        let upload = try HalfUpload(vault, length: bytes.count)
        for number in 1...3 {
            try upload.send(bytes.dropFirst((number - 1) * 300_000).prefix(300_000))
            vault.instance.signal(SIGHUP)
            vault.eventually("reload \(number)") {
                vault.instance.log.matches(of: #/were read again/#).count == number
            }
        }
        #expect(upload.reads(until: "\r\n\r\n").hasPrefix("HTTP/1.1 201"))
        // And one whose configuration is wrong leaves all as it was.
        try WatchedVault.configure(vault.instance, "unknownKey: 1,")
        vault.instance.signal(SIGHUP)
        vault.eventually("the reload is refused") { vault.instance.log.contains("nothing was read again") }
        try vault.depositWorks()
    }
}
