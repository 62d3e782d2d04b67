public import Canonical
import Linux
import OpenSSL
public import Procurement
import Records
public import Sealing

extension Vault {
    /// The instant at which the last byte of a submission was read. Hold it until the bid is recorded or refused.
    public struct SubmissionTicket: Sendable {
        let ticket: Pending.Ticket
    }

    /// On the loop, where the last byte of a submission's, or of another act's request was read: fixes *received*, which the
    /// closing waits for.
    public func enterSubmission(of consultation: Identifier) -> SubmissionTicket {
        SubmissionTicket(ticket: pending.enter(consultation))
    }

    /// Nothing will come of it.
    public func leave(_ ticket: SubmissionTicket) { pending.leave(ticket.ticket) }

    /// The consultation of a draft that may be submitted by this principal, looked up before the body is read. Blocks.
    public func consultation(ofDraft bid: Identifier, for principal: Principal) throws -> Identifier {
        try Permission.check(principal, may: .deposit)
        guard let draft = try register.read({ try $0.draft(bid) }), draft.depositor == principal.account else {
            throw Refusal(.notFound)
        }
        return draft.consultation
    }

    /// What comes with the submission of a draft.
    public enum Submitted: Sendable {
        /// Of documents that were sealed as they came: who bids, where that is said.
        case plain(Candidate?)
        /// Of documents that came sealed: the bytes of a ``SubmittedEnvelope``.
        case sealed([UInt8])
    }

    /// Makes a bid of a draft. Blocks.
    ///
    /// Asked again for a bid that it made, it answers with the same receipt.
    ///
    /// - Parameter finished: called once, on any thread.
    public func submit(
        _ bid: Identifier, by principal: Principal, token: [UInt8], bidCode: String?, intent: Intent, _ submitted: Submitted,
        ticket: SubmissionTicket, finished: @escaping @Sendable (Result<Receipt, any Error>) -> Void
    ) {
        do {
            let (draft, _, code) = try knowing(bid, by: principal, bidCode: bidCode)
            if draft.state == .submitted {
                pending.leave(ticket.ticket)
                return finished(.success(try receipt(ofSubmitted: bid, intent: intent, code: code)))
            }
            try drafts.hold(bid, for: principal.account)
            submitHeld(
                draft, by: principal, token: token, code: code, intent: intent, submitted, ticket: ticket.ticket
            ) { [self] outcome in
                drafts.letGo(bid)
                finished(outcome)
            }
        } catch {
            pending.leave(ticket.ticket)
            finished(.failure(error))
        }
    }

    /// The last byte of a document of a draft that submits itself: where all are whole, that was the submission's. Blocks.
    func submitIfComplete(
        _ upload: Upload, _ state: UploadState, ticket: Pending.Ticket,
        finished: @escaping @Sendable (Result<UploadState, any Error>) -> Void
    ) {
        let start = upload.start
        var isHeld = false
        do {
            try drafts.hold(start.draft.bid, for: start.principal.account)
            isHeld = true
            guard let awaited = start.draft.awaited,
                try drafts.summary(of: start.draft.bid, in: folder(of: start.draft)).lengths.count == awaited,
                try isWhole(start.draft)
            else {
                drafts.letGo(start.draft.bid)
                pending.leave(ticket)
                return finished(.success(state))
            }
        } catch {
            if isHeld { drafts.letGo(start.draft.bid) }
            pending.leave(ticket)
            // The document is whole and on the disk: that is what this request asked.
            report("draft \(start.draft.bid) could not submit itself: \(error)")
            return finished(.success(state))
        }
        submitHeld(
            start.draft, by: start.principal, token: start.token, code: start.code, intent: start.draft.intent, .plain(nil),
            ticket: ticket
        ) { [self] outcome in
            drafts.letGo(start.draft.bid)
            var state = state
            switch outcome {
            case .success: state.isSubmitted = true
            case .failure(let error): report("draft \(start.draft.bid) could not submit itself: \(error)")
            }
            finished(.success(state))
        }
    }

    private func folder(of draft: DraftEntry) throws -> DurableFolder {
        guard let folder = try drafts.store.folder(of: draft.bid, in: draft.consultation) else {
            throw VaultFailure.draft("the folder of a draft is missing")
        }
        return folder
    }

