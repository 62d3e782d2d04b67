internal import OpenSSL

/// Shares by member number: an owner for several secrets, which an array cannot be.
final class ShareBook {
    private final class Page {
        let share: Secret
        init(_ share: consuming Secret) { self.share = share }
    }

    private var pages: [Int: Page] = [:]

    var numbers: [Int] { pages.keys.sorted() }

    func add(_ number: Int, _ share: consuming Secret) { pages[number] = Page(share) }

    /// What these members' shares combine to.
    func combine(_ numbers: [Int]) -> Secret {
        Shamir.combine(numbers, count: 32) { number, lend in
            guard let page = pages[number] else { preconditionFailure("a share that was never added") }
            page.share.withBytes(lend)
        }
    }

    /// The subset of k shares that combines to the secret with this digest, and whose others are then known to be wrong.
    func combination(of k: Int, giving isSecret: (borrowing Secret) -> Bool) -> [Int]? {
        let numbers = numbers
        guard k >= 1, numbers.count >= k else { return nil }
        var chosen = Array(0..<k)
        for _ in 0..<SealingLimits.combinations {
            let subset = chosen.map { numbers[$0] }
            if isSecret(combine(subset)) { return subset }
            // The next subset in lexicographic order.
            guard let place = (0..<k).last(where: { chosen[$0] < numbers.count - k + $0 }) else { return nil }
            chosen[place] += 1
            for later in (place + 1)..<max(k, place + 1) { chosen[later] = chosen[later - 1] + 1 }
        }
        return nil
    }
}
