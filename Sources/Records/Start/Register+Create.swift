internal import Canonical
internal import Linux
internal import Procurement
internal import SQLite

extension Register {
    /// Makes the register of a new data folder: `register/`, `high-water/`, the first event of each log, the mark, and
    /// last of all `instance.json`, so that a folder made by half is none. For `sceaud init` only.
    ///
    /// - Parameter data: an existing folder without a register.
    public static func create(data: String, instance: Instance, _ surroundings: Surroundings) throws {
        let folder = try DurableFolder(path: data)
        let register = try folder.makeFolder("register")
        let highWater = try folder.makeFolder("high-water")
        let connection = try Connection(path: path(data), .create)
        try Schema.create(connection)
        var ledger = Ledger(connection, logs: [:], at: surroundings.clock.now, randomness: surroundings.randomness)
        var heads: [Log: LogHead] = [:]
        try connection.transaction {
            try Views.rebuild(connection)
            for log in Log.allCases {
                ledger.begin(
                    try Generation(instance.id, log, 1, base: 0, publicKey: surroundings.keys.publicKey(log)))
                _ = try ledger.append(EventDraft(log: log, fact: LogOpened(instance: instance.id)))
            }
            heads = try ledger.writeHeads(before: [:], surroundings.keys)
        }
        try connection.checkpoint()
        try register.sync()
        try HighWater(instance: instance.id, logs: heads).write(highWater)
        try folder.sync()
        try instance.write(data: folder)
    }
}
