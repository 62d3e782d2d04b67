import Foundation
import OpenSSL
import Rehearsal
import Testing

/// One vault whose bids and closings another one stamps, over HTTPS, with a token of its own.
@Suite struct ExternalTimestampTests {
    @Test func aSecondVaultStampsTheFirst() throws {
        // The authority is there once, to say where it listens, and then away.
        let notary = try Instance(name: "Autorité")
        try notary.start()
        let port = notary.port
        let token = try notary.addUser("Client", role: "bidder", account: "Agglomération", siret: "21990001200011")
        #expect(try notary.stop() == 0)

        let folder = try TemporaryFolder()
        let credential = try folder.write("credential", "Bearer \(token)\n")
        #expect(chmod(credential, 0o600) == 0)
        let ca = notary.data + "/keys/tsa-ca.crt"
        let stage = try Stage(
            settings: """
                timestamps: { answerSeconds: 5, authorities: [{ url: "https://localhost:\(port)/tsa", ca: "\(ca)", \
                tlsCa: "\(notary.ca)", authorization: "\(credential)" }] },
                """)
        let procedure = try Procedure.published(stage)
        let deposited = try stage.bidders[0].deposit(Data("an offer".utf8), in: "\(procedure.id)")
        #expect(deposited.status == 201, "\(deposited)")
        #expect(try stage.events("timestamped").isEmpty)

        // A restart, with the authority still away: nothing is lost.
        let until = Date(timeIntervalSinceNow: 60)
        while !stage.instance.log.contains("timestamp authority localhost: it cannot be reached") {
            try #require(Date() < until, "\(stage.instance.log)")
            Thread.sleep(forTimeInterval: 0.05)
        }
        #expect(try stage.instance.stop() == 0)
        try stage.instance.start()
        try notary.start(arguments: ["--listen", "127.0.0.1:\(port)"])
        let event = try #require(try stage.awaitEvent("timestamped"))
        #expect(event["authority"] as? String == "localhost")
        #expect(event["bid"] as? String == deposited["bid"])
        #expect(event["kind"] as? String == "bid")

        // To who trusts it, it is an outside authority, though of the same make as the platform's own.
        let answer = try stage.bidders[0].get("/api/v1/bids/\(deposited["bid"])/receipt")
        try folder.write("receipt.asice", answer.body)
        let verified = try Shell.run(
            Checkout.binary("sceau"),
            ["verify", folder.path("receipt.asice"), "--log", "\(stage.instance.data)/keys/log-real.vkey", "--trust", ca])
        #expect(verified.status == 0 && verified.text.contains("holds: time: leaf.json: it existed by"), "\(verified)")
        #expect(verified.text.contains("says «Autorité, sceau/"), "\(verified)")
    }
}
