import Canonical
import Linux
import OpenSSL
public import Procurement
import Sealing

/// One bid on its way in.
///
/// Two hands hold it: the event loop that owns the connection gives it plaintext, which is hashed and sealed there and
/// then; a writer thread takes the ciphertext to the disk, in order. Between them at most ``queueLimit`` bytes wait; past
/// that the loop is told to pause. Plaintext never leaves ``receive(_:)``.
public final class Deposit: @unchecked Sendable {
    public enum Flow: Sendable {
        case proceed
        /// Stop reading until `resume` is called.
        case pause
        /// It has failed, and the answer was or will be given.
        case stop
    }

    /// What is known when the head was read and the rules were asked.
    struct Start: Sendable {
        let attempt: Attempt
        var bid: Identifier { attempt.number }
        let consultation: Consultation
        /// Of the set first made, to which it is sealed.
        let keys: Digest
        let principal: Principal
        let part: PartCertificate
        let name: String
        let mediaType: String?
        var started: Instant { attempt.started }
        /// Digest of the bid code.
        let bidCode: Digest
        /// The code itself, where it was made here and is to be returned.
        let madeCode: String?
        /// Under which the receipt's lists are kept: the bid code's, the bearer token's.
        let receiptKeys: (code: ReceiptKey, token: ReceiptKey)
        /// The most bytes that the body may have.
        let reserved: Int64
        /// Whether that is what the consultation allows, or what was announced; else it is all the room there was.
        let hasRoomForLimit: Bool
        let intent: Intent
        /// SHA-256 of the idempotency key.
        let idempotency: Digest?

        func arrived(firstByte: Instant, ticket: Pending.Ticket) -> Arrived {
            Arrived(
                consultation: consultation, keys: keys, principal: principal, bid: bid, intent: intent, sealedBy: .platform,
                bidCode: bidCode, receiptKeys: receiptKeys, started: started, firstByte: firstByte, ticket: ticket,
                documents: 1, idempotency: idempotency)
        }
    }

    enum Work {
        case piece(SealedPiece)
        case end(SealedDocument, Pending.Ticket)
        case abandon(cause: String)
    }

    static let queueLimit = 1 << 20

    let start: Start
    /// nil where no answer is to be stored.
    let outcomeKey: OutcomeKey?
    private let vault: Vault
    private let resume: @Sendable () -> Void
    private let line = WriterLine<Work>(limit: Deposit.queueLimit, size: \.count) { if case .piece = $0 { false } else { true } }

    // Owned by the loop.
    private var sealer: DocumentSealer?
    private var firstByte: Instant?

    // Owned by the writer that runs the line.
    private let writer: EnvelopeWriter
    private var written: Int64 = 0
    private let finished: @Sendable (Result<Receipt, any Error>) -> Void

    init(
        _ start: Start, outcomeKey: OutcomeKey?, vault: Vault, resume: @escaping @Sendable () -> Void,
        finished: @escaping @Sendable (Result<Receipt, any Error>) -> Void
    ) throws {
        self.start = start
        self.outcomeKey = outcomeKey
        self.vault = vault
        self.resume = resume
        self.finished = finished
        writer = EnvelopeWriter(store: vault.envelopes, consultation: start.consultation.id, bid: start.bid)
        sealer = DocumentSealer(to: start.part)
    }

    public var limit: Int64 { start.reserved }

    /// What is said of a body that goes on beyond ``limit``.
    public var beyond: Refusal {
        start.hasRoomForLimit
            ? Refusal(.tooLarge, "At most \(limit) bytes.")
            : Refusal(.storage, "There was room for \(limit) bytes of an upload whose length was not announced.")
    }

    // MARK: On the loop

    public func receive(_ bytes: Span<UInt8>) -> Flow {
        guard sealer != nil else { return .stop }
        if firstByte == nil { firstByte = vault.clock.now }
        var pieces: [Work] = []
        do {
            try sealer?.seal(bytes) { pieces.append(.piece($0)) }
        } catch {
            // The segment and its key are gone with the sealer; nothing is ever rewound.
            sealer = nil
            add([.abandon(cause: "sealing")])
            return .stop
        }
        return add(pieces)
    }

    /// The last byte was read: fixes *received*.
    public func finish() {
        guard let sealer = sealer.take() else { return }
        let ticket = vault.pending.enter(start.consultation.id)
        if firstByte == nil { firstByte = ticket.received }
        var pieces: [Work] = []
        do {
            let document = try sealer.finish { pieces.append(.piece($0)) }
            pieces.append(.end(document, ticket))
        } catch {
            vault.pending.leave(ticket)
            pieces = [.abandon(cause: "sealing")]
        }
        _ = add(pieces)
    }

    /// The body ended before its end.
    public func abandon(_ cause: String) {
        guard sealer.take() != nil else { return }
        _ = add([.abandon(cause: cause)])
    }

    @discardableResult
    private func add(_ pieces: [Work]) -> Flow {
        switch line.add(pieces, to: vault.writers, run: { self.run() }) {
        case .proceed: return .proceed
        case .pause: return .pause
        case .stop: return .stop
        case .dropped(let work, let wasBroken):
            // The queue holds one entry for each upload, and is as long as uploads may be many. A closing waits for every
            // ticket.
            for case .end(_, let ticket) in work { vault.pending.leave(ticket) }
            // What had failed was answered, and its room given back, by then.
            guard !wasBroken else { return .stop }
            vault.attemptFailed(self, offset: 0, cause: "busy")
            answer(.failure(Refusal(.busy)))
            return .stop
        }
    }

    // MARK: On a writer

    private func run() { line.run(carryOut, resume: resume) }

    private func carryOut(_ item: Work) {
        let isBroken = line.isBroken
        switch item {
        case .piece(let piece):
            guard !isBroken else { return }
            do {
                try writer.append(piece)
                written += Int64(item.count)
            } catch {
                fail(error)
            }
        case .end(let document, let ticket):
            guard !isBroken else {
                vault.pending.leave(ticket)
                return
            }
            vault.commit(
                self, document: document, ticket: ticket, firstByte: firstByte ?? ticket.received, writer: writer)
        case .abandon(let cause):
            guard !isBroken else { return }
            writer.discard()
            vault.attemptFailed(self, offset: written, cause: cause)
            if cause == "sealing" { answer(.failure(VaultFailure.sealing)) }
        }
    }

    func answer(_ result: Result<Receipt, any Error>) {
        finished(result)
    }

    private func fail(_ error: any Error) {
        line.breakOff()
        writer.discard()
        vault.attemptFailed(self, offset: written, cause: "storage")
        answer(.failure(error))
    }
}

extension Deposit.Work {
    /// Bytes of the disk to come.
    var count: Int {
        if case .piece(.ciphertext(let bytes)) = self { bytes.count } else { 0 }
    }
}