    /// The draft is held until `finished` is called.
    private func submitHeld(
        _ known: DraftEntry, by principal: Principal, token: [UInt8], code: BidCode, intent: Intent, _ submitted: Submitted,
        ticket: Pending.Ticket, finished: @escaping @Sendable (Result<Receipt, any Error>) -> Void
    ) {
        let (bid, id) = (known.bid, known.consultation)
        do {
            let (draft, consultation, material) = try register.read { [self] register in
                let consultation = try self.consultation(id, in: register)
                guard let draft = try register.draft(bid) else { throw Refusal(.notFound) }
                if draft.state == .open { try consultation.checkChange(of: draft, by: principal, code: code.digest) }
                return (draft, consultation, try self.material(draft.keys, of: id, in: register))
            }
            guard draft.state == .open else {
                pending.leave(ticket)
                // Another request was first.
                guard draft.state == .submitted else { throw Refusal(.gone, "This draft was \(draft.state.rawValue).") }
                return finished(.success(try receipt(ofSubmitted: bid, intent: intent, code: code)))
            }
            let made = try envelope(of: draft, in: consultation, material, code: code, submitted)
            let arrived = Arrived(
                consultation: consultation, keys: draft.keys, principal: principal, bid: bid, intent: intent, sealedBy: draft.sealedBy,
                bidCode: code.digest, receiptKeys: (try code.key(for: bid), try ReceiptKey(token: token, bid: bid)),
                started: draft.started, firstByte: made.firstByte ?? draft.started, ticket: ticket,
                documents: made.numbers.count, idempotency: nil)
            let links = DraftLinks(envelopes, bid: bid, consultation: id)
            do {
                try links.link(made.numbers, from: made.folder)
                let folder = try links.finish(archive(made.envelope, of: arrived))
                try record(arrived, made.envelope, after: folder) { [self] outcome in
                    switch outcome {
                    case .success(let events):
                        guard let event = events.first, let fact = event.fact as? BidReceived else {
                            return finished(.failure(VaultFailure.register("a bid's event is missing")))
                        }
                        stamper.wake()
                        // Never on the scribe's own time; if no writer can be had, at the next start.
                        _ = writers.submit { self.removeDraft(bid, of: id) }
                        finished(
                            .success(
                                Receipt(
                                    bid: fact, log: event.log, position: event.position, leaf: event.leaf,
                                    documents: made.documents, contents: made.contents, bidCode: nil)))
                    case .failure(let error):
                        // Before the draft is let go: the names of the next try are the same.
                        let isTaken = writers.submit {
                            links.undo()
                            finished(.failure(error))
                        }
                        guard !isTaken else { return }
                        links.undo()
                        finished(.failure(error))
                    }
                }
            } catch {
                links.undo()
                throw error
            }
        } catch {
            pending.leave(ticket)
            finished(.failure(error))
        }
    }

    /// A draft's envelope, and what its receipt says of it.
    struct MadeEnvelope: Sendable {
        let envelope: SealedEnvelope
        let folder: DurableFolder
        /// Of its documents in the draft, in the envelope's order.
        let numbers: [Int]
        let documents: [Receipt.Document]
        let firstByte: Instant?

        /// What is said of a bid whose documents cannot be listed.
        var contents: [Seal.Part] { envelope.seal.sealedBy == .bidder ? envelope.seal.parts : [] }
    }

    private func envelope(
        of draft: DraftEntry, in consultation: Consultation, _ material: KeyMaterial, code: BidCode, _ submitted: Submitted
    ) throws -> MadeEnvelope {
        switch (submitted, draft.sealedBy) {
        case (.plain(let candidate), .platform): try listed(draft, material, code: code, candidate)
        case (.sealed(let archive), .bidder): try sealed(draft, in: consultation, material, archive)
        case (.plain, .bidder):
            throw Refusal(.unsupported, "Content-Type: application/zip, the envelope of a bid that its bidder sealed.")
        case (.sealed, .platform): throw Refusal(.unsupported, "Content-Type: application/json; the documents of this draft are sealed here.")
        }
    }

    /// The receipt of a bid that a draft became, from what is recorded.
    private func receipt(ofSubmitted bid: Identifier, intent: Intent, code: BidCode) throws -> Receipt {
        try register.read { register in
            guard let entry = try register.bid(bid), let kept = try register.keptReceipt(of: bid),
                let consultation = try register.consultation(entry.consultation),
                let bytes = try register.event(consultation.log, at: entry.position),
                let fact = try Event(canonical: bytes).fact as? BidReceived, let sealed = try register.object(kept.manifests)
            else { throw VaultFailure.register("a submitted bid is missing") }
            guard entry.intent == intent else {
                throw Refusal(.idempotency, "It was submitted with another intent: \(entry.intent.rawValue).")
            }
            let lists = try KeptLists.opening(sealed, under: code.key(for: bid), place: KeptLists.Place(fact))
            let documents = try lists.manifests.flatMap { bytes in
                let manifest = try Manifest(canonical: bytes)
                return manifest.documents.map {
                    Receipt.Document(part: manifest.part, name: $0.name, length: $0.length, sha256: $0.sha256)
                }
            }
            let parts = fact.sealedBy == .bidder ? try Seal(canonical: sealBytes(of: fact)).parts : []
            return Receipt(
                bid: fact, log: consultation.log, position: entry.position, leaf: entry.leaf, documents: documents,
                contents: parts, bidCode: nil)
        }
    }
}
