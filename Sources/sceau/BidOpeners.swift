import Evidence
import Foundation
import Linux
import Procurement
import Sealing

/// Opens the bids of an opening side by side: TLS, digests and decryption take a processor each, and while one waits for the disk another
/// computes. What comes out is what one after the other would give, in the order of the list.
///
/// Memory: of each that works a segment (16 MiB) and the seal of its bid (as a rule some KiB, never above 256 MiB).
struct BidOpeners {
    /// A daemon serves others too, and a disk writes no faster for more.
    private static let most = 4

    private let invocation: Invocation
    private let access: Daemon.Access
    private let dossier: Dossier
    private let opening: Opening
    private let keys: [PartKeyBox]
    private let folder: OpeningFolder
    private let workers: Int

    /// - Parameter workers: as many as there are processors, at most four; for tests, another number.
    init(
        _ invocation: Invocation, _ access: Daemon.Access, _ dossier: Dossier, _ opening: Opening, _ keys: [PartKeyBox],
        _ folder: OpeningFolder, workers: Int = ProcessInfo.processInfo.activeProcessorCount
    ) {
        self.invocation = invocation
        self.access = access
        self.dossier = dossier
        self.opening = opening
        self.keys = keys
        self.folder = folder
        self.workers = min(max(1, workers), Self.most)
    }

    /// - Throws: what ends the opening without minutes; a bid's own fault stands in its entry.
    func open(_ bids: [BidList.Bid]) throws(CommandError) -> [MinutesBid] {
        let sitting = OpeningSitting(invocation, count: bids.count)
        let queue = Monitor<(next: Int, opened: [MinutesBid?])>((0, Array(repeating: nil, count: bids.count)))
        let work: @Sendable () -> Void = { [self] in
            let opener = BidOpener(invocation, Daemon(access), dossier, opening, keys, folder, sitting)
            // In the order of the list: whoever waits for its turn waits for bids that are being opened.
            while let place = queue.change({ queue -> Int? in
                guard queue.next < bids.count, (try? sitting.goOn()) != nil else { return nil }
                defer { queue.next += 1 }
                return queue.next
            }) {
                do throws(CommandError) {
                    let opened = try opener.open(bids[place], at: place)
                    queue.change { $0.opened[place] = opened }
                    sitting.finished()
                } catch { sitting.fail(error) }
            }
        }
        // This thread is one of them; without the others it does their work.
        let others = (1..<max(1, min(workers, bids.count))).compactMap { try? OSThread.start(name: "open \($0)", work) }
        work()
        for other in others { other.join() }
        try sitting.close()
        let opened = queue.change { $0.opened.compactMap { $0 } }
        guard opened.count == bids.count else { throw CommandError("not every bid was looked at") }
        return opened
    }
}
