import Canonical
import Linux
import OpenSSL
import Procurement
import Sealing

/// One document of a draft, opened to go on: its two files, and where they stand. One writer at a time.
///
/// Unchecked: handed from the thread that opened it to the writer that runs its upload.
final class DraftDocument: @unchecked Sendable {
    /// Bytes of ciphertext between two syncs of a long request.
    static let stride: Int64 = 64 << 20
    /// 20,000 segments and their lines.
    static let longestJournal = SealingLimits.segments * DraftSegmentLine.longest

    /// A place to go back to: where both files stood at the end of a segment.
    struct Mark: Sendable {
        var offset: Int64 = 0
        var segments = 0
        var journal: Int64 = 0
        var synced = 0
        /// Sealed; nil before the first segment.
        var digest: [UInt8]?
        /// Of its first segment's request.
        var begun: Instant?
    }

    let line: DraftDocumentLine
    private(set) var mark: Mark
    /// Up to where both files were on the disk when last they were synced: what a failure goes back to.
    private(set) var settled: Mark
    /// Whether the lines of this request wait for its end, because only then it is known whether its bytes count.
    var isProvisional = false
    private var withheld: [UInt8] = []
    private var ciphertext: DurableFile
    private var journal: DurableFile
    private var hash: SHA256
    private var written: Int64 = 0
    /// How much of the ciphertext was synced.
    private var durable: Int64
    private var begunWriting: Int64

    private init(
        _ line: DraftDocumentLine, _ mark: Mark, ciphertext: consuming DurableFile, journal: consuming DurableFile
    ) throws {
        self.line = line
        self.mark = mark
        settled = mark
        self.ciphertext = ciphertext
        self.journal = journal
        durable = mark.offset
        begunWriting = mark.offset
        hash = try SHA256()
    }

    var standing: Standing { Standing(line: line, mark: mark) }
    var isComplete: Bool { standing.isComplete }
    /// Whether its bidder sealed it: then nothing of it is known but its ciphertext.
    var isSealed: Bool { line.detail == nil }

    /// Opens a new one: durable, with nothing of its content.
    static func make(_ line: DraftDocumentLine, in folder: DurableFolder) throws -> DraftDocument {
        let (name, journalName) = (DraftStore.ciphertextName(line.number), DraftStore.journalName(line.number))
        var journal = try folder.create(journalName)
        do {
            let bytes = line.canonicalBytes + [0x0a]
            try journal.write(all: bytes)
            try journal.sync()
            let ciphertext = try folder.create(name)
            try folder.sync()
            return try DraftDocument(line, Mark(journal: Int64(bytes.count)), ciphertext: ciphertext, journal: journal)
        } catch {
            // Its client is told that there is none.
            for made in [name, journalName] { try? folder.unlink(made) }
            throw error
        }
    }

    /// Opens one that is there, cutting off what a crash left of a segment that was not whole.
    ///
    /// What is believed was read from the disk: the kernel's memory may hold what a failed sync, of a process before this one,
    /// left unwritten and will never try again. So it is synced, which leaves nothing to write, then forgotten, then read.
    ///
    /// - Returns: nil where it was never made: its first line is not whole, and nobody was told of it.
    static func open(_ number: Int, in folder: DurableFolder) throws -> DraftDocument? {
        var journal = try folder.openToAppend(DraftStore.journalName(number))
        try journal.sync()
        journal.forget()
        guard let found = try DraftJournal(number, in: folder) else { return nil }
        let name = DraftStore.ciphertextName(number)
        // A crash between the two files of a new document.
        if found.segments.isEmpty, try !folder.exists(name) {
            _ = try folder.create(name)
            try folder.sync()
        }
        var ciphertext = try folder.openToAppend(name)
        var lines = found.segments
        var journalEnd = found.end
        // What was synced before a line was written needs no look.
        let synced = lines.last?.synced ?? 0
        var whole = min(synced, lines.count)
        if whole < lines.count {
            try ciphertext.sync()
            ciphertext.forget()
        }
        let length = try ciphertext.length()
        while whole < lines.count {
            let line = lines[whole]
            guard line.end <= length,
                Digest(SHA256.hash(try ciphertext.read(at: line.offset, max: Int(line.length)))) == line.sha256
            else { break }
            whole += 1
        }
        if whole < lines.count {
            journalEnd -= lines[whole...].reduce(0) { $0 + Int64($1.canonicalBytes.count) + 1 }
            lines.removeSubrange(whole...)
        }
        let offset = lines.last?.end ?? 0
        guard length >= offset else { throw VaultFailure.draft("the ciphertext of a document is shorter than its journal says") }
        if length > offset { try ciphertext.truncate(to: offset) }
        if try journal.length() > journalEnd { try journal.truncate(to: journalEnd) }
        let mark = Mark(
            offset: offset, segments: lines.count, journal: journalEnd, synced: lines.count, digest: lines.last?.digest,
            begun: lines.first?.begun)
        return try DraftDocument(found.line, mark, ciphertext: ciphertext, journal: journal)
    }

