import Canonical
import Linux
import OpenSSL
import Procurement
import Sealing

/// The envelope that becomes of a draft, from its journals and its ciphertext.
extension Vault {
    /// Of documents that were sealed as they came: their lists are made here.
    func listed(_ draft: DraftEntry, _ material: KeyMaterial, code: BidCode, _ candidate: Candidate?) throws -> MadeEnvelope {
        let (folder, open) = try wholeDocuments(of: draft)
        let key = try code.draftKey(for: draft)
        // Places in a part's own list, which is what `signatureOf` means in a manifest.
        var places: [Int: (part: String, place: Int)] = [:]
        var counts: [String: Int] = [:]
        for document in open {
            counts[document.line.part, default: 0] += 1
            places[document.line.number] = (document.line.part, counts[document.line.part] ?? 0)
        }
        var builder = EnvelopeBuilder(
            consultation: draft.consultation, bid: draft.bid, keys: material.keySet.fingerprint, sealedBy: .platform,
            depositor: draft.depositor, candidate: candidate)
        var receipted: [Receipt.Document] = []
        for document in open {
            guard let detail = try document.detail(under: key) else { throw VaultFailure.draft("a sealed document in a draft that is not") }
            let signed = detail.signatureOf.flatMap { places[$0] }
            guard detail.signatureOf == nil || signed?.part == document.line.part else {
                throw Refusal(.incomplete, "Document \(document.line.number) signs one that is not in its part.")
            }
            let listed = ManifestDocument(
                folder: detail.folder, name: detail.name, lots: detail.lots, mediaType: detail.mediaType,
                length: document.line.length, sha256: Digest(try document.progress(under: key).digest.finish()),
                signatureOf: signed?.place)
            try builder.add(
                part: try material.certificate(of: document.line.part), document: listed,
                files: journal(of: document, in: folder).files())
            receipted.append(
                Receipt.Document(part: document.line.part, name: listed.name, length: listed.length, sha256: listed.sha256))
        }
        return MadeEnvelope(
            envelope: try builder.finish(), folder: folder, numbers: open.map(\.line.number), documents: receipted,
            firstByte: open.compactMap(\.mark.begun).min())
    }

    /// Of documents that came sealed: all that can be checked without a key is, before anything is kept of the submission.
    func sealed(
        _ draft: DraftEntry, in consultation: Consultation, _ material: KeyMaterial, _ archive: [UInt8]
    ) throws -> MadeEnvelope {
        let (folder, open) = try wholeDocuments(of: draft)
        let submitted: SubmittedEnvelope
        let segments: [[SubmittedEnvelope.Segment]]
        do {
            submitted = try SubmittedEnvelope(parsing: archive)
            segments = try submitted.check(
                SubmittedEnvelope.Expected(
                    consultation: consultation.id, bid: draft.bid, keys: material.keySet.fingerprint,
                    certificates: try material.keySet.parts.map { try material.certificate(of: $0.part) },
                    documents: open.map { ($0.line.part, $0.line.length) }))
        } catch let error as SealingError {
            throw Refusal(error.code == .limit ? .rate : .seal, error.text)
        }
        for (index, document) in open.enumerated() {
            try compare(segments[index], with: document, number: index + 1, in: folder)
        }
        return MadeEnvelope(
            envelope: submitted.envelope, folder: folder, numbers: open.map(\.line.number), documents: [],
            firstByte: open.compactMap(\.mark.begun).min())
    }

    /// The seal's segments against the ciphertext. A piece that the journal has as the seal has it was hashed as it was written;
    /// what lies otherwise is read again.
    private func compare(
        _ segments: [SubmittedEnvelope.Segment], with document: DraftDocument.Standing, number: Int, in folder: DurableFolder
    ) throws {
        let pieces = Dictionary(uniqueKeysWithValues: try journal(of: document, in: folder).segments.map { ($0.offset, $0) })
        let file = try folder.open(DraftStore.ciphertextName(document.line.number))
        for (index, segment) in segments.enumerated() {
            let found: Digest
            if let piece = pieces[segment.offset], piece.length == Int64(segment.length) {
                found = piece.sha256
            } else {
                found = Digest(of: try file.read(at: segment.offset, max: segment.length))
            }
            guard found == segment.sha256 else {
                throw Refusal(.seal, "document \(number), segment \(index + 1): its bytes are not those that were sealed")
            }
        }
    }

    /// A draft's documents, in order, with nobody uploading. None is held open: there may be ten thousand.
    ///
    /// - Throws: 409 naming those that are not whole, by number.
    private func wholeDocuments(of draft: DraftEntry) throws -> (DurableFolder, [DraftDocument.Standing]) {
        guard let folder = try drafts.store.folder(of: draft.bid, in: draft.consultation) else {
            throw Refusal(.incomplete, "The bid has no document.")
        }
        var open: [DraftDocument.Standing] = []
        for number in try drafts.summary(of: draft.bid, in: folder).lengths.keys.sorted() {
            let place = Upload.Place(bid: draft.bid, number: number)
            try drafts.takeOver(place)
            guard let document = try drafts.open(place, in: folder) else {
                throw VaultFailure.draft("a document of a draft is missing")
            }
            open.append(document.standing)
        }
        guard !open.isEmpty else { throw Refusal(.incomplete, "The bid has no document.") }
        let lacking = open.filter { !$0.isComplete }.map(\.line.number)
        guard lacking.isEmpty else {
            let listed = lacking.prefix(20).map(String.init).joined(separator: ", ") + (lacking.count > 20 ? " …" : "")
            throw Refusal(.incomplete, "Not wholly received: document \(listed).")
        }
        return (folder, open)
    }

    private func journal(of document: DraftDocument.Standing, in folder: DurableFolder) throws -> DraftJournal {
        guard let journal = try DraftJournal(document.line.number, in: folder), let last = journal.segments.last, last.end == document.line.length else {
            throw VaultFailure.draft("the journal of a document ends before it does")
        }
        return journal
    }
}

extension DraftJournal {
    /// What describes the document's ciphertext in its envelope.
    fileprivate func files() throws -> DocumentFiles {
        try SegmentTable.files(
            of: segments.map { segment in
                guard let header = segment.header else { throw VaultFailure.draft("a segment without its header") }
                return (length: Int(segment.length), sha256: segment.sha256, header: header)
            })
    }
}
