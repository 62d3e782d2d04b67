import Evidence
import Foundation
import Reception

extension Command {
    static let export = Command(
        path: ["export"], summary: "write what auditors verify: events, tiles, signed heads, objects, envelopes",
        discussion: """
            Writes the logs and everything that they name into DIR, as plain files, from one moment of the register, also beside a
            running daemon; verifies it, and reads back what was written. `sceau verify DIR` verifies it anywhere. No persons and no
            keys are in it. Exit status 3 if something does not hold; it is written all the same, and each finding is on stdout.
            """,
        options: [.configuration, Option("to", "DIR", .required, "the folder to make")]
    ) { arguments in
        let result = try Exportation(
            configuration: Configuration.read(arguments.required("config")),
            target: Configuration.path(arguments.required("to"), in: FileManager.default.currentDirectoryPath)
        ).run()
        for check in result.report.checks where check.outcome == .fails { print(check.line) }
        print("exported: \(result.files) files, \(result.bytes) bytes")
        return result.report.isGood ? .done : .unsound
    }

    static let rebuildViews = Command(
        path: ["rebuild-views"], summary: "drop the views and fold every event anew, where `check` found one altered",
        discussion: """
            The views are tables that the daemon reads; they hold nothing of their own. Where `sceaud check` says that one is not what
            the events give, find out first who wrote it. Not beside a running daemon.
            """,
        options: [.configuration]
    ) { arguments in
        let file = arguments.required("config")
        let configuration = try Configuration.read(file)
        let data = try DataFolder(configuration.data)
        if let lock = try data.locked() {
            return try withExtendedLifetime(lock) {
                let vault = try OpenedVault(configuration, file: file, data, log: Log(.warning)).vault
                defer { vault.stop() }
                try vault.rebuildViews()
                print("the views were folded anew from the events")
                return .done
            }
        }
        throw DaemonError("a daemon runs on \(data.path)", hint: "stop it first")
    }
}
