import Canonical
import Merkle
import Procurement
import Records
import Synchronization

/// When which consultation closes: kept in memory, so that nothing is read while nothing is due.
final class Closings: Sendable {
    private struct State {
        var due: [Identifier: Instant] = [:]
        /// Of those whose closing failed, when it is tried again.
        var pauses: [Identifier: Instant] = [:]
        /// Closed, and some of their bidders' lines are still to be drawn.
        var undrawn: Set<Identifier> = []
    }

    private let state = Mutex(State())

    func load(from register: Register) throws {
        try register.read { register in
            for id in try register.lackingLines() { draw(id) }
            for id in try register.unclosed() {
                if let consultation = try register.consultation(id) { set(consultation) }
            }
        }
    }

    func draw(_ id: Identifier) { _ = state.withLock { $0.undrawn.insert(id) } }
    func drawn(_ id: Identifier) { _ = state.withLock { $0.undrawn.remove(id) } }
    var undrawn: [Identifier] { state.withLock { Array($0.undrawn) } }

    func set(_ consultation: Consultation) {
        state.withLock { $0.due[consultation.id] = consultation.deadline.closesAt }
    }

    func remove(_ id: Identifier) {
        state.withLock { state in
            state.due[id] = nil
            state.pauses[id] = nil
        }
    }

    func due(at now: Instant) -> [(id: Identifier, closesAt: Instant)] {
        state.withLock { state in
            state.due.filter { $0.value <= now && (state.pauses[$0.key] ?? now) <= now }.map { ($0.key, $0.value) }
        }
    }

    /// Its closing failed: no other try for some seconds, so that a disk that is full is not asked ten times a second, nor
    /// the operator told so.
    func pause(_ id: Identifier, at now: Instant) {
        state.withLock { $0.pauses[id] = now.advanced(bySeconds: 5) }
    }
}

extension Vault {
    /// Once a moment: closes what is due, writes the counts of the minute that is over.
    func tend() {
        tendClock()
        tendExpiry()
        guard hasRecordedStart() else { return }
        for (id, closesAt) in closings.due(at: clock.now) where pending.clearance(id, closesAt: closesAt) != nil {
            do {
                try close(id)
                closings.remove(id)
                stamper.wake()
                closings.draw(id)
            } catch let refusal as Refusal where refusal.kind == .clock {
                // Since it was found due: it will be, once the clock is believed again.
                continue
            } catch let refusal as Refusal where refusal.kind == .phase {
                closings.remove(id)
            } catch let refusal as Refusal where refusal.kind == .notYet {
                // Extended in between: the register's deadline is the one that counts.
                if let consultation = try? register.read({ try $0.consultation(id) }) { closings.set(consultation) }
            } catch {
                closings.pause(id, at: clock.now)
                report("closing of \(id) failed and will be tried again: \(error)")
            }
        }
        for id in closings.undrawn { drawLines(of: id) }
        recordCounts(all: false)
        tendLog()
    }

    /// Each bidder's own line of the statement, in events of their own: one statement may speak of many thousand.
    private func drawLines(of id: Identifier) {
        do {
            while true {
                let drawn = try register.commit { [self] transaction in
                    let consultation = try self.consultation(id, in: transaction)
                    let waiting = try transaction.withoutLine(of: id, limit: 1000)
                    guard !waiting.isEmpty, let bytes = try transaction.closing(of: id), let digest = consultation.closed,
                        let statement = try Event(canonical: bytes).fact as? ClosingStated
                    else { return [] }
                    let verdicts = statement.verdicts
                    return waiting.compactMap { bid in
                        verdicts[bid].map { verdict in
                            EventDraft(
                                log: consultation.log,
                                fact: BidJudged(
                                    consultation: id, bid: bid, verdict: verdict,
                                    deadlineVersion: statement.deadline.version, statement: digest))
                        }
                    }
                }
                guard !drawn.isEmpty else { break }
            }
            closings.drawn(id)
        } catch {
            // Drawn again when the next is; else after the next start. Nobody waits for them to open.
            report("the bidders' lines of the closing statement of \(id) are not all drawn: \(error)")
            closings.drawn(id)
        }
    }

    private func close(_ id: Identifier) throws {
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            let head = try Checkpoint(transaction.signedHead(consultation.log))
            let day = consultation.deadline.closesAt.advanced(bySeconds: -86_400)
            let now = try clock.sound()
            let fact = try consultation.closing(
                bids: try transaction.bids(of: id), drafts: Int64(try transaction.openDrafts(of: id, depositor: nil)), attempts: try transaction.attempts(of: id),
                deadlines: try transaction.deadlines(of: id), outages: try transaction.outages(endingAfter: day, until: now),
                size: Int64(head.size), root: head.root, now: now)
            return [EventDraft(log: consultation.log, fact: fact)]
        }
    }

    func recordCounts(all: Bool) {
        let facts = refusals.take(all: all)
        guard !facts.isEmpty else { return }
        for start in stride(from: 0, to: facts.count, by: 64) {
            let batch = Array(facts[start..<min(start + 64, facts.count)])
            trace({ _ in batch.map { EventDraft(log: .real, fact: $0) } }) { [refusals] in refusals.giveBack(batch) }
        }
    }

    /// At the start: what was written and has no event goes to `lost+found`, and the log says so.
    ///
    /// The log first: a crash in between leaves a file that is said twice to have been set aside, never one that is gone
    /// without a word. With no room for the events all stays where it is, which harms nobody: no reader lists a folder.
    func setAsideUnknown() throws {
        let strays = try register.read { register in
            try envelopes.unknown { consultation, bid in
                guard let entry = try register.bid(bid), entry.consultation == consultation else { return nil }
                return entry.documents
            }
        }
        guard !strays.isEmpty else { return }
        do {
            for start in stride(from: 0, to: strays.count, by: 64) {
                let batch = strays[start..<min(start + 64, strays.count)].map(\.event)
                _ = try register.commit { _ in batch.map { EventDraft(log: .real, fact: $0) } }
            }
        } catch RegisterFailure.full {
            return report("\(strays.count) files that no event names stay until the next start: there is no room to say so")
        }
        let left = try envelopes.setAside(strays)
        // A name that is no text, a folder that is another's: no reason not to start, and perhaps miss a deadline.
        for (stray, error) in left { report("no event names it, and it cannot be moved aside: \(stray.path): \(error)") }
        let stayed = Set(left.map(\.stray.path))
        for stray in strays where !stayed.contains(stray.path) { report("moved aside, no event names it: \(stray.path) (\(stray.length) bytes)") }
    }
}
