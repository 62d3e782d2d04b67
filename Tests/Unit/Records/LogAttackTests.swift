import Canonical
import Foundation
import Merkle
import OpenSSL
import Procurement
import SQLite
import Testing

@testable import Records

/// Whoever has the host's disk, and in the worst case its keys: what the register itself shows, and what only a checkpoint in
/// somebody else's hands does.
struct LogAttackTests {
    let data: DataFolder

    init() throws {
        data = try DataFolder()
        let register = try data.open()
        for round in 0..<6 { try register.commit { _ in (0..<100).map { counted(1000 * round + $0) } } }
        register.stop()
        #expect(try Register.findings(data: data.path) == [])
    }

    /// Far behind the right edge that a start reads.
    static let position: Int64 = 42

    private func findings(_ change: (Connection) throws -> Void) throws -> [String] {
        try data.tamper(change)
        return try Register.findings(data: data.path)
    }

    @Test func aLeafSwappedDeletedOrInsertedIsNamed() throws {
        let named = ["event 42 of the log real is missing or altered"]
        #expect(
            try findings {
                try $0.execute("UPDATE event SET position = -1 WHERE log = 'real' AND position = 42")
                try $0.execute("UPDATE event SET position = 42 WHERE log = 'real' AND position = 43")
                try $0.execute("UPDATE event SET position = 43 WHERE log = 'real' AND position = -1")
            } == ["the signed head of the log real is not that of its tree"])
        #expect(
            try findings {
                try $0.execute("DELETE FROM event WHERE log = 'real' AND position = 42")
            } == named)
    }

    @Test func anEventWithAPastDateIsNamed() throws {
        #expect(
            try findings { connection in
                let bytes = Event(
                    log: .real, at: Instant(milliseconds: 1_795_453_100_000), nonce: Array(0..<16), fact: counted(9).fact
                ).canonicalBytes
                try connection.run(
                    "UPDATE event SET bytes = ?, leaf = ? WHERE log = 'real' AND position = 42", .blob(bytes),
                    .blob(LogHead.leaf(bytes).bytes))
            } == ["event 42 of the log real is missing or altered"])
    }

    @Test func anEventBehindTheLastIsNamed() throws {
        #expect(
            try findings { connection in
                let bytes = Event(log: .real, at: data.clock.now, nonce: Array(0..<16), fact: counted(9).fact).canonicalBytes
                try connection.run(
                    "INSERT INTO event(log, position, leaf, bytes) VALUES('real', 601, ?, ?)",
                    .blob(LogHead.leaf(bytes).bytes), .blob(bytes))
            } == ["event 601 of the log real is missing or altered"])
        #expect(throws: RegisterError.self) { try data.open() }
    }

    @Test(arguments: [0, 1, 2]) func anAlteredTileIsNamed(_ number: Int) throws {
        let paths = ["tile/0/000", "tile/0/001", "tile/1/000.p/2"]
        let findings = try findings { connection in
            let path = try TilePath(paths[number])
            let tiles = TileStore(connection, .real, 1)
            var bytes = try tiles.read(path)
            bytes[40] ^= 1
            try tiles.write(path, bytes)
        }
        #expect(findings == ["\(paths[number]) of the log real is not that of its events"])
    }

    @Test func aTileMissingOrTooManyIsNamed() throws {
        #expect(
            try findings {
                try $0.execute("INSERT INTO tile(log, generation, level, number, hashes) VALUES('real', 1, 5, 0, zeroblob(32))")
            } == ["a tile more than there are of the log real is not that of its events"])
        #expect(
            try findings {
                try $0.execute("DELETE FROM tile WHERE level = 5")
                try $0.execute("DELETE FROM tile WHERE log = 'real' AND level = 0 AND number = 1")
            } == ["tile/0/001 of the log real is not that of its events"])
    }

    /// An event rewritten, and after it everything that the host can write: leaf, tiles, root, signature, mark. The start is
    /// deceived, and `sceaud check` too. A receipt given out before is not, nor is any checkpoint that somebody kept.
    @Test func aPastThatIsRewrittenWithTheKeyIsShownByACheckpoint() throws {
        let (kept, proof, entry) = try data.opened { register in
            try register.read {
                (try $0.signedHead(.real), try $0.proof(of: .real, position: Self.position), try $0.event(.real, at: Self.position))
            }
        }
        let forged = Event(log: .real, at: data.clock.now, nonce: Array(0..<16), fact: counted(9).fact).canonicalBytes
        try data.forge { position, bytes in position == Self.position ? forged : bytes }
        #expect(try Register.findings(data: data.path).filter { !$0.hasPrefix("view ") } == [])
        let key = try data.keys.verifier(of: .real, instance: data.instance.id)
        try data.opened { register in
            try register.commit { _ in [counted(7)] }
            try register.read { snapshot throws -> Void in
                let (old, new) = (try Checkpoint(kept), try VerifiedCheckpoint(snapshot.signedHead(.real), keys: [key]).checkpoint)
                let source = TileStore(snapshot.connection, .real, 1).hashes(size: new.size)
                #expect(throws: MerkleError.self) {
                    try ConsistencyProof(earlier: old.size, size: new.size, from: source).verify(
                        earlier: old.root, root: new.root)
                }
                // The receipt still holds by itself: two roots of one size, both signed. No excuse is left.
                _ = try proof.verify(entry: #require(entry), keys: [key])
                #expect(try source.root(size: old.size) != old.root)
            }
        }
    }

    /// Register and mark together put back to last week, and the daemon went on from there.
    @Test func aLogCutBackFromABackupIsShownByALaterCheckpoint() throws {
        let (register, mark) = (try data.backup(), try Data(contentsOf: data.mark))
        let later = try data.opened { register in
            try register.commit { _ in [counted(1), counted(2)] }
            return try register.read { try Checkpoint($0.signedHead(.real)) }
        }
        try data.restore(register)
        #expect(throws: RegisterError.self) { try data.open() }
        try mark.write(to: data.mark)
        try data.opened { register in
            try register.commit { _ in [counted(3), counted(4), counted(5)] }
            try register.read { snapshot throws -> Void in
                let now = try Checkpoint(snapshot.signedHead(.real))
                #expect(now.size > later.size)
                let source = TileStore(snapshot.connection, .real, 1).hashes(size: now.size)
                #expect(throws: MerkleError.self) {
                    try ConsistencyProof(earlier: later.size, size: now.size, from: source)
                        .verify(earlier: later.root, root: now.root)
                }
            }
        }
    }
}
