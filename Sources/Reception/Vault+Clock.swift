import Canonical
import Procurement
import Records
import Synchronization

extension Vault {
    /// At the start: the daemon was not running until now. Recorded before anything else is.
    ///
    /// With no room for the event the daemon starts all the same, and serves reads; nothing is closed before it is recorded,
    /// for a closing must know that the daemon was down (``tend()``).
    func recordStart() throws {
        let down = Down(since: try register.read { try $0.lastAlive() }, until: clock.now)
        unrecordedStart.withLock { $0 = UnrecordedStart(down: down, notBefore: down.until) }
        do { try recordDown() } catch RegisterFailure.full {
            report("that the daemon was down until now is not recorded yet: there is no room to say so")
        } catch RegisterFailure.mirror {
            report("that the daemon was down until now is not recorded yet: the mirror is away")
        }
    }

    /// Whether the log knows of the start. Tries again where it does not, every five seconds.
    func hasRecordedStart() -> Bool {
        guard let waiting = unrecordedStart.withLock({ $0 }) else { return true }
        return clock.now >= waiting.notBefore && (try? recordDown()) != nil
    }

    private func recordDown() throws {
        guard let waiting = unrecordedStart.withLock({ $0 }) else { return }
        // First, so that a disk that is full is not asked ten times a second.
        unrecordedStart.withLock { $0?.notBefore = clock.now.advanced(bySeconds: 5) }
        _ = try register.commit { _ in [EventDraft(log: .real, fact: waiting.down)] }
        unrecordedStart.withLock { $0 = nil }
    }

    /// Records what became of the clock, keeps its baseline, and gives the verdicts that had to wait for it.
    func tendClock() {
        let (facts, baseline) = clock.takeNews()
        do {
            if let baseline { try keepBaseline(baseline) }
            if !facts.isEmpty {
                _ = try register.commit { _ in facts.map { EventDraft(log: .real, fact: $0) } }
                for fact in facts { report(fact) }
            }
            // Once a bid is there whose clock was not believed, and not ten times a second.
            if clock.read().state != .unsound, awaited.isAny { try giveVerdicts() }
        } catch {
            clock.giveBack(facts, baseline)
            report("what became of the clock could not be recorded, and will be tried again: \(error)")
        }
    }

    private func report(_ fact: any Fact) {
        switch fact {
        case let fact as ClockUnsound:
            report(
                "the clock is not believed since \(fact.since): \(fact.faults.map(\.rawValue).joined(separator: ", ")); it shows "
                    + "\(fact.wall). Nothing is released, closed or judged until it agrees again, or: sceaud admin clock accept")
        case let fact as ClockSound: report("the clock is believed again, from \(fact.until) (\(fact.ground.rawValue))")
        default: break
        }
    }

    /// Bids received while the clock was not believed, in batches.
    private func giveVerdicts() throws {
        while try register.read({ try !$0.pendingBids(limit: 1).isEmpty }) {
            let given = try register.commit { [self] transaction in
                // In the scribe's own time, on a clock that is believed now.
                let now = clock.read()
                guard now.state != .unsound else { throw Refusal(.clock) }
                var drafts: [EventDraft] = []
                for entry in try transaction.pendingBids(limit: 256) {
                    guard let consultation = try transaction.consultation(entry.consultation),
                        let span = try transaction.clockSpan(of: entry)
                    else { throw VaultFailure.register("bid \(entry.bid) waits for a verdict, and no span of the clock is known") }
                    let received = awaited.raw(of: entry.bid).map { raw in
                        Instant(milliseconds: now.instant.milliseconds - (now.raw - raw))
                    }
                    let fact = try consultation.judging(entry, received: received, since: span.since, until: span.until)
                    drafts.append(EventDraft(log: consultation.log, fact: fact))
                }
                return drafts
            }
            awaited.forget(given.compactMap { ($0.fact as? VerdictGiven)?.bid })
        }
        awaited.forget([])
    }

    // MARK: Who runs the host

    /// The clock is right now, somebody says who answers for it: a new baseline. It releases, closes and judges nothing by
    /// itself, moves no deadline, and brings back no instant that was recorded.
    public func acceptClock(reason: String) throws -> JudgedClock.Status {
        guard clock.status.state != .unjudged else { throw Refusal(.phase, "This clock is not judged.") }
        let fact = try ClockAccepted.deciding(reason, instant: clock.now, drift: clock.status.drift)
        _ = try register.commit { _ in [EventDraft(log: .real, fact: fact)] }
        clock.accept()
        tendClock()
        return clock.status
    }
}

/// The time before a start, which the log does not know of yet.
struct UnrecordedStart: Sendable {
    let down: Down
    /// When to try again.
    var notBefore: Instant
}
