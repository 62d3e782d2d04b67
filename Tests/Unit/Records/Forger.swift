import Canonical
import Foundation
import Merkle
import Procurement
import SQLite
import Testing

@testable import Records

extension DataFolder {
    /// Writes the real log's last generation anew with other events: its leaves, tiles, head and mark, signed with its own
    /// key. What whoever has the host and its keys could do.
    ///
    /// - Parameter keys: those that sign the generation; the folder's own where nil.
    func forge(signing keys: LogKeys? = nil, _ change: (Int64, [UInt8]) -> [UInt8]) throws {
        try tamper { connection in
            let stored = try #require(try StoredGeneration.all(connection, .real).last)
            var edge = RightEdge()
            let events = try connection.all(
                "SELECT position, bytes FROM event WHERE log = 'real' AND position >= ? ORDER BY position",
                .integer(stored.generation.base)
            ) { ($0.integer(0), $0.blob(1)) }
            for (position, bytes) in events {
                let bytes = change(position, bytes)
                let leaf = LogHead.leaf(bytes)
                try connection.run(
                    "UPDATE event SET bytes = ?, leaf = ? WHERE log = 'real' AND position = ?", .blob(bytes),
                    .blob(leaf.bytes), .integer(position))
                edge.append(leaf)
            }
            let tiles = TileStore(connection, stored.generation)
            for tile in edge.takeChanges() { try tiles.write(tile.path, tile.bytes) }
            let note = try (keys ?? self.keys).sign(
                stored.generation.checkpoint(size: edge.size, root: edge.root).note(), of: .real, as: stored.generation.key)
            try connection.run(
                "UPDATE head SET root = ?, note = ? WHERE log = 'real' AND generation = ?", .blob(edge.root.bytes),
                .blob(note.encoded), .integer(stored.generation.number))
            let mark = try HighWater(canonical: Array(Data(contentsOf: self.mark)))
            var logs = mark.logs
            logs[.real] = LogHead(count: stored.count, generation: stored.generation.number, root: edge.root)
            try Data(HighWater(instance: mark.instance, logs: logs).canonicalBytes).write(to: self.mark)
        }
    }
}
