import Canonical

/// `backup.json`, `sceau/backup/1`: which state of a vault a backup folder holds. Put in place last of all, so that the folder
/// always holds the last backup that was completed. Specified in `Records.docc/Backup.md`.
struct BackupRecord: CanonicalObject, Equatable {
    static let format = "sceau/backup/1"
    static let file = "backup.json"

    /// A file of the state, by its path in the state's folder.
    struct File: Sendable, Equatable {
        let path: String
        let length: Int64
        let sha256: Digest
    }

    let instance: Identifier
    /// When the register was copied. What was acknowledged later is not in it.
    let made: Instant
    /// Name of the folder of the state.
    let state: String
    let files: [File]
    let events: Int64
    let bids: Int64

    var fields: [String: JSON] {
        [
            "instance": .identifier(instance), "made": .instant(made), "state": .string(state), "events": .integer(events),
            "bids": .integer(bids),
            "files": .array(
                files.map {
                    .object(["path": .string($0.path), "length": .integer($0.length), "sha256": .digest($0.sha256)])
                }),
        ]
    }

    init(instance: Identifier, made: Instant, state: String, files: [File], events: Int64, bids: Int64) {
        self.instance = instance
        self.made = made
        self.state = state
        self.files = files
        self.events = events
        self.bids = bids
    }

    init(from reader: inout FieldReader) throws(CanonicalError) {
        instance = try reader.identifier("instance")
        made = try reader.instant("made")
        state = try reader.string("state", max: 64)
        events = try reader.integer("events")
        bids = try reader.integer("bids")
        var files: [File] = []
        for value in try reader.array("files", max: 1000) {
            var file = try FieldReader(value)
            let path = try file.string("path", max: 200)
            // Names of a backup are joined to paths: one that climbs out of it is not ours.
            guard !path.split(separator: "/", omittingEmptySubsequences: false).contains(where: { ["", ".", ".."].contains($0) })
            else { throw CanonicalError(reason: "`files.path` is no path") }
            files.append(File(path: path, length: try file.integer("length"), sha256: try file.digest("sha256")))
            try file.finish()
        }
        self.files = files
        guard !state.contains("/"), state != "..", state != "." else { throw CanonicalError(reason: "`state` is no name") }
    }
}
