import Canonical
import Testing

@testable import Merkle

@Suite struct TreeTests {
    /// The leaves and roots of the reference implementation of RFC 6962.
    static let entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test func theReferencesRoots() throws {
        var frontier = Frontier()
        var leaves: [Digest] = []
        #expect(frontier.root.hex == Self.roots[0])
        for (index, entry) in Self.entries.enumerated() {
            leaves.append(MerkleTree.leaf(try Hex.decode(entry)))
            frontier.append(leaves[index])
            #expect(frontier.size == index + 1)
            #expect(frontier.root.hex == Self.roots[index + 1])
            #expect(try MemoryTree(leaves).root(size: index + 1).hex == Self.roots[index + 1])
            #expect(MemoryTree(leaves).root.hex == Self.roots[index + 1])
            #expect(try Frontier(size: index + 1, from: MemoryTree(leaves)) == frontier)
        }
    }

    /// RFC 6962, section 2.1.3 (RFC 9162, section 2.1.5): the tree of seven leaves and its proofs, by the letters of its drawing.
    @Test func theExampleOfTheRFC() throws {
        let tree = MemoryTree(size: 7)
        let (a, b, c, d, e, f, j) = (
            tree.leaves[0], tree.leaves[1], tree.leaves[2], tree.leaves[3], tree.leaves[4], tree.leaves[5], tree.leaves[6]
        )
        let (g, h, i) = (MerkleTree.node(a, b), MerkleTree.node(c, d), MerkleTree.node(e, f))
        let (k, l) = (MerkleTree.node(g, h), MerkleTree.node(i, j))
        #expect(MerkleTree.node(k, l) == tree.root)
        for (index, path) in [(0, [b, h, l]), (3, [c, g, l]), (4, [f, j, k]), (6, [i, k])] {
            #expect(try InclusionProof(index: index, size: 7, from: tree).hashes == path)
        }
        for (earlier, path) in [(3, [c, d, g, l]), (4, [l]), (6, [i, j, k])] {
            #expect(try ConsistencyProof(earlier: earlier, size: 7, from: tree).hashes == path)
        }
    }

    @Test func everyProofOfSmallTreesHoldsAndNoOtherDoes() throws {
        for size in 1...40 {
            let tree = MemoryTree(size: size)
            for index in 0..<size {
                let proof = try InclusionProof(index: index, size: size, from: tree)
                try proof.verify(leaf: tree.leaves[index], root: tree.root)
                for other in 0..<size where other != index {
                    #expect(throws: MerkleError.self) { try proof.verify(leaf: tree.leaves[other], root: tree.root) }
                    #expect(throws: MerkleError.self) {
                        try InclusionProof(index: other, size: size, hashes: proof.hashes)
                            .verify(leaf: tree.leaves[index], root: tree.root)
                    }
                }
            }
            for earlier in 1...size {
                let (proof, old) = (
                    try ConsistencyProof(earlier: earlier, size: size, from: tree), MemoryTree(size: earlier).root
                )
                try proof.verify(earlier: old, root: tree.root)
                for other in 1...size where other != earlier {
                    #expect(throws: MerkleError.self) {
                        try proof.verify(earlier: MemoryTree(size: other).root, root: tree.root)
                    }
                }
                for index in proof.hashes.indices {
                    var hashes = proof.hashes
                    hashes[index] = MerkleTree.emptyRoot
                    #expect(throws: MerkleError.self) {
                        try ConsistencyProof(earlier: earlier, size: size, hashes: hashes).verify(
                            earlier: old, root: tree.root)
                    }
                }
            }
        }
    }

    @Test func beyondTheTreeThereIsNoProof() {
        let tree = MemoryTree(size: 3)
        for index in [-1, 3, Int.max] {
            #expect(throws: MerkleError.self) { try InclusionProof(index: index, size: 3, from: tree) }
            #expect(throws: MerkleError.self) {
                try InclusionProof(index: index, size: 3, hashes: tree.leaves).verify(leaf: tree.leaves[0], root: tree.root)
            }
        }
        for earlier in [-1, 0, 4] {
            #expect(throws: MerkleError.self) { try ConsistencyProof(earlier: earlier, size: 3, from: tree) }
        }
    }
}
