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

    /// On the loop, where the last byte of a submission's request was read: fixes *received*.
    ///
    /// - Returns: nil where there is no such draft: nothing that could be in time.
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

    /// Makes a bid of a draft. Blocks.
    ///
    /// Asked again for a bid that it made, it answers with the same receipt.
    ///
    /// - Parameters:
    ///   - candidate: who bids, where the draft says so.
    ///   - finished: called once, on any thread.
    public func submit(
        _ bid: Identifier, by principal: Principal, token: [UInt8], bidCode: String?, intent: Intent, candidate: Candidate?,
        ticket: SubmissionTicket, finished: @escaping @Sendable (Result<Receipt, any Error>) -> Void
    ) {
        do {
            let (draft, _, code) = try knowing(bid, by: principal, bidCode: bidCode)
            if draft.state == .submitted {
                pending.leave(ticket.ticket)
                return finished(.success(try receipt(ofSubmitted: bid, intent: intent, code: code)))
            }
            try drafts.hold(bid)
            submitHeld(
                draft, by: principal, token: token, code: code, intent: intent, candidate: candidate, ticket: ticket.ticket
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
            try drafts.hold(start.draft.bid)
            isHeld = true
            guard try isWhole(start.draft), let awaited = start.draft.awaited,
                try drafts.summary(of: start.draft.bid, in: folder(of: start.draft)).lengths.count == awaited
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
            start.draft, by: start.principal, token: start.token, code: start.code, intent: start.draft.intent, candidate: nil,
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
        _ known: DraftEntry, by principal: Principal, token: [UInt8], code: BidCode, intent: Intent, candidate: Candidate?,
        ticket: Pending.Ticket, finished: @escaping @Sendable (Result<Receipt, any Error>) -> Void
    ) {
        let (bid, id) = (known.bid, known.consultation)
        do {
            let (draft, consultation, material) = try register.read { [self] register in
                let consultation = try self.consultation(id, in: register)
                guard let draft = try register.draft(bid) else { throw Refusal(.notFound) }
                if draft.state == .open { try consultation.checkChange(of: draft, by: principal, code: code.digest) }
                return (draft, consultation, try self.material(of: consultation, in: register))
            }
            guard draft.state == .open, let keys = consultation.keys else {
                pending.leave(ticket)
                // Another request was first.
                guard draft.state == .submitted else { throw Refusal(.gone, "This draft was \(draft.state.rawValue).") }
                return finished(.success(try receipt(ofSubmitted: bid, intent: intent, code: code)))
            }
            let gathered = try gather(draft, code: code)
            var builder = EnvelopeBuilder(
                consultation: id, bid: bid, keys: keys.fingerprint, sealedBy: .platform, depositor: draft.depositor,
                candidate: candidate)
            for document in gathered.documents {
                try builder.add(
                    part: try material.certificate(of: document.part), document: document.listed, files: document.files)
            }
            let envelope = try builder.finish()
            let arrived = Arrived(
                consultation: consultation, keys: keys, principal: principal, bid: bid, intent: intent, sealedBy: .platform,
                bidCode: code.digest, receiptKeys: (try code.key(for: bid), try ReceiptKey(token: token, bid: bid)),
                started: draft.started, firstByte: gathered.firstByte ?? draft.started, ticket: ticket,
                documents: gathered.documents.count, idempotency: nil)
            let links = DraftLinks(envelopes, bid: bid, consultation: id)
            do {
                try links.link(gathered.documents.map(\.number), from: gathered.folder)
                let folder = try links.finish(archive(envelope, of: arrived))
                try record(arrived, envelope, after: folder) { [self] outcome in
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
                                    documents: gathered.documents.map(\.receipted), bidCode: nil)))
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

    /// One document, whole, as envelope, list and receipt need it.
    private struct WholeDocument: Sendable {
        let number: Int
        let part: String
        let listed: ManifestDocument
        let files: DocumentFiles

        var receipted: Receipt.Document {
            Receipt.Document(part: part, name: listed.name, length: listed.length, sha256: listed.sha256)
        }
    }

    private struct Gathered {
        let folder: DurableFolder
        let documents: [WholeDocument]
        let firstByte: Instant?
    }

    /// Everything of a draft, read from its journals.
    ///
    /// - Throws: 409 naming the documents that are not whole, by number.
    private func gather(_ draft: DraftEntry, code: BidCode) throws -> Gathered {
        guard let folder = try drafts.store.folder(of: draft.bid, in: draft.consultation) else {
            throw Refusal(.incomplete, "The bid has no document.")
        }
        let key = try code.draftKey(for: draft)
        var open: [DraftDocument] = []
        for number in try drafts.summary(of: draft.bid, in: folder).lengths.keys.sorted() {
            let place = Upload.Place(bid: draft.bid, number: number)
            try drafts.takeOver(place)
            guard let document = try drafts.open(place, in: folder) else {
                throw VaultFailure.draft("a document of a draft is missing")
            }
            open.append(document)
        }
        guard !open.isEmpty else { throw Refusal(.incomplete, "The bid has no document.") }
        let lacking = open.filter { !$0.isComplete }.map(\.line.number)
        guard lacking.isEmpty else {
            let listed = lacking.prefix(20).map(String.init).joined(separator: ", ") + (lacking.count > 20 ? " …" : "")
            throw Refusal(.incomplete, "Not wholly received: document \(listed).")
        }
        // Places in a part's own list, which is what `signatureOf` means in a manifest.
        var places: [Int: (part: String, place: Int)] = [:]
        var counts: [String: Int] = [:]
        for document in open {
            counts[document.line.part, default: 0] += 1
            places[document.line.number] = (document.line.part, counts[document.line.part] ?? 0)
        }
        let documents = try open.map { document in
            guard let journal = try DraftJournal(document.line.number, in: folder), let last = journal.segments.last,
                last.end == document.line.length
            else {
                throw VaultFailure.draft("the journal of a document ends before it does")
            }
            let detail = try document.standing.detail(under: key)
            let signed = detail.signatureOf.flatMap { places[$0] }
            guard detail.signatureOf == nil || signed?.part == document.line.part else {
                throw Refusal(.incomplete, "Document \(document.line.number) signs one that is not in its part.")
            }
            return WholeDocument(
                number: document.line.number, part: document.line.part,
                listed: ManifestDocument(
                    folder: detail.folder, name: detail.name, lots: detail.lots, mediaType: detail.mediaType,
                    length: document.line.length, sha256: Digest(try document.progress(under: key).digest.finish()),
                    signatureOf: signed?.place),
                files: try journal.files())
        }
        return Gathered(folder: folder, documents: documents, firstByte: open.compactMap(\.mark.begun).min())
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
            return Receipt(
                bid: fact, log: consultation.log, position: entry.position, leaf: entry.leaf, documents: documents, bidCode: nil)
        }
    }
}

extension DraftJournal {
    /// What describes the document's ciphertext in its envelope.
    fileprivate func files() throws -> DocumentFiles {
        try SegmentTable.files(
            of: segments.map { (length: Int($0.length), sha256: $0.sha256, header: $0.header) })
    }
}
