import Canonical
import Procurement
import Records
import Sealing

/// A bid whose last byte was read: all that its envelope's archive, its lists and its event say of it beside the documents.
struct Arrived: Sendable {
    let consultation: Consultation
    /// Of the set first made, to which it is sealed.
    let keys: Digest
    let principal: Principal
    let bid: Identifier
    let intent: Intent
    let sealedBy: SealedBy
    /// Digest of the bid code.
    let bidCode: Digest
    /// Under which the receipt's lists are kept: the bid code's, the bearer token's.
    let receiptKeys: (code: ReceiptKey, token: ReceiptKey)
    let started: Instant
    let firstByte: Instant
    let ticket: Pending.Ticket
    let documents: Int
    /// SHA-256 of the idempotency key.
    let idempotency: Digest?
}

extension Vault {
    /// Hands a sealed bid to the scribe, once all its files are written and synced.
    ///
    /// - Parameters:
    ///   - folder: where they lie; the scribe syncs it before the commit.
    ///   - stored: the answer to keep under the idempotency key.
    ///   - completion: on the scribe's thread, after the commit.
    func record(
        _ arrived: Arrived, _ envelope: SealedEnvelope, after folder: FolderSync, stored: [UInt8]? = nil,
        completion: @escaping @Sendable (Result<[CommittedEvent], any Error>) -> Void
    ) throws {
        let kept = try keptLists(arrived, envelope)
        // Before it is recorded, so that its verdict finds it.
        if arrived.ticket.clock == .unsound { awaited.note(arrived.bid, raw: arrived.ticket.raw) }
        register.submit(after: [folder]) { [self] transaction in
            let consultation = try consultation(arrived.consultation.id, in: transaction)
            let fact = try decide(arrived, in: consultation, seal: envelope.seal.digest, stored: stored, transaction)
            let receipt = ReceiptKept(
                bid: arrived.bid, manifests: try transaction.keep(kept.code), tokenManifests: try transaction.keep(kept.token))
            let log = consultation.log
            var drafts = [EventDraft(log: log, fact: fact), EventDraft(log: log, fact: receipt)]
            // Keys were added while it arrived: its bidder is told, unless it was of its draft.
            if consultation.keys?.original != fact.keys,
                try !transaction.wasNoticed(.keysAdded, of: fact.bid, since: fact.submission.started)
            {
                let notice = NoticeDue(account: fact.depositor, consultation: fact.consultation, bid: fact.bid, kind: .keysAdded)
                drafts.append(EventDraft(log: log, fact: notice))
            }
            if fact.intent == .replaces, fact.verdict == .onTime, let previous = fact.previous {
                let notice = NoticeDue(account: fact.depositor, consultation: fact.consultation, bid: previous, kind: .replaced)
                drafts.append(EventDraft(log: log, fact: notice))
            }
            return drafts
        } completion: { [self] outcome in
            pending.leave(arrived.ticket)
            if case .failure = outcome { awaited.forget([arrived.bid]) }
            completion(outcome)
        }
    }

    /// `<bid>.seal`, which says how the bid was received, should its event never be written.
    func archive(_ envelope: SealedEnvelope, of arrived: Arrived) -> [UInt8] {
        let deadline = arrived.consultation.deadline
        return envelope.archived(
            with: Received(
                consultation: arrived.consultation.id, bid: arrived.bid, depositor: arrived.principal.account,
                user: arrived.principal.user, seal: envelope.seal.digest, intent: arrived.intent.rawValue,
                bidCodeHash: arrived.bidCode, deadline: deadline.instant, deadlineVersion: Int64(deadline.version),
                started: arrived.started, firstByte: arrived.firstByte, received: arrived.ticket.received,
                clock: arrived.ticket.clock.rawValue))
    }

    /// The lists of the documents, for the receipt: under the bid code, and under the token, so that a lost answer loses
    /// nothing.
    private func keptLists(_ arrived: Arrived, _ envelope: SealedEnvelope) throws -> (code: [UInt8], token: [UInt8]) {
        let place = KeptLists.Place(
            bid: arrived.bid, consultation: arrived.consultation.id, keys: arrived.keys, seal: envelope.seal.digest)
        let lists = KeptLists(manifests: envelope.contents)
        return (
            try lists.sealed(under: arrived.receiptKeys.code, place: place),
            try lists.sealed(under: arrived.receiptKeys.token, place: place)
        )
    }

    /// In the scribe: the rules again, on the register as it is now.
    private func decide(
        _ arrived: Arrived, in consultation: Consultation, seal: Digest, stored: [UInt8]?, _ transaction: Transaction
    ) throws -> BidReceived {
        var outcome: BidReceived.Outcome?
        if let key = arrived.idempotency, let stored {
            guard try transaction.outcome(account: arrived.principal.account, consultation: consultation.id, key: key) == nil
            else { throw Refusal(.idempotency, "The same request was answered while this one arrived; repeat it.") }
            outcome = BidReceived.Outcome(key: key, answer: try transaction.keep(stored))
        }
        let submission = Submission(
            bid: arrived.bid, seal: seal, keys: arrived.keys, sealedBy: arrived.sealedBy, intent: arrived.intent,
            documents: arrived.documents, started: arrived.started, firstByte: arrived.firstByte,
            received: arrived.ticket.received, bidCode: arrived.bidCode, outcome: outcome)
        return try consultation.receiving(
            submission, by: arrived.principal,
            previous: transaction.lastBid(of: arrived.principal.account, in: consultation.id),
            instance: platform.instance, clock: arrived.ticket.clock, recorded: transaction.at)
    }
}
