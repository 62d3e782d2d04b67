public import Canonical
import Linux
import OpenSSL
public import Procurement
import Records
import Sealing

/// What the head of a deposit asks for.
public struct DepositRequest: Sendable {
    public let consultation: Identifier
    public let name: String
    public let part: String?
    public let mediaType: String?
    /// nil where the body comes in chunks.
    public let length: Int64?
    public let bidCode: String?
    public let idempotencyKey: String?
    /// What it says of an earlier bid of the same depositor.
    public let intent: Intent
    public let attempt: Attempt

    public init(
        consultation: Identifier, name: String, part: String?, mediaType: String?, length: Int64?, bidCode: String?,
        idempotencyKey: String?, intent: Intent = .unstated, attempt: Attempt
    ) {
        self.consultation = consultation
        self.name = name
        self.part = part
        self.mediaType = mediaType
        self.length = length
        self.bidCode = bidCode
        self.idempotencyKey = idempotencyKey
        self.intent = intent
        self.attempt = attempt
    }
}

extension Vault {
    /// What a deposit turned out to be.
    public enum Arrival: Sendable {
        case deposit(Deposit)
        /// The same key was used before: the body is compared, never kept.
        case replay(Replay)
    }

    /// Asks the rules, before a byte of the body is read.
    ///
    /// - Parameters:
    ///   - token: the bearer token as it came; used where an answer is stored.
    ///   - resume: called, on any thread, when a paused deposit may go on.
    ///   - finished: called once, on any thread, with the receipt or with what went wrong; not after `abandon`.
    public func receive(
        _ request: DepositRequest, by principal: Principal, token: [UInt8], resume: @escaping @Sendable () -> Void,
        finished: @escaping @Sendable (Result<Receipt, any Error>) -> Void
    ) throws -> Arrival {
        try Permission.check(principal, may: .deposit)
        let (consultation, material, standing) = try register.read { [self] register in
            let consultation = try self.consultation(request.consultation, in: register)
            try consultation.checkDeposit(by: principal)
            return (
                consultation, try self.originalMaterial(of: consultation, in: register),
                try register.standing(of: principal.account, in: consultation.id)
            )
        }
        guard let keys = consultation.keys?.original else { throw Refusal(.notFound) }
        let limit = min(consultation.limits.document, consultation.limits.bid)
        if let length = request.length, length > limit {
            throw Refusal(.tooLarge, "A document may have \(consultation.limits.document) bytes.")
        }
        try FileName.check(request.name)
        let partName = try part(request.part, of: consultation)
        let bidCode = try request.bidCode.map { try BidCode($0) } ?? BidCode()
        var outcomeKey: OutcomeKey?
        var idempotency: Digest?
        if let key = request.idempotencyKey {
            guard (1...200).contains(key.utf8.count) else { throw Refusal(.invalid, "Idempotency-Key: 1 to 200 bytes.") }
            let secret = Secret(copying: token.span)
            let sealing = try OutcomeKey(token: secret)
            outcomeKey = sealing
            let digest = Digest(SHA256.hash(Array(key.utf8)))
            idempotency = digest
            if let replay = try replay(of: digest, request, principal: principal, part: partName, key: sealing, finished: finished) {
                return .replay(replay)
            }
        }
        try checkMirror()
        // After the stored outcomes: what was answered once is answered alike, however full it is now.
        try consultation.checkRoom(standing)
        let room = try envelopes.room()
        let reserved = request.length ?? reservations.most(limit, for: principal.account, room: room)
        try reservations.reserve(reserved, for: principal.account, room: room)
        do {
            let bid = request.attempt.number
            let start = Deposit.Start(
                attempt: request.attempt, consultation: consultation, keys: keys,
                principal: principal, part: try material.certificate(of: partName), name: request.name,
                mediaType: request.mediaType, bidCode: bidCode.digest, madeCode: bidCode.made,
                receiptKeys: (try bidCode.key(for: bid), try ReceiptKey(token: token, bid: bid)), reserved: reserved,
                hasRoomForLimit: reserved >= request.length ?? limit, intent: request.intent, idempotency: idempotency)
            return .deposit(
                try Deposit(start, outcomeKey: outcomeKey, vault: self, resume: resume, finished: finished))
        } catch {
            reservations.release(reserved, of: principal.account)
            throw error
        }
    }

