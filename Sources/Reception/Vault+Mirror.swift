import Canonical
import Linux
import Procurement
import Records
import Synchronization

extension Vault {
    /// nil where there is no mirror.
    public var mirrorStatus: (word: String, isThere: Bool)? {
        register.mirror.map(\.status).map { ($0.rawValue, $0 == .there) }
    }

    /// Refuses what must not be acknowledged without the mirror, before a byte of it is read.
    func checkMirror() throws(Refusal) {
        guard register.mirror?.allowsDecisions ?? true else { throw Refusal(.mirror) }
    }

    /// Every so often: brings a lost mirror up, copies the envelopes that it lacks, and records what became of it.
    func tendMirror() {
        guard let mirror = register.mirror else { return }
        if mirror.status == .lost, mirrorTimes.isDue(clock.now) { bringUp(mirror) }
        if mirror.status == .catchingUp { completeMirror(mirror, within: nil) }
        recordNews(of: mirror)
    }

    /// A key came or went: configuration and certificates in the mirror's state are as they are here from now on. What is lost is filled when it
    /// is brought up.
    public func refreshMirror() { register.mirror?.refill() }

    private func bringUp(_ mirror: Mirror) {
        do { try register.bringUpMirror() } catch {
            mirrorTimes.failed(error) { report("the mirror \(mirror.path) is lost, and is tried again: \($0)") }
        }
    }

    /// Bytes of an archive of 10,000 documents and more.
    private static let longestSeal = 64 << 20

    /// At a start, how long what the mirror lacks may keep everybody waiting, in milliseconds. The rest is copied beside.
    static let mirrorStart: Int64 = 2000

    /// Copies what the register names and the mirror has not.
    func completeMirror(_ mirror: Mirror, within milliseconds: Int64?) {
        guard let (root, epoch) = mirror.envelopes else { return }
        let end = milliseconds.map { Clocks.monotonicMilliseconds() + $0 }
        do {
            var last: Identifier?
            while true {
                let bids = try register.read { try $0.envelopes(after: last, limit: 1000) }
                guard let next = bids.last?.bid else { break }
                last = next
                for bid in bids {
                    guard mirror.envelopes?.epoch == epoch, !mirrorTimes.isStopping else { return }
                    if let end, Clocks.monotonicMilliseconds() > end { return }
                    try complete(bid, in: root)
                }
            }
            mirror.complete(epoch: epoch)
        } catch {
            mirror.lose(error, epoch: epoch)
        }
    }

    private func complete(_ bid: EnvelopeEntry, in root: DurableFolder) throws {
        let names = (1...bid.documents).map { EnvelopeStore.documentName(bid.bid, $0) } + [EnvelopeStore.sealName(bid.bid)]
        let seal = EnvelopeStore.sealName(bid.bid)
        let place = try EnvelopeTee.folder(of: bid.consultation, in: root)
        // The seal is written last, and names the others by their digests: with another one there, or none, nothing counts.
        let isSealed = (try? place.readAll(seal, max: Self.longestSeal)).map { bytes in
            (try? envelopes.seal(of: bid.bid, in: bid.consultation, max: Self.longestSeal)) == bytes
        }
        let missing = isSealed == true ? try names.filter { try !place.exists($0) } : names
        guard !missing.isEmpty else { return }
        // What the vault itself lacks `sceaud check` names: the mirror is as whole as the vault.
        guard let source = try? envelopes.existingFolder(of: bid.consultation) else { return }
        for name in missing where (try? source.exists(name)) == true { try place.copy(name, from: source) }
        try place.sync()
    }

    private func recordNews(of mirror: Mirror) {
        let news = mirror.takeNews()
        guard !news.isEmpty else { return }
        let facts: [any Fact] = news.map { news in
            switch news {
            case .lost(let fact): fact
            case .regained(let fact): fact
            }
        }
        do {
            try register.commit(.trace) { _ in facts.map { EventDraft(log: .real, fact: $0) } }
            for fact in facts {
                switch fact {
                case let fact as MirrorLost:
                    report(
                        "the mirror is lost since \(fact.since) (\(fact.cause)): "
                            + (mirror.policy == .stop ? "nothing is acknowledged until it is back" : "what is acknowledged now is on one disk only"))
                case let fact as MirrorRegained: report("the mirror is there again, and whole, since \(fact.until)")
                default: break
                }
            }
        } catch {
            mirror.giveBack(news)
        }
    }
}

/// When a lost mirror is tried again.
final class MirrorTimes: Sendable {
    static let seconds: Int64 = 30
    private let state = Monitor<(next: Instant?, told: String?)>((nil, nil))

    func isDue(_ now: Instant) -> Bool {
        state.change { state in
            if let next = state.next, now < next, next < now.advanced(bySeconds: Self.seconds + 1) { return false }
            state.next = now.advanced(bySeconds: Self.seconds)
            return true
        }
    }

    private let stopping = Atomic(false)
    var isStopping: Bool { stopping.load(ordering: .relaxed) }
    func stop() { stopping.store(true, ordering: .relaxed) }

    /// Tells each cause once, and not every half minute.
    func failed(_ error: any Error, tell: (String) -> Void) {
        let text = "\(error)"
        let isNew = state.change { state in
            defer { state.told = text }
            return state.told != text
        }
        if isNew { tell(text) }
    }
}
