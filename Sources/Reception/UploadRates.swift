public import Canonical
import Linux
public import Procurement
import Records
import Synchronization

/// How fast an account's bytes came of late: what an estimate of an upload's end rests on. In memory alone.
final class UploadRates: Sendable {
    private static let mostAccounts = 20_000
    /// Shorter bodies tell of latency, not of rate.
    static let leastBytes: Int64 = 64 << 10

    private let rates = Mutex<[Identifier: Int64]>([:])

    func note(_ bytes: Int64, milliseconds: Int64, of account: Identifier) {
        guard bytes >= Self.leastBytes else { return }
        let rate = bytes * 1000 / max(1, milliseconds)
        rates.withLock { rates in
            if rates.count >= Self.mostAccounts { rates.removeAll() }
            // The last three weigh about as much as all before them.
            rates[account] = rates[account].map { ($0 * 3 + rate) / 4 } ?? rate
        }
    }

    /// Bytes a second; nil where nothing was seen.
    func rate(of account: Identifier) -> Int64? { rates.withLock { $0[account] } }
}

/// When an upload would end at the rate that was seen.
public struct UploadEstimate: Sendable, Equatable {
    /// Bytes a second.
    public let rate: Int64
    public let ends: Instant
    public let deadline: Instant
    /// Its last byte would come after the deadline: a bid sealed on arrival and submitted then is late.
    public let isTooLate: Bool
}

extension Vault {
    /// Bytes of a probe, all told.
    public static let longestProbe: Int64 = 8 << 20

    /// For who measures.
    public static var monotonicMilliseconds: Int64 { Clocks.monotonicMilliseconds() }

    /// A probe's bytes were counted and thrown away: how long they took says how long a document will.
    public func noteProbe(_ bytes: Int64, milliseconds: Int64, by principal: Principal) -> Int64? {
        rates.note(bytes, milliseconds: milliseconds, of: principal.account)
        return rates.rate(of: principal.account)
    }

    /// - Returns: nil where nothing is known of the account's rate, or the consultation cannot be read by it.
    public func estimate(_ bytes: Int64, in id: Identifier, for principal: Principal) throws -> UploadEstimate? {
        guard let rate = rates.rate(of: principal.account), rate > 0 else { return nil }
        let consultation = try register.read { try self.consultation(id, in: $0) }
        guard consultation.isKnown(to: principal) else { throw Refusal(.notFound) }
        let ends = Instant(milliseconds: clock.now.milliseconds + bytes * 1000 / rate)
        return UploadEstimate(
            rate: rate, ends: ends, deadline: consultation.deadline.instant,
            isTooLate: consultation.deadline.verdict(received: ends) == .late)
    }

    /// What is left of a draft's document.
    public func estimate(_ state: UploadState, for principal: Principal) throws -> UploadEstimate? {
        guard let draft = try register.read({ try $0.draft(state.bid) }) else { return nil }
        return try estimate(state.length - state.offset, in: draft.consultation, for: principal)
    }

    /// - Throws: 429 beyond the account's share of requests.
    public func admit(_ principal: Principal) throws(Refusal) { try requestRate.take(for: principal.account) }
}
