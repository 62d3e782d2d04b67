import Canonical
import Foundation
import Merkle
import Procurement
import SQLite
import Testing

@testable import Records

/// The trees over the events: heads, tiles, proofs.
struct LogTests {
    let data: DataFolder

    init() throws { data = try DataFolder() }

    @Test func everyEventIsProvenAgainstTheSignedHead() throws {
        let register = try data.open()
        defer { register.stop() }
        for round in 0..<3 { try register.commit { _ in (0..<150).map { counted(1000 * round + $0) } } }
        try register.commit { _ in [counted(1, .training)] }
        try register.read { snapshot throws -> Void in
            let key = try data.keys.verifier(of: .real, instance: data.instance.id)
            #expect(try snapshot.verifierKeys(.real) == [key])
            let head = try snapshot.signedHead(.real)
            #expect(try Checkpoint(head).size == 451 && Checkpoint(head).origin == "sceau/\(data.instance.id)/real")
            for position: Int64 in [0, 1, 2, 255, 256, 300, 449, 450] {
                let bytes = try #require(try snapshot.event(.real, at: position))
                let proof = try LogProof(snapshot.proof(of: .real, position: position).encoded)
                #expect(proof.index == Int(position) && proof.note == head)
                #expect(try proof.verify(entry: bytes, keys: [key]).checkpoint.size == 451)
                #expect(throws: MerkleError.self) { try proof.verify(entry: bytes + [0], keys: [key]) }
            }
            for position: Int64 in [-1, 451, 5000] {
                #expect(throws: MerkleError.self) { try snapshot.proof(of: .real, position: position) }
            }
            // The other log's key vouches for nothing of this one.
            let other = try data.keys.verifier(of: .training, instance: data.instance.id)
            let proof = try snapshot.proof(of: .real, position: 7)
            #expect(throws: MerkleError.self) {
                try proof.verify(entry: #require(try snapshot.event(.real, at: 7)), keys: [other])
            }
        }
    }

    /// A head of then is the beginning of one of now, whatever was opened and closed between.
    @Test func headsAreConsistent() throws {
        var heads: [Checkpoint] = []
        for round in 0..<4 {
            let register = try data.open()
            defer { register.stop() }
            for part in 0..<2 {
                try register.commit { _ in (0..<101).map { counted(1000 * round + 200 * part + $0) } }
                heads.append(try register.read { try Checkpoint($0.signedHead(.real)) })
            }
            try register.read { snapshot throws -> Void in
                let last = try #require(heads.last)
                let source = TileStore(snapshot.connection, .real, 1).hashes(size: last.size)
                for head in heads {
                    try ConsistencyProof(earlier: head.size, size: last.size, from: source)
                        .verify(earlier: head.root, root: last.root)
                }
            }
        }
        #expect(heads.last?.size == 809)
        #expect(try Register.findings(data: data.path) == [])
    }

    /// What a refused item appended in its trial is in no tree.
    @Test func whatIsRefusedLeavesNoLeaf() throws {
        let register = try data.open()
        defer { register.stop() }
        let gate = Gate(register)
        let told = Told()
        for number in 0..<40 {
            register.submit(
                decide: { _ in
                    number.isMultiple(of: 3)
                        ? [counted(number), EventDraft(log: .real, fact: SetAside(file: "a", length: -1))] : [counted(number)]
                }, completion: told.completion(number))
        }
        gate.open()
        #expect(told.wait(40).filter { $0.1.failure != nil }.count == 14)
        #expect(try register.read { try $0.head(of: .real).count } == 27)
        #expect(try Register.findings(data: data.path) == [])
    }

    @Test func tilesGrowAndNeverChange() throws {
        let register = try data.open()
        try register.commit { _ in (0..<300).map { counted($0) } }
        register.stop()
        let connection = try Connection(path: data.database, .readWrite)
        for sql: StaticString in [
            "UPDATE tile SET hashes = zeroblob(8192) WHERE log = 'real' AND level = 0 AND number = 0",
            "UPDATE tile SET hashes = substr(hashes, 1, 32) WHERE log = 'real' AND level = 0 AND number = 1",
            "UPDATE tile SET number = 7 WHERE log = 'real' AND level = 0 AND number = 1",
            "DELETE FROM tile",
        ] {
            #expect(throws: SQLiteError.self) { try connection.execute(sql) }
        }
    }

    // MARK: Keys

    @Test func anotherKeyIsRefused() throws {
        let other = Surroundings(clock: .init { [data] in data.clock.now }, keys: try LogKeys.generate())
        #expect {
            _ = try data.open(other)
        } throws: {
            guard case RegisterError.key(.real) = $0 else { return false }
            return true
        }
        #expect(try Register.findings(data: data.path, keys: [.training: other.keys.publicKey(.training)]) == [
            RegisterError.key(.training).description
        ])
        #expect(try Register.findings(data: data.path, keys: [.real: data.keys.publicKey(.real)]) == [])
        try data.open().stop()
    }

    /// Whoever has the database, but not the key, can write no head.
    @Test func aHeadSignedByAnotherKeyIsRefused() throws {
        let forger = try LogKeys.generate()
        try data.tamper { connection in
            let stored = try #require(try StoredGeneration.all(connection, .real).last)
            let key = try forger.verifier(of: .real, instance: data.instance.id)
            let note = try forger.sign(
                stored.generation.checkpoint(size: stored.size, root: stored.root).note(), of: .real, as: key)
            try connection.run("UPDATE head SET note = ? WHERE log = 'real'", .blob(note.encoded))
        }
        #expect {
            _ = try data.open()
        } throws: {
            guard case RegisterError.head(.real) = $0 else { return false }
            return true
        }
        #expect(try Register.findings(data: data.path) == [RegisterError.head(.real).description])
    }
}
