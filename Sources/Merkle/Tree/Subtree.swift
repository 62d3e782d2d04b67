/// A complete subtree: the 2^level leaves from index · 2^level on. Level 0 is a leaf.
public struct Subtree: Hashable, Sendable {
    public let level: Int
    public let index: Int

    public init(level: Int, index: Int) {
        self.level = level
        self.index = index
    }

    /// The leaves of `range` as the fewest complete subtrees, left to right. A range as RFC 6962 splits them: what its
    /// lower bound is a multiple of is not smaller than its length.
    static func covering(_ range: Range<Int>) -> [Subtree] {
        var subtrees: [Subtree] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let level = Int.bitWidth - 1 - (range.upperBound - start).leadingZeroBitCount
            subtrees.append(Subtree(level: level, index: start >> level))
            start += 1 << level
        }
        return subtrees
    }
}
