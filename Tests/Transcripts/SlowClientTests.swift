import Canonical
import Foundation
import Rehearsal
import Testing

/// Clients that hold connections open by being slow, by the hundred (`slowhttptest`, four kinds of them), and meanwhile a company
/// that deposits.
@Suite(.serialized) struct SlowClientTests {
    enum Kind: String, CaseIterable, CustomTestStringConvertible {
        case heads = "-H"
        case bodies = "-B"
        case ranges = "-R"
        case reads = "-X"

        var testDescription: String { "slow \(self)" }
        /// What is asked, without a token: a stranger's means.
        var path: String {
            switch self {
            case .bodies: "/log/cosignatures"
            default: "/api/v1/limits"
            }
        }
    }

    @Test(arguments: Kind.allCases) func anHonestDepositMeanwhileSucceeds(_ kind: Kind) throws {
        let stage = try Stage()
        let consultation = try Procedure.published(stage)
        // From elsewhere: one address has a bound of its own.
        var bidder = stage.bidders[0]
        bidder.options = ["--interface", "127.0.1.1"]
        let folder = try TemporaryFolder()
        let attack = try Job(
            "slowhttptest",
            [kind.rawValue, "-c", "400", "-r", "200", "-l", "8", "-i", "2", "-x", "24", "-p", "3", "-k", "3", "-u", stage.instance.url + kind.path],
            out: folder.url.appending(path: "out"), err: folder.url.appending(path: "err"))
        var count = 0
        while attack.wait(seconds: 0.2) == nil {
            let answer = try bidder.deposit(Data(repeating: 7, count: 300_000), in: consultation.id.text)
            #expect(answer.status == 201, "\(answer)\n\(stage.instance.log)")
            count += 1
        }
        let said = try String(contentsOf: attack.out, encoding: .utf8).replacing(#/\x1b\[[0-9;]*m/#, with: "")
        let held = said.matches(of: #/(?:connected|closed): +(\d+)/#).compactMap { Int($0.1) }.max() ?? 0
        // Requests of ranges are answered, all of them, and end by themselves.
        #expect(held >= 50 || kind == .ranges && said.contains("No open connections left"), "there was no attack: \(said.suffix(2000))")
        #expect(count > 0)
        #expect(try bidder.deposit(Data("après".utf8), in: consultation.id.text).status == 201)
        #expect(stage.instance.isRunning)
    }
}