    /// Opens one whose place is known from before, if the files are still as they were then.
    ///
    /// - Returns: nil where they are not, and the journal must be read.
    static func open(_ line: DraftDocumentLine, at mark: Mark, in folder: DurableFolder) throws -> DraftDocument? {
        let ciphertext = try folder.openToAppend(DraftStore.ciphertextName(line.number))
        let journal = try folder.openToAppend(DraftStore.journalName(line.number))
        guard try ciphertext.length() == mark.offset, try journal.length() == mark.journal, mark.synced == mark.segments else {
            return nil
        }
        return try DraftDocument(line, mark, ciphertext: ciphertext, journal: journal)
    }

    /// Opens one after a failure: what came since it was settled is cut off unread, for nobody can know what the disk has of it.
    static func open(_ line: DraftDocumentLine, backAt settled: Mark, in folder: DurableFolder) throws -> DraftDocument {
        let ciphertext = try folder.openToAppend(DraftStore.ciphertextName(line.number))
        let journal = try folder.openToAppend(DraftStore.journalName(line.number))
        guard try ciphertext.length() >= settled.offset, try journal.length() >= settled.journal else {
            throw VaultFailure.draft("a document is shorter than it was")
        }
        let document = try DraftDocument(line, settled, ciphertext: ciphertext, journal: journal)
        try document.goBack(to: settled)
        return document
    }

    // MARK: Going on

    func append(_ bytes: [UInt8]) throws {
        try ciphertext.write(all: bytes)
        hash.update(bytes.span)
        written += Int64(bytes.count)
        if end - begunWriting >= 8 << 20 {
            ciphertext.beginWriting(from: begunWriting, count: end - begunWriting)
            begunWriting = end
        }
    }

    /// The segment is whole.
    ///
    /// - Parameters:
    ///   - header: nil where the document comes sealed.
    ///   - digest: the running digest's state, sealed; nil with the header.
    ///   - isLast: of its request: it is on the disk when this returns.
    func endSegment(header: [UInt8]?, digest: [UInt8]?, begun: Instant, isLast: Bool) throws {
        let end = self.end
        let mustSync = isLast || end - durable >= Self.stride
        if mustSync {
            try ciphertext.sync()
            durable = end
            mark.synced = mark.segments + 1
        }
        var hashed = try SHA256()
        swap(&hashed, &hash)
        let line = DraftSegmentLine(
            number: mark.segments + 1, offset: mark.offset, length: written, sha256: Digest(hashed.finish()), header: header,
            digest: digest, begun: begun, synced: mark.synced)
        let bytes = line.canonicalBytes + [0x0a]
        withheld += bytes
        mark.offset = end
        mark.segments += 1
        mark.journal += Int64(bytes.count)
        mark.digest = digest
        if mark.begun == nil { mark.begun = begun }
        written = 0
        guard isLast || !isProvisional else { return }
        try journal.write(all: withheld)
        withheld = []
        guard mustSync else { return }
        try journal.sync()
        settled = mark
    }

    /// The request ended where a segment had ended before: all of it is on the disk when this returns.
    func settle() throws {
        guard settled.journal < mark.journal else { return }
        try ciphertext.sync()
        durable = mark.offset
        mark.synced = mark.segments
        if !withheld.isEmpty { try journal.write(all: withheld) }
        withheld = []
        try journal.sync()
        settled = mark
    }

    /// Forgets what came since `earlier`. First the lines: none may be on the disk whose ciphertext is not.
    func goBack(to earlier: Mark) throws {
        try journal.truncate(to: earlier.journal)
        try journal.sync()
        try ciphertext.truncate(to: earlier.offset)
        try ciphertext.sync()
        mark = earlier
        settled = earlier
        withheld = []
        written = 0
        durable = earlier.offset
        begunWriting = earlier.offset
        hash = try SHA256()
    }

    /// Of the ciphertext, the open segment's too.
    var end: Int64 { mark.offset + written }
}

extension DraftDocument {
    /// A document at rest: what can be told of it without touching its files.
    struct Standing: Sendable {
        let line: DraftDocumentLine
        let mark: Mark

        var isComplete: Bool { mark.offset == line.length && mark.segments > 0 }

        /// nil where it comes sealed.
        func detail(under key: DraftKey) throws -> DraftDetail? {
            try line.detail.map { try DraftDetail(canonical: key.open($0, at: DraftDocumentLine.place(line.number))) }
        }

        /// Where its sealing goes on.
        func progress(under key: DraftKey) throws -> SealedProgress {
            guard let sealed = mark.digest else { return .none }
            guard
                let digest = RunningSHA256(
                    state: try key.open(sealed, at: DraftSegmentLine.place(line.number, end: mark.offset)))
            else { throw VaultFailure.draft("the digest of a document does not read") }
            return SealedProgress(length: mark.offset, segments: mark.segments, digest: digest)
        }
    }
}
