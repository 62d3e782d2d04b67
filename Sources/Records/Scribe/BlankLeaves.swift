/// How many leaves that say nothing the scribe hangs behind the events of a batch.
///
/// Who watches the log's size, hour by hour, wants to know how many bids came; so does a bidder, whose own receipts tell two
/// positions between which others' events lie. A constant or a narrow number would be subtracted. So the number is geometric:
/// whatever was added, one more is as likely as ever, and a given sum is explained by many counts of events. See `Records.md`.
public struct BlankLeaves: Sendable {
    let draw: @Sendable () throws -> Int

    init(_ draw: @escaping @Sendable () throws -> Int) { self.draw = draw }

    /// None: a test counts positions.
    public static let none = BlankLeaves { 0 }

    /// Most that one draw gives.
    static let most = 64

    /// Geometric with a mean of 2: each further one with a chance of two thirds.
    public static let geometric = BlankLeaves {
        var count = 0
        while count < BlankLeaves.most {
            let coins = try Surroundings.random(32)
            for coin in coins {
                // 171 of 256.
                guard coin < 171, count < BlankLeaves.most else { return count }
                count += 1
            }
        }
        return count
    }
}
