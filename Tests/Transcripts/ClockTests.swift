import Canonical
import Foundation
import Rehearsal
import Testing

/// The real daemon on a clock that somebody sets.
@Suite(.serialized) struct ClockTests {
    let stage: Stage
    let time: FakedTime
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        time = try FakedTime(in: folder)
        stage = try Stage(settings: "metrics: \"127.0.0.1:0\",", time: time)
    }

    private func metricsPort() throws -> String {
        String(try #require(stage.instance.log.firstMatch(of: #/metrics on 127\.0\.0\.1:(\d+)/#)).1)
    }

    /// Waits until `/readyz` says so.
    private func isSeen(_ state: String) throws -> Bool {
        let until = Date(timeIntervalSinceNow: 60)
        while Date() < until {
            let answer = try stage.anyone.get("/readyz")
            if answer.status == 200, answer["clock"] == state { return true }
            Thread.sleep(forTimeInterval: 0.1)
        }
        return false
    }

    private func clock(_ arguments: String...) throws -> Outcome {
        try Shell.run(
            Checkout.binary("sceaud"),
            ["admin", "clock", arguments[0], "--config", stage.instance.config] + arguments.dropFirst())
    }

    private func restart(forgetting: Bool = false, at seconds: Int) throws {
        #expect(try stage.instance.stop() == 0)
        try time.set(seconds)
        // As after a reboot: there is nothing left to compare with. A clock that was never believed has kept nothing.
        if forgetting { try? FileManager.default.removeItem(atPath: stage.instance.data + "/clock.json") }
        try stage.instance.start(time: time)
    }

    @Test func setWhileRunning() throws {
        #expect(try isSeen("sound"))
        let procedure = try Procedure.published(stage)
        try time.set(7200)
        #expect(try isSeen("unsound"))
        let metrics = try Shell.run("curl", ["-sS", "http://127.0.0.1:\(metricsPort())/metrics"]).text
        #expect(metrics.contains("\nsceau_clock_sound 0\n") && metrics.contains("\nsceau_ready 1\n"), "\(metrics)")
        #expect(try Shell.run("curl", ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:\(metricsPort())/readyz"]).line == "404")
        let shown = try clock("show")
        #expect(shown.status == 3 && shown.text.contains(#""faults":["drift"]"#), "\(shown)")
        // Past its deadline by that clock: kept, without a verdict, and nothing is closed.
        let receipt = try Procedure.expect(201, stage.bidders[0].deposit(Data("x".utf8), in: procedure.id.text))
        #expect(receipt["verdict"] == "pending")
        let closing = try stage.buyer.get(procedure.path + "/closing")
        #expect(closing.status == 503 && closing.problem == "clock", "\(closing)")
        let later = ["deadline": Consultation.instant(seconds: 20_000)]
        #expect(try stage.buyer.put(procedure.path + "/deadline", later).problem == "clock")
        let admin = Curl(stage.instance, token: stage.instance.adminToken)
        #expect(try admin.get("/api/v1/clock")["state"] == "unsound")
        #expect(try stage.buyer.get("/api/v1/clock").status == 403)
        #expect(try stage.anyone.get("/admin/clock").status == 404)

        try time.set(0)
        #expect(try isSeen("sound"))
        let verdict = try #require(try stage.awaitEvent("verdict-given"))
        #expect(verdict["bid"] as? String == receipt["bid"] && verdict["verdict"] as? String == "on-time")
        #expect(verdict["rule"] as? String == "elapsed")
        #expect(try stage.events("clock-unsound").count == 1 && stage.events("clock-sound").count == 1)
        #expect(stage.instance.log.contains("the clock is not believed since"))
    }

    @Test func setWhileDown() throws {
        let procedure = try Procedure.published(stage)
        try restart(at: -600)
        #expect(try isSeen("unsound"))
        #expect(try clock("show").text.contains(#""faults":["drift"]"#))
        #expect(try clock("accept", "--reason", " ").status == 1)
        let accepted = try clock("accept", "--reason", "Compared with the speaking clock.")
        #expect(accepted.status == 0 && accepted.text.contains(#""state":"sound""#), "\(accepted)")
        #expect(try isSeen("sound"))

        // Nothing explains a clock that runs backwards, nor one that has leapt over a deadline.
        try restart(forgetting: true, at: -1200)
        #expect(try clock("show").text.contains(#""faults":["backwards"]"#))
        try restart(forgetting: true, at: 7200)
        #expect(try clock("show").text.contains(#""faults":["jump"]"#))
        #expect(try stage.buyer.get(procedure.path)["phase"] == "published")
        #expect(try clock("accept", "--reason", "Rebooted over it.").status == 0)
        let until = Date(timeIntervalSinceNow: 60)
        while try stage.buyer.get(procedure.path)["phase"] != "closed", Date() < until { Thread.sleep(forTimeInterval: 0.1) }
        #expect(try stage.buyer.get(procedure.path)["phase"] == "closed")
        #expect(try Shell.run(Checkout.binary("sceaud"), ["check", "--config", stage.instance.config]).status == 0)
    }

    @Test func aKernelThatIsNotSynchronised() throws {
        let kernel = try clock("show").text
        guard kernel.contains(#""synchronised":false"#) else { return }
        #expect(kernel.contains(#""state":"sound""#))
        #expect(try stage.instance.stop() == 0)
        try stage.instance.configure("clock: { unsynchronised: \"stop\" },")
        try stage.instance.start(time: time)
        #expect(try clock("show").text.contains(#""faults":["unsynchronised"]"#))
        #expect(try clock("accept", "--reason", "It is right.").status == 3)
    }
}
