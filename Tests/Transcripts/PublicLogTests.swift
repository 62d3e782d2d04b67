import Foundation
import Merkle
import Rehearsal
import Testing

/// The log as the public reads it, with stock curl, and the key that the operator published.
struct PublicLogTests {
    @Test func anyoneReadsTheCheckpointAndItsTiles() throws {
        let instance = try Instance()
        try instance.start()
        let curl = Curl(instance)
        // The first one comes with the first start; housekeeping is given time.
        var answer = try curl.get("/log/checkpoint")
        for _ in 0..<200 where answer.status == 404 {
            usleep(100_000)
            answer = try curl.get("/log/checkpoint")
        }
        #expect(answer.status == 200 && answer.fields["content-type"] == "text/plain; charset=utf-8")
        let published = try String(contentsOfFile: instance.data + "/keys/log-real.vkey", encoding: .utf8)
        #expect(try curl.get("/log/keys").text == published)
        let key = try VerifierKey(String(published.dropLast()))
        let checkpoint = try VerifiedCheckpoint(Note(Array(answer.body)), keys: [key]).checkpoint
        let source = TileHashes(size: checkpoint.size) { path in
            let tile = try curl.get("/log/\(path)")
            #expect(tile.status == 200 && tile.fields["cache-control"]?.contains("immutable") == true)
            return Array(tile.body)
        }
        #expect(try source.root(size: checkpoint.size) == checkpoint.root)
        let training = try Note(Array(curl.get("/log/training/checkpoint").body))
        #expect(try Checkpoint(training).origin == checkpoint.origin.replacing("/real", with: "/training"))

        // Nothing beyond, nothing else, nothing of the entries.
        let beyond = TilePath(.hashes(level: 0), index: 0, width: min(checkpoint.size + 1, 255))
        for path in [
            "/log/\(beyond)", "/log/tile/0/001", "/log/2/checkpoint", "/log/1/checkpoint", "/log/tile/entries/000",
            "/log/tile/0/000.p/0", "/log/tile/0/..%2F..%2Fkeys%2Flog-real.key", "/log",
        ] { #expect(try curl.get(path).status == 404, "\(path)") }
        #expect(try curl.get("/log/entries/000.p/1").status == 401)
        let auditor = try instance.addUser("Auditor", role: "auditor")
        let entries = try Curl(instance, token: auditor).get("/log/entries/000.p/1")
        #expect(entries.status == 200 && entries.text.contains("log-opened"))
        #expect(try Curl(instance, token: instance.adminToken).get("/log/entries/000.p/1").status == 403)
        let refused = try curl.request(["-X", "POST", "--data-binary", "@-"], "/log/cosignatures", stdin: answer.body)
        #expect(refused.status == 422 || refused.status == 400, "\(refused)")
        #expect(try instance.stop() == 0)
    }

    @Test func aRotatedLogGoesOnUnderItsNewKey() throws {
        let instance = try Instance()
        let command = ["key", "rotate", "--config", instance.config, "--log", "real"]
        let rotated = try Shell.run(Checkout.binary("sceaud"), command)
        #expect(rotated.status == 0, "\(rotated)")
        let key = try VerifierKey(rotated.line)
        try instance.start()
        // Under the daemon that runs, too.
        let again = try Shell.run(Checkout.binary("sceaud"), command)
        #expect(again.status == 0, "\(again)")
        let last = try VerifierKey(again.line)
        let keys = try Curl(instance).get("/log/keys").text.split(separator: "\n").map { try VerifierKey(String($0)) }
        #expect(keys.count == 3 && keys[1] == key && keys[2] == last)
        var answer = try Curl(instance).get("/log/2/checkpoint")
        for _ in 0..<200 where answer.status == 404 {
            usleep(100_000)
            answer = try Curl(instance).get("/log/2/checkpoint")
        }
        _ = try VerifiedCheckpoint(Note(Array(answer.body)), keys: [key])
        _ = try VerifiedCheckpoint(Note(Array(Curl(instance).get("/log/checkpoint").body)), keys: [keys[0]])
        #expect(try Shell.run(Checkout.binary("sceaud"), ["check", "--config", instance.config]).status == 0)
        #expect(try instance.stop() == 0)
    }
}
