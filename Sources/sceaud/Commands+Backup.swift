import Foundation

extension Command {
    static let backUp = Command(
        path: ["backup"], summary: "copy a vault's state to another folder, also while it runs",
        discussion: """
            Copies the register as it is at one moment, then the envelopes that it names, the configuration and the
            certificates; verifies what was written. Envelopes that DIR has already, whole, are not copied again. Interrupted at any
            moment it can be run again; until it is done, DIR holds the backup before it. Private keys are never in it: keep them
            elsewhere. Exit status 3 if an envelope of the vault itself does not hold; the rest is backed up.
            """,
        options: [
            .configuration, Option("to", "DIR", .required, "the folder, for this vault alone; made if it is not there"),
        ]
    ) { arguments in
        let file = arguments.required("config")
        let backup = try Backup(
            Configuration.read(file), file: file,
            to: Configuration.path(arguments.required("to"), in: FileManager.default.currentDirectoryPath)
        ) { Log.line($0) }
        let result = try backup.run()
        for finding in result.findings { Log.line("does not hold: \(finding)") }
        let record = result.record
        print("backed up \(record.made): \(record.events) events, \(record.bids) bids (\(result.copied) copied, \(result.bytes) bytes in all)")
        return result.findings.isEmpty ? .done : .unsound
    }

    static let restore = Command(
        path: ["restore"], summary: "make a data folder from a backup or a mirror, on this machine or another",
        discussion: """
            Copies a backup into a new data folder and verifies all of it: events, chain, views, every envelope. Private keys
            are in no backup: the first run says where each belongs; once they are there, the same command again checks that they
            match, and ends it. What was acknowledged after the backup was made is not in it; a mirror has everything, unless it was
            away. Exit status 3 if something does not
            hold.
            """,
        options: [
            Option("from", "DIR", .required, "the folder that `sceaud backup` wrote, or the configuration's `mirror`"),
            Option("data", "DIR", .required, "the data folder to make; new, empty, or left by an interrupted restore"),
            Option("accept-damage", nil, .optional, "end it although envelopes are missing or damaged in the backup"),
        ]
    ) { arguments in
        let folder = FileManager.default.currentDirectoryPath
        let data = Configuration.path(arguments.required("data"), in: folder)
        let result = try Restoration(
            from: Configuration.path(arguments.required("from"), in: folder), to: data,
            acceptsDamage: arguments.has("accept-damage")
        ) { Log.line($0) }.run()
        let decision = "next: sceaud init --continue --config \(data)/\(DataFolder.configuration), with --nothing-lost if"
        switch result.origin {
        case .backup(let record):
            Log.line("what was acknowledged after \(record.made) is not in this backup")
            Log.line("\(decision) the vault did not run after that")
        case .mirror where result.mustBeDecided: Log.line("\(decision) nobody was told that the mirror was lost")
        case .mirror: Log.line("nothing was acknowledged that is not in this mirror")
        }
        print("restored \(result.origin.made): \(result.events) events, \(result.bids) bids, \(result.bytes) bytes of ciphertext")
        return result.findings.isEmpty ? .done : .unsound
    }
}
