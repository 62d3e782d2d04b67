import Canonical
import OpenSSL
import Procurement
import Records

/// The same request again, under an idempotency key that has its outcome: the body is hashed and compared, and nothing is
/// kept. The same bytes get the same receipt (without the bid code); others get 422.
public final class Replay: @unchecked Sendable {
    // Owned by the loop that receives.
    private var hash: SHA256?
    private var length: Int64 = 0

    private let document: Receipt.Document
    private let receipt: Receipt
    private let finished: @Sendable (Result<Receipt, any Error>) -> Void

    init(
        receipt: Receipt, document: Receipt.Document, finished: @escaping @Sendable (Result<Receipt, any Error>) -> Void
    ) throws {
        hash = try SHA256()
        self.receipt = receipt
        self.document = document
        self.finished = finished
    }

    /// A body longer than the one that was sent is refused where it becomes so.
    public func receive(_ bytes: Span<UInt8>) -> Deposit.Flow {
        length += Int64(bytes.count)
        guard length <= document.length else {
            hash = nil
            finished(.failure(Replay.refusal))
            return .stop
        }
        hash?.update(bytes)
        return .proceed
    }

    public func finish() {
        guard let hash = hash.take() else { return }
        let digest = Digest(hash.finish())
        let isSame = length == document.length && digest == document.sha256
        finished(isSame ? .success(receipt) : .failure(Replay.refusal))
    }

    static let refusal = Refusal(.idempotency, "The body is not the one that was sent under this key.")
}

extension Vault {
    /// nil where this key has no outcome yet.
    func replay(
        of key: Digest, _ request: DepositRequest, principal: Principal, part: String, key outcomeKey: OutcomeKey,
        finished: @escaping @Sendable (Result<Receipt, any Error>) -> Void
    ) throws -> Replay? {
        let place = Outcome.Place(account: principal.account, consultation: request.consultation, key: key)
        let found = try register.read { [self] register -> (BidEntry, [UInt8], [UInt8])? in
            guard
                let (bid, outcome) = try register.outcome(
                    account: place.account, consultation: place.consultation, key: key)
            else { return nil }
            let consultation = try self.consultation(request.consultation, in: register)
            guard let entry = try register.bid(bid), let answer = try register.object(outcome.answer),
                let event = try register.event(consultation.log, at: entry.position)
            else { throw VaultFailure.register("a stored outcome is missing") }
            return (entry, answer, event)
        }
        guard let (entry, answer, bytes) = found else { return nil }
        guard let outcome = try? Outcome.opening(answer, under: outcomeKey, place: place) else {
            throw Refusal(.idempotency, "This key was used under another token of the account.")
        }
        let event = try Event(canonical: bytes)
        guard let fact = event.fact as? BidReceived, let document = outcome.documents.first else {
            throw VaultFailure.register("a stored outcome does not read")
        }
        guard document.name == request.name, document.part == part, request.length.map({ $0 == document.length }) ?? true
        else { throw Replay.refusal }
        let receipt = Receipt(
            bid: fact, log: event.log, position: entry.position, leaf: entry.leaf, documents: outcome.documents,
            bidCode: nil)
        return try Replay(receipt: receipt, document: document, finished: finished)
    }
}
