import Canonical
import Client
import Foundation

extension Command {
    static let showClock = Command(
        path: ["admin", "clock", "show"], summary: "say whether the daemon believes its clock, and why not",
        discussion: """
            One JSON object on stdout: state (sound, unsound), faults, drift in milliseconds from the raw clock since the last
            baseline, whether the kernel holds its clock synchronised, and since when it is not believed. Exit status 0 if it is
            believed, 3 if not.
            """,
        options: [.configuration]
    ) { arguments in
        try ClockCommand.perform(arguments) { try $0.get("/admin/clock") }
    }

    static let acceptClock = Command(
        path: ["admin", "clock", "accept"], summary: "state that the clock is right now",
        discussion: """
            For a clock that is not believed though it is right: after a step that set it right, after a pause of the host, after a
            restart over a deadline. Compare it with another clock first. Your reason stands in the log, with what the clock shows;
            from then on it is held against that. It opens nothing, closes nothing early and moves no deadline: a release also asks
            that k members' own clocks have passed the deadline, and a closing waits for it on this clock. It cannot make a kernel
            count as synchronised where the configuration says to stop. Exit status as for `show`.
            """,
        options: [
            .configuration, Option("reason", "TEXT", .required, "why it is right, and by what it was checked"),
        ]
    ) { arguments in
        try ClockCommand.perform(arguments) {
            try $0.post("/admin/clock", .object(["reason": .string(arguments.required("reason"))]), expecting: 200)
        }
    }
}

/// Commands about the clock of a daemon that runs: no other has one.
private enum ClockCommand {
    private struct Status: Decodable { let state: String }

    static func perform(_ arguments: Arguments, _ ask: (HostSocket) throws -> Data) throws -> ExitStatus {
        let data = try DataFolder(Configuration.read(arguments.required("config")).data)
        let answer: Data
        do {
            answer = try ask(HostSocket(data.socket))
        } catch let error as ClientError {
            throw DaemonError("no daemon answers at \(data.socket): \(error)", hint: "it judges its clock while it runs")
        }
        FileHandle.standardOutput.write(answer)
        let status = try? JSONDecoder().decode(Status.self, from: answer)
        return status?.state == "unsound" ? .unsound : .done
    }
}
