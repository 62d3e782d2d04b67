import Canonical
import Linux
import Procurement
import Records

extension Vault {
    /// At the start: the files of drafts that are open no more. One that the register does not know is left, and reported: it may
    /// be older than a restored backup.
    func tidyDrafts() throws {
        for (consultation, bid) in try drafts.store.all() {
            switch try register.read({ try $0.draft(bid) })?.state {
            case .open: continue
            case .submitted, .dropped: removeDraft(bid, of: consultation)
            case nil: report("a draft that the register does not know stays where it is: \(consultation)/\(bid)")
            }
        }
    }

    /// Once a minute: gives back room that nobody uses, drops what expired.
    func tendDrafts() {
        drafts.releaseIdle()
        tendKeyNotices()
        guard let now = try? clock.sound() else { return }
        do {
            let (expired, due) = try register.read { register in
                var (expired, due): ([DraftEntry], [(DraftEntry, Log, NoticeDue.Kind)]) = ([], [])
                for draft in try register.openDrafts() {
                    guard let consultation = try register.consultation(draft.consultation) else { continue }
                    let closes = consultation.deadline.closesAt
                    if now >= closes.advanced(bySeconds: Self.draftSeconds) { expired.append(draft) }
                    // The later one says all that the earlier would. After an extension both are said again.
                    let warning = Self.warnings.first { now >= closes.advanced(bySeconds: -$0.seconds) && now < closes }
                    guard let (kind, seconds) = warning else { continue }
                    let from = closes.advanced(bySeconds: -seconds)
                    if try !register.wasNoticed(kind, of: draft.bid, since: from) { due.append((draft, consultation.log, kind)) }
                }
                return (expired, due)
            }
            for (draft, log, kind) in due {
                tend(draft) {
                    guard try isWhole(draft) else { return }
                    let notice = NoticeDue(account: draft.depositor, consultation: draft.consultation, bid: draft.bid, kind: kind)
                    _ = try register.commit(.trace) { _ in [EventDraft(log: log, fact: notice)] }
                }
            }
            for draft in expired {
                tend(draft) {
                    guard try !isWhole(draft), drafts.uploads(of: draft.bid).isEmpty else { return }
                    try drop(draft.bid, .expired)
                }
            }
        } catch {
            report("drafts could not be looked after: \(error)")
        }
    }

    /// One that cannot be read is none of the others' business.
    private func tend(_ draft: DraftEntry, _ body: () throws -> Void) {
        do {
            try drafts.holding(draft.bid, for: draft.depositor, body)
        } catch {
            report("a draft could not be looked after: \(draft.bid): \(error)")
        }
    }

    /// When the depositor of a complete draft is told that it is no bid yet: seconds before the deadline is over, the last first.
    private static let warnings: [(kind: NoticeDue.Kind, seconds: Int64)] = [(.draft15, 900), (.draft60, 3600)]

    /// How long an incomplete draft stays after the deadline.
    static let draftSeconds: Int64 = 86_400

    /// A complete draft stays, sealed and not counted: its bidder may still submit it, late. The draft is held.
    func isWhole(_ draft: DraftEntry) throws -> Bool {
        guard let folder = try drafts.store.folder(of: draft.bid, in: draft.consultation) else { return false }
        let summary = try drafts.summary(of: draft.bid, in: folder)
        guard !summary.lengths.isEmpty, draft.awaited.map({ Int64(summary.lengths.count) >= $0 }) ?? true else { return false }
        return try summary.lengths.keys.allSatisfy { number in
            try drafts.standing(of: Upload.Place(bid: draft.bid, number: number), in: folder)?.isComplete == true
        }
    }
}
