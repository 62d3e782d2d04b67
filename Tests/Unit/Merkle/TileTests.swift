import Canonical
import Testing

@testable import Merkle

@Suite struct TileTests {
    @Test(arguments: [
        (TilePath(.hashes(level: 0), index: 0), "tile/0/000"),
        (TilePath(.hashes(level: 1), index: 0, width: 17), "tile/1/000.p/17"),
        (TilePath(.entries, index: 1_234_067), "tile/entries/x001/x234/067"),
        (TilePath(.hashes(level: 7), index: 1_000, width: 255), "tile/7/x001/000.p/255"),
        (TilePath(.entries, index: 999, width: 1), "tile/entries/999.p/1"),
    ])
    func paths(path: TilePath, text: String) throws {
        #expect(path.description == text)
        #expect(try TilePath(text) == path)
    }

    @Test(arguments: [
        "", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/x000", "tile/0/x000/001",
        "tile/0/001/x002", "tile/0/x1/000", "tile/0/xx01/000", "tile/00/000", "tile/8/000", "tile/-1/000", "tile/64/000",
        "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000/1",
        "tile/0/000.p/1/2", "tile/0/000.p.p/1", "/tile/0/000", "tile/0/000/", "tile//000", "tile/data/000", "Tile/0/000",
        "tile/0/+01", "tile/0/../../etc", "tile/0/x001/x001/x001/x001/x001/x001/x001/001", "tile/0/٠٠٠", "tile/0/000\n",
    ])
    func otherTextsAreNoPaths(text: String) {
        #expect(throws: MerkleError.self) { try TilePath(text) }
    }

    /// The example of tlog-tiles.
    @Test func seventyThousandLeaves() {
        let paths = TilePath.all(size: 70_000)
        #expect(paths.filter { $0.level == 0 && $0.isFull }.count == 273)
        #expect(
            paths.filter { $0.level > 0 || !$0.isFull }.map(\.description) == [
                "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1",
            ])
        #expect(TilePath.all(size: 256).map(\.description) == ["tile/0/000", "tile/1/000.p/1"])
        #expect(TilePath.all(size: 0).isEmpty)
        for path in paths {
            #expect(path.exists(size: 70_000))
            #expect(!TilePath(path.content, index: path.index + 1, width: path.width).exists(size: path.isFull ? 300 : 70_000))
        }
        #expect(!TilePath(.hashes(level: 0), index: 273, width: 113).exists(size: 70_000))
        #expect(!TilePath(.hashes(level: 3), index: 0, width: 1).exists(size: 70_000))
        #expect(!TilePath(.entries, index: Int.max, width: 1).exists(size: 70_000))
        #expect(TilePath(.entries, index: 273, width: 112).exists(size: 70_000))
    }

    /// Tiles as a register keeps them: by level and number, each as wide as it ever got.
    final class Shelf {
        var tiles: [TilePath: [UInt8]] = [:]

        func put(_ changes: [(path: TilePath, bytes: [UInt8])]) {
            for change in changes { tiles[TilePath(change.path.content, index: change.path.index)] = change.bytes }
        }

        func source(size: Int) -> TileHashes {
            TileHashes(size: size) { path in
                let tile = try #require(self.tiles[TilePath(path.content, index: path.index)])
                return Array(tile.prefix(32 * path.width))
            }
        }
    }

    @Test func tilesHoldTheTree() throws {
        let shelf = Shelf()
        var edge = RightEdge()
        let sizes = [1, 2, 255, 256, 257, 700, 65_535, 65_536, 65_600]
        let leaves = MemoryTree(size: 65_600).leaves
        for (index, leaf) in leaves.enumerated() {
            edge.append(leaf)
            // A batch of another length each time.
            if index % 97 == 0 || sizes.contains(index + 1) { shelf.put(edge.takeChanges()) }
            guard sizes.contains(index + 1) else { continue }
            let size = index + 1
            let (tree, source) = (MemoryTree(Array(leaves.prefix(size))), shelf.source(size: size))
            #expect(edge.size == size && edge.root == tree.root)
            #expect(try source.root(size: size) == tree.root)
            // What is kept is exactly what the layout says, and a start from it goes on as if nothing had happened.
            for path in TilePath.all(size: size) {
                #expect(shelf.tiles[TilePath(path.content, index: path.index)]?.count == 32 * path.width, "\(path)")
            }
            #expect(shelf.tiles.count == TilePath.all(size: size).count)
            let reopened = try RightEdge(shelf.source(size: size))
            #expect(reopened.frontier == edge.frontier)
            for place in [0, size / 2, size - 1] {
                let proof = try InclusionProof(index: place, size: size, from: source)
                #expect(proof == (try InclusionProof(index: place, size: size, from: tree)))
                try proof.verify(leaf: leaves[place], root: tree.root)
            }
            for earlier in sizes where earlier <= size && (earlier < 1000 || size > 65_536) {
                let proof = try ConsistencyProof(earlier: earlier, size: size, from: source)
                try proof.verify(earlier: MemoryTree(Array(leaves.prefix(earlier))).root, root: tree.root)
            }
            edge = reopened
        }
    }

    @Test func aTileOfAnotherWidthIsRefused() throws {
        let source = TileHashes(size: 3) { _ in [UInt8](repeating: 0, count: 64) }
        #expect(throws: MerkleError.self) { try source.root(size: 3) }
        #expect(throws: MerkleError.self) { try source.hash(of: Subtree(level: 0, index: 3)) }
        #expect(throws: MerkleError.self) { try source.hash(of: Subtree(level: 0, index: -1)) }
    }
}
