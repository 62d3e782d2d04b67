public import Canonical
import Linux
public import OpenSSL
public import Procurement
import Records
import Sealing

/// A new document of a draft, as its creation asks for it.
public struct DocumentRequest: Sendable {
    public let part: String?
    /// nil where it comes sealed by its bidder.
    public let detail: DraftDetail?
    public let length: Int64

    public init(part: String?, detail: DraftDetail?, length: Int64) {
        self.part = part
        self.detail = detail
        self.length = length
    }
}

extension Vault {
    public struct OpenedDraft: Sendable {
        public let bid: Identifier
        /// The account, which stands in the manifests of who seals a bid before sending it.
        public let depositor: Identifier
        /// Where it was made here.
        public let bidCode: String?
    }

    /// What opens a draft.
    public struct DraftRequest: Sendable {
        /// The bid's number, where its bidder chose it: asked again, under the same code, it is the same draft.
        public var bid: Identifier?
        public var bidCode: String?
        public var awaited: Int64?
        public var intent: Intent
        public var sealedBy: SealedBy
        public let started: Instant

        public init(
            bid: Identifier? = nil, bidCode: String?, awaited: Int64? = nil, intent: Intent = .unstated,
            sealedBy: SealedBy = .platform, started: Instant
        ) {
            self.bid = bid
            self.bidCode = bidCode
            self.awaited = awaited
            self.intent = intent
            self.sealedBy = sealedBy
            self.started = started
        }
    }

    /// A draft as its depositor reads it back.
    public struct DraftView: Sendable {
        public let entry: DraftEntry
        /// Without a detail where they come sealed.
        public let documents: [(state: UploadState, detail: DraftDetail?)]
    }

