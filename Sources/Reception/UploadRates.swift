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
        guard rates.rate(of: principal.account) != nil else { return nil }
        let consultation = try register.read { try self.consultation(id, in: $0) }
        guard consultation.isKnown(to: principal) else { throw Refusal(.notFound) }
        return estimate(bytes, until: consultation.deadline, for: principal)
    }

    private func estimate(_ bytes: Int64, until deadline: Deadline, for principal: Principal) -> UploadEstimate? {
        guard let rate = rates.rate(of: principal.account), rate > 0 else { return nil }
        let ends = Instant(milliseconds: clock.now.milliseconds + bytes * 1000 / rate)
        return UploadEstimate(
            rate: rate, ends: ends, deadline: deadline.instant, isTooLate: deadline.verdict(received: ends) == .late)
    }

    /// What is ahead of a document that is not complete: when it is dropped, 24 hours past the deadline, and when the rest of
    /// it will be here.
    ///
    /// - Returns: nil where its draft is not known.
    public func outlook(
        of state: UploadState, for principal: Principal
    ) throws -> (expires: Instant, estimate: UploadEstimate?)? {
        let deadline = try register.read { register in
            try register.draft(state.bid).flatMap { try register.consultation($0.consultation) }?.deadline
        }
        return deadline.map {
            (
                $0.closesAt.advanced(bySeconds: Vault.draftSeconds),
                estimate(state.length - state.offset, until: $0, for: principal)
            )
        }
    }

    /// - Throws: 429 beyond the account's share of requests.
    public func admit(_ principal: Principal) throws(Refusal) { try requestRate.take(for: principal.account) }
}
