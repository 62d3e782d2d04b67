import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Testing

/// What companies hold in their hands: every receipt that the daemon gave, and what it was for. Shared by threads.
final class Ledger: @unchecked Sendable {
    private let lock = NSLock()
    private var receipts: [Identifier: Digest] = [:]  // guarded by `lock`
    private var refusals = 0  // likewise

    /// Deposits fresh bytes, and keeps the receipt if one comes.
    func deposit(_ bidder: Curl, in procedure: Procedure, bytes count: Int) {
        guard let bytes = try? Random.bytes(count),
            let answer = try? bidder.deposit(Data(bytes), in: procedure.id.text), answer.status == 201,
            let bid = try? Identifier(answer["bid"]), answer["verdict"] == "on-time"
        else { return lock.withLock { refusals += 1 } }
        lock.withLock { receipts[bid] = Digest(SHA256.hash(bytes)) }
    }

    var acknowledged: [Identifier: Digest] { lock.withLock { receipts } }
    var refused: Int { lock.withLock { refusals } }

    /// Every acknowledged bid has its event and its files; every event has its files; no file is there without an event.
    func expectKept(by stage: Stage, in procedure: Procedure) throws {
        let events = Set(try stage.events("bid-received").compactMap { $0["bid"] as? String })
        let files = Set(stage.instance.envelopeFiles())
        for bid in acknowledged.keys { #expect(events.contains(bid.text), "acknowledged, and not in the register: \(bid)") }
        let expected = Set(events.flatMap { ["\(procedure.id)/\($0).1", "\(procedure.id)/\($0).seal"] })
        #expect(files == expected)
    }
}