    /// Opens a bid of several documents.
    public func openDraft(_ asked: DraftRequest, in id: Identifier, by principal: Principal) throws -> OpenedDraft {
        if asked.bid != nil, asked.bidCode == nil { throw Refusal(.invalid, "id: with a Bid-Code only.") }
        let code = try asked.bidCode.map { try BidCode($0) } ?? BidCode()
        let bid = try asked.bid ?? Identifier(random: Random.sixteen())
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            try consultation.checkDeposit(by: principal)
            if let known = try transaction.draft(bid) {
                guard known.depositor == principal.account, known.consultation == id, known.bidCode == code.digest,
                    known.sealedBy == asked.sealedBy
                else { throw Refusal(.alreadyDone, "id: there is another bid of this number.") }
                return []
            }
            guard try transaction.bid(bid) == nil else { throw Refusal(.alreadyDone, "id: there is another bid of this number.") }
            try consultation.checkRoom(transaction.standing(of: principal.account, in: id))
            let fact = try consultation.opening(
                draft: bid, by: principal, bidCode: code.digest, started: asked.started, awaited: asked.awaited,
                intent: asked.intent, sealedBy: asked.sealedBy,
                open: transaction.openDrafts(of: id, depositor: principal.account))
            return [EventDraft(log: consultation.log, fact: fact)]
        }
        return OpenedDraft(bid: bid, depositor: principal.account, bidCode: code.made)
    }

    /// A new document, of which nothing came yet. Blocks.
    public func createDocument(
        _ request: DocumentRequest, of bid: Identifier, by principal: Principal, bidCode: String?
    ) throws -> UploadState {
        let (draft, consultation, code) = try changing(bid, by: principal, bidCode: bidCode)
        guard request.length <= consultation.limits.document else {
            throw Refusal(.tooLarge, "A document may have \(consultation.limits.document) bytes (limit `document`).")
        }
        switch (request.detail, draft.sealedBy) {
        case (let detail?, .platform):
            try FileName.check(detail.name)
            if let folder = detail.folder { try FileName.check(folder: folder) }
        case (nil, .bidder): break
        case (nil, .platform): throw Refusal(.invalid, "Upload-Metadata: filename is missing.")
        case (_?, .bidder): throw Refusal(.invalid, "Upload-Metadata: of a sealed document the part alone; its names are within.")
        }
        let partName = try part(request.part, of: consultation)
        let key = try code.draftKey(for: draft)
        return try drafts.holding(bid, for: principal.account) {
            try stillOpen(bid)
            let folder = try drafts.store.make(bid, of: consultation.id)
            let summary = try drafts.summary(of: bid, in: folder)
            guard Int64(summary.lengths.count) < consultation.limits.documents else {
                throw Refusal(.tooLarge, "A bid may have \(consultation.limits.documents) documents (limit `documents`).")
            }
            guard Int64(summary.last) < DraftStore.mostNumbers else { throw Refusal(.tooLarge, "Too many documents were opened.") }
            guard summary.total + request.length <= consultation.limits.bid else {
                throw Refusal(.tooLarge, "A bid may have \(consultation.limits.bid) bytes (limit `bid`).")
            }
            if let signed = request.detail?.signatureOf, summary.lengths[signed] == nil {
                throw Refusal(.invalid, "signatureOf: no document of this draft.")
            }
            let number = summary.last + 1
            let place = Upload.Place(bid: bid, number: number)
            try drafts.reserve(request.length, for: place, of: principal.account, room: envelopes.room())
            do {
                let line = DraftDocumentLine(
                    bid: bid, number: number, part: partName, length: request.length, created: clock.now,
                    detail: try request.detail.map { try key.seal($0.canonicalBytes, at: DraftDocumentLine.place(number)) })
                let document = try DraftDocument.make(line, in: folder)
                drafts.note(line)
                return UploadState(document.standing)
            } catch {
                drafts.note(used: number, of: bid)
                drafts.release(place)
                throw error
            }
        }
    }

    /// The state of an upload. What was under way is ended, so that the offset is what the next request finds. Blocks.
    public func uploadState(_ number: Int, of bid: Identifier, by principal: Principal, bidCode: String?) throws -> UploadState {
        _ = try changing(bid, by: principal, bidCode: bidCode)
        return try drafts.holding(bid, for: principal.account) { UploadState(try document(Upload.Place(bid: bid, number: number)).standing) }
    }

    public struct UploadRequest: Sendable {
        public let bid: Identifier
        public let number: Int
        public let offset: Int64
        /// nil where the body comes in chunks.
        public let length: Int64?
        /// Of the document, where the request says it again.
        public let total: Int64?
        public let bidCode: String?
        /// By `Upload-Checksum`.
        public let checksum: (algorithm: BodyDigest.Algorithm, expected: [UInt8])?
        public let attempt: Attempt

        public init(
            bid: Identifier, number: Int, offset: Int64, length: Int64?, total: Int64? = nil, bidCode: String?,
            checksum: (algorithm: BodyDigest.Algorithm, expected: [UInt8])?, attempt: Attempt
        ) {
            self.bid = bid
            self.number = number
            self.offset = offset
            self.length = length
            self.total = total
            self.bidCode = bidCode
            self.checksum = checksum
            self.attempt = attempt
        }
    }

    /// The next bytes of a document, before the first of them is read. Blocks.
    ///
    /// - Parameters: as of ``receive(_:by:token:resume:finished:)``.
    public func upload(
        _ request: UploadRequest, by principal: Principal, token: [UInt8], resume: @escaping @Sendable () -> Void,
        finished: @escaping @Sendable (Result<UploadState, any Error>) -> Void
    ) throws -> Upload {
        let (draft, consultation, code) = try changing(request.bid, by: principal, bidCode: request.bidCode)
        let material = try register.read { try self.material(draft.keys, of: consultation.id, in: $0) }
        let place = Upload.Place(bid: request.bid, number: request.number)
        return try drafts.holding(request.bid, for: principal.account) {
            let document = try document(place)
            guard request.total ?? document.line.length == document.line.length else {
                throw Refusal(.malformed, "Upload-Length: the document was announced with \(document.line.length) bytes.")
            }
            guard request.offset == document.mark.offset else {
                throw Refusal(.offset, "The upload stands at \(document.mark.offset).")
            }
            let rest = document.line.length - document.mark.offset
            guard request.length ?? 0 <= rest else {
                throw Refusal(.tooLarge, "The document was announced with \(document.line.length) bytes.")
            }
            guard document.mark.segments < SealingLimits.segments else {
                throw Refusal(.rate, "A document may come in \(SealingLimits.segments) segments (limit `segments`).")
            }
            try drafts.reserve(rest, for: place, of: principal.account, room: envelopes.room())
            try reservations.reserve(0, uploads: 1, for: principal.account, room: envelopes.room())
            do {
                let upload = try Upload(
                    Upload.Start(
                        place: place, draft: draft, consultation: consultation, principal: principal,
                        part: try material.certificate(of: document.line.part), key: try code.draftKey(for: draft),
                        code: code, token: token, attempt: request.attempt,
                        checksum: request.checksum.map { Upload.Checksum(algorithm: $0.algorithm, expected: $0.expected) }),
                    document, vault: self, resume: resume, finished: finished)
                drafts.begin(upload)
                return upload
            } catch {
                reservations.release(0, uploads: 1, of: principal.account)
                throw error
            }
        }
    }

    /// Removes a document from a draft. Its number is not used again. Blocks.
    public func removeDocument(_ number: Int, of bid: Identifier, by principal: Principal, bidCode: String?) throws {
        let (_, consultation, _) = try changing(bid, by: principal, bidCode: bidCode)
        try drafts.holding(bid, for: principal.account) {
            let place = Upload.Place(bid: bid, number: number)
            _ = try document(place)
            guard let folder = try drafts.store.folder(of: bid, in: consultation.id) else { throw Refusal(.notFound) }
            try drafts.store.remove(number, in: folder)
            drafts.forget(place)
        }
    }

    /// What the draft holds, for who has its code. Blocks.
    public func draft(_ bid: Identifier, for principal: Principal, bidCode: String?) throws -> DraftView {
        let (draft, consultation, code) = try knowing(bid, by: principal, bidCode: bidCode)
        guard draft.state == .open, let folder = try drafts.store.folder(of: bid, in: consultation.id) else {
            return DraftView(entry: draft, documents: [])
        }
        let key = try code.draftKey(for: draft)
        return try drafts.holding(bid, for: principal.account) {
            let documents = try drafts.summary(of: bid, in: folder).lengths.keys.sorted().map { number in
                guard let document = try drafts.standing(of: Upload.Place(bid: bid, number: number), in: folder) else {
                    throw VaultFailure.draft("a document of a draft is missing")
                }
                return (state: UploadState(document), detail: try document.detail(under: key))
            }
            return DraftView(entry: draft, documents: documents)
        }
    }

    /// Gives a draft up: nothing of it stays but its events. Blocks.
    public func dropDraft(_ bid: Identifier, by principal: Principal, bidCode: String?) throws {
        _ = try changing(bid, by: principal, bidCode: bidCode)
        try drafts.holding(bid, for: principal.account) {
            for place in drafts.uploads(of: bid) { try drafts.takeOver(place) }
            try drop(bid, .abandoned)
        }
    }

    /// The draft is held by the caller.
    func drop(_ bid: Identifier, _ cause: DraftDropped.Cause) throws {
        let committed = try register.commit { [self] transaction in
            guard let draft = try transaction.draft(bid), draft.state == .open else { return [] }
            let consultation = try self.consultation(draft.consultation, in: transaction)
            return [
                EventDraft(
                    log: consultation.log,
                    fact: DraftDropped(bid: bid, consultation: draft.consultation, account: draft.depositor, cause: cause))
            ]
        }
        guard let fact = committed.first?.fact as? DraftDropped else { return }
        removeDraft(bid, of: fact.consultation)
    }

    /// Its files. What stays after a failure is removed by the next start.
    func removeDraft(_ bid: Identifier, of consultation: Identifier) {
        do {
            if let folder = try drafts.store.folder(of: bid, in: consultation) {
                for number in try drafts.store.listing(of: folder).numbers { drafts.forget(Upload.Place(bid: bid, number: number)) }
            }
            try drafts.store.remove(bid, of: consultation)
        } catch {
            report("the files of a draft stay until the next start: \(bid): \(error)")
        }
    }

    // MARK: -

    /// The draft, for whoever may know of it and has its code.
    func knowing(
        _ bid: Identifier, by principal: Principal, bidCode: String?
    ) throws -> (DraftEntry, Consultation, BidCode) {
        let code = try? bidCode.map { try BidCode($0) }
        let (draft, consultation) = try register.read { [self] register in
            guard let draft = try register.draft(bid) else { throw Refusal(.notFound) }
            return (draft, try self.consultation(draft.consultation, in: register))
        }
        try consultation.check(draft, for: principal, code: code?.digest)
        guard let code else { throw Refusal(.forbidden) }
        return (draft, consultation, code)
    }

    /// The same where it is to change.
    func changing(
        _ bid: Identifier, by principal: Principal, bidCode: String?
    ) throws -> (DraftEntry, Consultation, BidCode) {
        let (draft, consultation, code) = try knowing(bid, by: principal, bidCode: bidCode)
        try consultation.checkChange(of: draft, by: principal, code: code.digest)
        return (draft, consultation, code)
    }

    /// Since it was asked for another request may have submitted it. The draft is held.
    @discardableResult
    private func stillOpen(_ bid: Identifier) throws -> DraftEntry {
        guard let draft = try register.read({ try $0.draft(bid) }) else { throw Refusal(.notFound) }
        guard draft.state == .open else { throw Refusal(.gone, "This draft was \(draft.state.rawValue).") }
        return draft
    }

    /// A document that nobody uploads now. The draft is held.
    private func document(_ place: Upload.Place) throws -> DraftDocument {
        let draft = try stillOpen(place.bid)
        try drafts.takeOver(place)
        guard let folder = try drafts.store.folder(of: place.bid, in: draft.consultation),
            let document = try drafts.open(place, in: folder)
        else { throw Refusal(.notFound) }
        return document
    }
}