    /// `offer` where nothing is asked and there is one, else the last in opening order.
    func part(_ asked: String?, of consultation: Consultation) throws(Refusal) -> String {
        if let asked {
            guard consultation.parts.contains(asked) else { throw Refusal(.invalid, "part: not one of the consultation's.") }
            return asked
        }
        return consultation.parts.contains("offer") ? "offer" : consultation.parts[consultation.parts.count - 1]
    }

    // MARK: Its end

    /// On a writer: the body was received whole. Seals the list, makes all durable, and hands the bid to the scribe.
    func commit(_ deposit: Deposit, document: SealedDocument, ticket: Pending.Ticket, firstByte: Instant, writer: EnvelopeWriter) {
        let start = deposit.start
        let receipted = Receipt.Document(
            part: start.part.part, name: start.name, length: document.length, sha256: document.sha256)
        let arrived = start.arrived(firstByte: firstByte, ticket: ticket)
        do {
            let envelope = try seal(deposit, document: document, writer: writer)
            let stored = try storedOutcome(deposit, documents: [receipted])
            let folder = try writer.finish(archive(envelope, of: arrived))
            try record(arrived, envelope, after: folder, stored: stored) { [self] outcome in
                reservations.release(start.reserved, of: start.principal.account)
                conclude(deposit, outcome, document: receipted, writer: writer)
            }
        } catch {
            pending.leave(ticket)
            writer.discard()
            attemptFailed(deposit, offset: document.length, cause: "storage")
            deposit.answer(.failure(error))
        }
    }

    private func seal(_ deposit: Deposit, document: SealedDocument, writer: EnvelopeWriter) throws -> SealedEnvelope {
        let start = deposit.start
        let files = try writer.endDocument()
        guard files.length == document.length else { throw VaultFailure.sealing }
        var builder = EnvelopeBuilder(
            consultation: start.consultation.id, bid: start.bid, keys: start.keys, sealedBy: .platform,
            depositor: start.principal.account)
        try builder.add(
            part: start.part,
            document: ManifestDocument(
                name: start.name, mediaType: start.mediaType, length: document.length, sha256: document.sha256),
            files: files)
        return try builder.finish()
    }

    /// On the scribe, after the commit: the answer.
    private func conclude(
        _ deposit: Deposit, _ outcome: Result<[CommittedEvent], any Error>, document: Receipt.Document, writer: EnvelopeWriter
    ) {
        switch outcome {
        case .success(let events):
            guard let event = events.first, let fact = event.fact as? BidReceived else {
                return deposit.answer(.failure(VaultFailure.register("a bid's event is missing")))
            }
            stamper.wake()
            deposit.answer(
                .success(
                    Receipt(
                        bid: fact, log: event.log, position: event.position, leaf: event.leaf,
                        documents: [document], bidCode: deposit.start.madeCode)))
        case .failure(let error):
            let cause = (error as? Refusal)?.kind.rawValue ?? "storage"
            discard(deposit, writer, error, cause: cause, length: document.length)
        }
    }

    /// Nothing was recorded, and the client is told so. The files go; never on the scribe's own time.
    private func discard(_ deposit: Deposit, _ writer: EnvelopeWriter, _ error: any Error, cause: String, length: Int64) {
        let isTaken = writers.submit { writer.discard() }
        if !isTaken { report("the files of a refused bid stay until the next start: \(deposit.start.bid)") }
        traceFailed(deposit.start.attempt, deposit.start.consultation, deposit.start.principal, offset: length, cause: cause)
        deposit.answer(.failure(error))
    }

    /// A deposit that began and ended in nothing.
    func attemptFailed(_ deposit: Deposit, offset: Int64, cause: String) {
        reservations.release(deposit.start.reserved, of: deposit.start.principal.account)
        traceFailed(deposit.start.attempt, deposit.start.consultation, deposit.start.principal, offset: offset, cause: cause)
    }

    private func storedOutcome(_ deposit: Deposit, documents: [Receipt.Document]) throws -> [UInt8]? {
        guard let key = deposit.outcomeKey, let idempotency = deposit.start.idempotency else { return nil }
        let place = Outcome.Place(
            account: deposit.start.principal.account, consultation: deposit.start.consultation.id, key: idempotency)
        return try Outcome(documents: documents).sealed(under: key, place: place)
    }
}
