import Canonical
import Foundation
import Linux
import Merkle
import Procurement
import Records

/// `sceaud init --continue`: the log goes on honestly after a restore that lost something, or may have.
///
/// `sceaud restore` leaves the file `restored` in the data folder, and nothing starts while it is there: a daemon that went on
/// with an older register as if nothing had happened would sign another past of its own log.
struct Continuing {
    /// Holds the instant of the backup, or ``mirror``.
    static let marker = "restored"
    static let mirror = "a mirror"

    let configuration: Configuration
    /// Files of checkpoints that were found elsewhere.
    let checkpoints: [String]
    let isWhole: Bool

    /// Refuses a folder whose restoring was not decided upon.
    static func check(_ data: DataFolder) throws(DaemonError) {
        guard (try? data.folder.exists(marker)) == true else { return }
        let made = (try? data.folder.readAll(marker, max: 64)).map { String(decoding: $0, as: UTF8.self) } ?? "an unknown instant"
        if made == mirror {
            throw DaemonError(
                "\(data.path) was restored from a mirror, which cannot tell whether it was away before",
                hint: "`sceaud init --continue --config …` goes on and says so in the log; with --nothing-lost if nobody was told that the mirror was lost")
        }
        throw DaemonError(
            "\(data.path) was restored from the backup of \(made): what was acknowledged after that is not in it",
            hint: "`sceaud init --continue --config …` goes on and says so in the log; with --nothing-lost if the vault did not run after that backup")
    }

    func run() throws -> [Continuation] {
        let data = try DataFolder(configuration.data)
        if let lock = try data.locked() {
            return try withExtendedLifetime(lock) { try run(data) }
        }
        throw DaemonError("a sceaud runs on \(data.path)", hint: "stop it first")
    }

    private func run(_ data: DataFolder) throws -> [Continuation] {
        let wasRestored = try data.folder.exists(Self.marker)
        var continuations: [Continuation] = []
        if isWhole {
            guard checkpoints.isEmpty else { throw DaemonError.usage("--nothing-lost and --checkpoint exclude each other") }
            guard wasRestored else { throw DaemonError("\(data.path) was not restored: there is nothing to decide") }
        } else {
            let notes = try checkpoints.map { path in
                let bytes = try FileState.read(path, what: "the checkpoint", max: Note.maximumCount)
                do { return try Note(bytes) } catch { throw DaemonError("\(path) is no checkpoint: \(error)") }
            }
            do {
                continuations = try Register.continueAfterLoss(
                    data: data.path, highWater: configuration.highWater, checkpoints: notes,
                    Surroundings(clock: .system, keys: LogKeyFiles.load(configuration)))
            } catch let error as RegisterError {
                throw DaemonError("the register of \(data.path) cannot go on: \(error)", hint: "`sceaud check` says what else does not hold")
            }
        }
        // A new generation's key has a new name: before anybody asks for it.
        try LogKeyFiles.publishCurrent(configuration)
        try data.folder.unlinkIfThere(Self.marker)
        try data.folder.sync()
        return continuations
    }
}

extension Command {
    static let continueAfterLoss = Command(
        path: ["continue"], summary: "after a restore: go on honestly with a register that lacks events (also `init --continue`)",
        discussion: """
            Each log begins a new generation. Its first event quotes the last checkpoint that is known of the one before, and says from
            which position on nothing was recovered; whoever holds a receipt of what is lost can still prove it. Every consultation
            that was published is frozen: nothing is announced, approved or released there until its buyer decides that it goes on
            (`POST /api/v1/consultations/ID/unfreezing`). Give every checkpoint of these logs that you find: in bidders' receipts, with
            witnesses, wherever they were published.
            """,
        options: [
            .configuration,
            Option("checkpoint", "FILE", .repeatable, "a checkpoint that was found elsewhere: the newest is quoted"),
            Option("nothing-lost", nil, .optional, "the vault did not run after that backup: go on as if it had not been restored"),
        ]
    ) { arguments in
        let continuations = try Continuing(
            configuration: Configuration.read(arguments.required("config")), checkpoints: arguments.values("checkpoint"),
            isWhole: arguments.has("nothing-lost")
        ).run()
        for log in continuations {
            print("the log \(log.log.rawValue) goes on as generation \(log.generation), from position \(log.base)")
            if log.known > log.there { print("  lost: \(log.known - log.there) events at least, which the last known checkpoint had") }
            for id in log.frozen { print("  frozen: consultation \(id)") }
        }
        return .done
    }
}
