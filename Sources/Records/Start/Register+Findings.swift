internal import Canonical
internal import Linux
internal import OpenSSL
public import Procurement
internal import SQLite

extension Register {
    /// Everything that can be verified of a register, for `sceaud check`: events, leaves, trees, tiles, signed heads,
    /// published checkpoints and high-water mark, objects and persons against their digests, objects that events name,
    /// views against events, SQLite's own check.
    ///
    /// Reads only, also beside a running daemon. One line for each finding; empty if all holds.
    ///
    /// - Parameters:
    ///   - keys: the public keys that are to have signed the logs, 32 bytes each, where the caller knows them.
    ///   - instance: of a folder that has no `instance.json` yet.
    public static func findings(
        data: String, highWater: String? = nil, keys: [Log: [UInt8]] = [:], instance: Instance? = nil
    ) throws -> [String] {
        let instance = try instance ?? Instance.read(data: data)
        // Before the register: the mark never runs ahead of it.
        let mark = try HighWater.read(DurableFolder(path: highWater ?? Register.highWater(data)))
        let connection = try Connection(path: path(data), .readOnly)
        try Schema.check(connection)
        try connection.beginReading()
        var findings: [String] = []
        do {
            guard mark.instance == instance.id else { throw RegisterError.stranger }
            // A daemon may have committed more than once since the mark was read: only what it says is held against it.
            for log in Log.allCases {
                findings += try LogVerification(
                    connection, instance: instance.id, log, mark: mark.logs[log] ?? .empty, publicKey: keys[log]
                ).findings
            }
            findings += try objects(connection) + named(connection)
            findings += try ViewComparison.differences(connection)
        } catch let error as RegisterError {
            findings.append(error.description)
        }
        let structure = try connection.all("PRAGMA integrity_check(10)") { $0.text(0) }
        if structure != ["ok"] { findings += structure.map { "register: \($0)" } }
        return findings
    }

    private static func objects(_ connection: Connection) throws -> [String] {
        var findings: [String] = []
        try connection.run("SELECT digest, bytes FROM object ORDER BY digest") { row in
            let digest = try row.digest(0)
            if Digest(SHA256.hash(row.blob(1))) != digest { findings.append("object \(digest) is not its digest's") }
        }
        try connection.run("SELECT digest, salt, bytes FROM person ORDER BY digest") { row in
            let digest = try row.digest(0)
            if Digest(SHA256.hash(row.blob(1) + row.blob(2))) != digest {
                findings.append("person \(digest) is not its digest's")
            }
        }
        return findings
    }

    private static func named(_ connection: Connection) throws -> [String] {
        var findings: [String] = []
        try connection.run("SELECT log, position, bytes FROM event ORDER BY sequence") { row in
            for digest in try Event(canonical: row.blob(2)).fact.objects {
                let found = try connection.first("SELECT 1 FROM object WHERE digest = ?", .digest(digest)) { _ in true }
                if found == nil {
                    findings.append(
                        "object \(digest), named by event \(row.integer(1)) of the log \(row.text(0)), is missing")
                }
            }
        }
        return findings
    }
}
