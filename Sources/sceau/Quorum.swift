import Canonical
import Evidence
import Linux
import Sealing

/// The keys that an opening gave back, and who had approved.
struct Release {
    let keys: [PartKeyBox]
    /// In the order of their numbers.
    let members: [OpeningMinutes.Member]
    /// Shares and approvals that were not what they should be.
    let wrong: [OpeningMinutes.WrongShare]
}

/// A part's key cannot be copied; this lets a list hold it.
final class PartKeyBox: Sendable {
    let key: PartKey
    init(_ key: consuming PartKey) { self.key = key }
}

/// Waits for the other members, says who has come, and rebuilds the keys as soon as that is possible.
///
/// A wrong share names its member and is made good by one more approval: nobody can block alone.
struct Quorum {
    let invocation: Invocation
    private let daemon: Daemon
    let dossier: Dossier
    let opening: Opening
    /// On the monotonic clock.
    private let end: Int64

    init(_ invocation: Invocation, _ daemon: Daemon, _ dossier: Dossier, _ opening: Opening, until end: Int64) {
        self.invocation = invocation
        self.daemon = daemon
        self.dossier = dossier
        self.opening = opening
        self.end = end
    }

    func await(_ session: borrowing OpeningSession) throws(CommandError) -> Release {
        try waited { (view) throws(CommandError) in try release(view, session) }
    }

    /// Tries what the daemon gives out whenever another member has approved, until it is enough.
    ///
    /// - Parameter attempt: nil where good shares are missing still.
    func waited<Result>(_ attempt: (ReleaseView) throws(CommandError) -> Result?) throws(CommandError) -> Result {
        var announced: Set<Int> = [opening.announcer]
        var tried = 0
        var hasStumbled = false
        while true {
            do {
                let approvals = try approvals()
                for number in approvals where announced.insert(number).inserted {
                    let missing = max(0, dossier.committee.k - announced.count)
                    invocation.terminal.note(
                        "approved by member \(dossier.member(number))"
                            + (missing > 0 ? "; waiting for \(missing) more" : ""))
                }
                if approvals.count >= dossier.committee.k, approvals.count > tried {
                    let view: ReleaseView = try daemon.get([
                        "consultations", dossier.id.text, "openings", opening.opening.text, "release",
                    ])
                    if let result = try attempt(view) { return result }
                    // Only now: a release that was not answered is asked for again.
                    tried = approvals.count
                }
                hasStumbled = false
            } catch {
                // The session would be lost with this process: what may pass is waited for.
                guard error.outcome == .failed || error.problem == "quorum" else { throw error }
                if !hasStumbled { invocation.terminal.note("\(error.message); still waiting") }
                hasStumbled = true
            }
            guard Clocks.monotonicMilliseconds() < end else { break }
            Pause.milliseconds(1000)
        }
        throw CommandError(
            "the quorum was not reached in time: \(announced.count) of \(dossier.committee.k) members have approved",
            hint: "announce again, with a longer --wait; the others then approve again. Where shares are lost: "
                + ShareRenew.tooFew(dossier))
    }

    private func approvals() throws(CommandError) -> [Int] {
        let view: OpeningsView = try daemon.get(["consultations", dossier.id.text, "openings"])
        guard let own = view.openings.first(where: { $0.opening == opening.opening }) else {
            throw .refused("the daemon no longer knows this opening")
        }
        return own.approvals
    }

    /// Nil where good shares are missing still; what is wrong was named.
    private func release(
        _ view: ReleaseView, _ session: borrowing OpeningSession
    ) throws(CommandError) -> Release? {
        let (good, refused) = verified(view.approvals)
        var keys: [PartKeyBox] = []
        var wrong: Set<WrongShare> = []
        for part in opening.parts {
            guard let capsule = dossier.committee.capsule(part),
                let secret = view.parts.first(where: { $0.part == part })
            else {
                throw .refused("the daemon releases nothing for part '\(part)'")
            }
            let shares = good.compactMap { approval in
                approval.shares.first { $0.part == part }
                    .map { OpeningSession.ReceivedShare(number: approval.approval.number, share: $0.share) }
            }
            do {
                let key = try session.partKey(capsule, shares: shares, secret: secret.secret.bytes)
                wrong.formUnion(key.wrongShares)
                keys.append(PartKeyBox(key))
            } catch {
                guard error.code == .share || error.code == .quorum else { throw .refused(error.text) }
                invocation.terminal.warn("\(error.text); waiting for another member")
                return nil
            }
        }
        for share in wrong { invocation.terminal.warn("\(share); it was not needed") }
        let shares = wrong.map { OpeningMinutes.WrongShare(number: $0.number, reason: $0.reason) }
        return Release(
            keys: keys,
            members: good.map { entry in
                OpeningMinutes.Member(
                    number: entry.approval.number,
                    name: dossier.committee.members.first { $0.number == entry.approval.number }?.name ?? "",
                    at: entry.approval.at, approval: entry.digest,
                    isPaper: dossier.isPaper(entry.approval.number))
            }, wrong: (shares + refused).sorted { ($0.number, $0.reason) < ($1.number, $1.reason) })
    }

    typealias Verified = (approval: Approval, shares: [PartShare], digest: Digest)

    /// The approvals that hold, each member's once, and those that do not.
    func verified(
        _ views: [ReleaseView.ApprovalView]
    ) -> (good: [Verified], refused: [OpeningMinutes.WrongShare]) {
        var good: [Verified] = []
        var refused: [OpeningMinutes.WrongShare] = []
        for view in views {
            do {
                let shares = view.shares.map { PartShare(part: $0.part, share: $0.share.bytes) }
                let approval = try dossier.committee.approval(
                    Signed(canonical: view.signed.bytes), shares: shares, opening: opening, digest: opening.digest)
                // A re-share opens nothing, and waits for no deadline.
                guard opening.purpose == .reshare || approval.at >= OwnClock.closing(of: opening.deadline) else {
                    throw CommandError("by that member's clock the deadline had not passed")
                }
                guard !good.contains(where: { $0.approval.number == approval.number }) else { continue }
                good.append((approval, shares, Digest(of: view.signed.bytes)))
            } catch {
                let reason = (error as? CommandError)?.message ?? "\(error)"
                invocation.terminal.warn(
                    "the approval of member \(dossier.member(view.number)) does not hold: \(reason)")
                if (1...255).contains(view.number) {
                    refused.append(.init(number: view.number, reason: String(reason.prefix(500))))
                }
            }
        }
        return (good.sorted { $0.approval.number < $1.approval.number }, refused)
    }
}
