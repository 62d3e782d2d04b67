public import Canonical
import Linux
import OpenSSL
import Procurement
import Sealing
import Synchronization

/// One request's bytes of one document of a draft, on their way in.
///
/// As with a ``Deposit``, the loop seals and a writer thread takes ciphertext to the disk. What is different: it may end
/// anywhere, and what came of it stays, down to the last byte read; and another thread may end it (``takeOver()``), so that a
/// connection that hangs blocks nobody.
public final class Upload: @unchecked Sendable {
    /// Which document of which draft.
    struct Place: Hashable, Sendable {
        let bid: Identifier
        let number: Int
    }

    struct Checksum: Sendable {
        let algorithm: BodyDigest.Algorithm
        let expected: [UInt8]
    }

    struct Start: Sendable {
        let place: Place
        let draft: DraftEntry
        let consultation: Consultation
        let principal: Principal
        let part: PartCertificate
        let key: DraftKey
        let code: BidCode
        /// The bearer token as it came.
        let token: [UInt8]
        let attempt: Attempt
        let checksum: Checksum?
    }

    /// How it ended, to be answered by who asked.
    enum End: Sendable {
        /// The request's last byte was read; the ticket where this may complete and submit its draft.
        case whole(Pending.Ticket?)
        case cut(cause: String)
        case takenOver
    }

    enum Work: Sendable {
        case ciphertext([UInt8])
        case segmentEnd(SegmentEnd)
        case end(End, isAgreed: Bool)
        /// Sealing failed: what came since the last segment is dropped with its key.
        case broken
    }

    private struct Source: ~Copyable {
        var intake: DocumentIntake?
        var checksum: BodyDigest?
        /// Bytes that may still come.
        var room: Int64
        /// When the first came, monotonic milliseconds.
        var began: Int64?
    }

    let start: Start
    let document: DraftDocument
    /// Where it stood when this request came.
    let before: DraftDocument.Mark
    private let vault: Vault
    private let source: Mutex<Source>
    private let line = WriterLine<Work>(limit: Deposit.queueLimit) {
        if case .ciphertext(let bytes) = $0 { bytes.count } else { 0 }
    } isEnd: {
        if case .end = $0 { true } else { false }
    }
    private let resume: @Sendable () -> Void
    private let finished: @Sendable (Result<UploadState, any Error>) -> Void

    /// Of the writer: the segment's header and digest wait for the end, so that the last line of a request is synced with it.
    private var waiting: SegmentEnd?
    /// Read by the writer after the loop has written it, in the order of the line.
    private let begun = Mutex<Instant?>(nil)

    init(
        _ start: Start, _ document: DraftDocument, vault: Vault, resume: @escaping @Sendable () -> Void,
        finished: @escaping @Sendable (Result<UploadState, any Error>) -> Void
    ) throws {
        self.start = start
        self.document = document
        before = document.mark
        document.isProvisional = start.checksum != nil
        self.vault = vault
        self.resume = resume
        self.finished = finished
        let checksum: BodyDigest?
        if let asked = start.checksum { checksum = try BodyDigest(asked.algorithm) } else { checksum = nil }
        source = Mutex(
            Source(
                intake: try DocumentIntake(document, to: start.part, under: start.key), checksum: checksum,
                room: document.line.length - document.mark.offset))
    }

    // MARK: On the loop

    public func receive(_ bytes: Span<UInt8>) -> Deposit.Flow {
        var pieces: [Work] = []
        let flow: Deposit.Flow? = source.withLock { source in
            guard source.intake != nil else { return .stop }
            if source.began == nil {
                source.began = Clocks.monotonicMilliseconds()
                begun.withLock { $0 = vault.clock.now }
            }
            guard Int64(bytes.count) <= source.room else {
                // The length was announced. What came of this request beyond it makes all of it doubtful.
                source.intake = nil
                pieces = [.end(.cut(cause: "too-large"), isAgreed: false)]
                return nil
            }
            source.room -= Int64(bytes.count)
            source.checksum?.update(bytes)
            do {
                try source.intake?.take(bytes) { pieces.append($0) }
            } catch {
                source.intake = nil
                pieces.append(.broken)
            }
            return nil
        }
        return flow ?? add(pieces)
    }

    private func noteRate() {
        let (bytes, begun) = source.withLock { (document.line.length - before.offset - $0.room, $0.began) }
        if let begun { vault.rates.note(bytes, milliseconds: Clocks.monotonicMilliseconds() - begun, of: start.principal.account) }
    }

    /// The request's last byte was read.
    public func finish() {
        noteRate()
        let completes = start.draft.awaited != nil
        end { source in
            var isAgreed = true
            if let checksum = source.checksum.take() { isAgreed = checksum.finish() == start.checksum?.expected }
            // Only a request that completes its document can complete its draft: its last byte is then the submission's.
            let isWhole = isAgreed && source.room == 0 && completes
            let ticket = isWhole ? vault.pending.enter(start.consultation.id) : nil
            return .end(.whole(ticket), isAgreed: isAgreed)
        }
    }

    /// The body ended before its end: what came stays, but where a checksum was to prove it.
    public func abandon(_ cause: String) {
        end { _ in .end(.cut(cause: cause), isAgreed: start.checksum == nil) }
    }

    /// Another request is here for the same document. On any thread; the end is told by ``Drafts``.
    func takeOver() {
        end { _ in .end(.takenOver, isAgreed: start.checksum == nil) }
    }

    private func end(_ how: (inout Source) -> Work) {
        var pieces: [Work] = []
        source.withLock { source in
            guard var intake = source.intake.take() else { return }
            do {
                try intake.endSegment { pieces.append($0) }
                // An empty document gets its one empty segment, which is no part of what is sent.
                if document.line.length == 0, before.segments == 0 { try intake.finishEmpty { pieces.append($0) } }
            } catch {
                pieces.append(.broken)
            }
            pieces.append(how(&source))
        }
        if !pieces.isEmpty { _ = add(pieces) }
    }

    private func add(_ pieces: [Work]) -> Deposit.Flow {
        switch line.add(pieces, to: vault.writers, run: { self.run() }) {
        case .proceed: return .proceed
        case .pause: return .pause
        case .stop: return .stop
        case .dropped(let work, let wasBroken):
            for case .end(.whole(let ticket?), _) in work { vault.pending.leave(ticket) }
            if !wasBroken { vault.drafts.ended(self, hasFailed: true) }
            if !wasBroken { finished(.failure(Refusal(.busy))) }
            return .stop
        }
    }

    // MARK: On a writer

    private func run() { line.run(carryOut, resume: resume) }

    private func carryOut(_ work: Work) {
        do {
            switch work {
            case .ciphertext(let bytes):
                guard !line.isBroken else { return }
                try flush()
                try document.append(bytes)
            case .segmentEnd(let end):
                guard !line.isBroken else { return }
                try flush()
                waiting = end
            case .broken: throw VaultFailure.sealing
            case .end(let end, let isAgreed): conclude(end, isAgreed: isAgreed)
            }
        } catch {
            fail(error)
        }
    }

    /// A segment's line is written when it is known whether it is the request's last.
    private func flush(isLast: Bool = false) throws {
        guard let end = waiting.take() else { return }
        let place = DraftSegmentLine.place(document.line.number, end: document.end)
        let sealed = try end.digest.map { try start.key.seal($0, at: place) }
        try document.endSegment(
            header: end.header, digest: sealed, begun: begun.withLock { $0 } ?? start.attempt.started, isLast: isLast)
    }

    private func conclude(_ end: End, isAgreed: Bool) {
        var ticket: Pending.Ticket?
        if case .whole(let taken) = end { ticket = taken }
        guard !line.isBroken else {
            // Answered before.
            if let ticket { vault.pending.leave(ticket) }
            return
        }
        do {
            if isAgreed {
                try flush(isLast: true)
                try document.settle()
            } else {
                waiting = nil
                try document.goBack(to: before)
            }
        } catch {
            if let ticket { vault.pending.leave(ticket) }
            return fail(error)
        }
        line.breakOff()
        let state = UploadState(document.standing)
        vault.drafts.ended(self, hasFailed: false)
        switch end {
        case .whole where !isAgreed: finished(.failure(Refusal(.checksum, "The upload stands at \(state.offset).")))
        case .whole:
            guard let ticket else { return finished(.success(state)) }
            // Not here: it waits for other uploads of the draft, which wait for a writer.
            let isTaken = vault.performDraft { [self] in vault.submitIfComplete(self, state, ticket: ticket, finished: finished) }
            guard !isTaken else { return }
            vault.pending.leave(ticket)
            finished(.success(state))
        case .cut(let cause):
            trace(cause, offset: state.offset)
            if cause == "too-large" { finished(.failure(Refusal(.tooLarge, "The document was announced with \(state.length) bytes."))) }
        case .takenOver: finished(.failure(Refusal(.superseded)))
        }
    }

    /// The disk or the cipher failed. What the files hold since they were settled last is cut off by the next request, and not
    /// synced again: a sync that succeeds after one that failed would prove nothing.
    private func fail(_ error: any Error) {
        guard !line.isBroken else { return }
        line.breakOff()
        vault.drafts.ended(self, hasFailed: true)
        trace("storage", offset: document.settled.offset)
        finished(.failure(error))
    }

    private func trace(_ cause: String, offset: Int64) {
        vault.traceFailed(start.attempt, start.consultation, start.principal, offset: offset, cause: cause)
    }
}

/// Where a document's upload stands: all of it on the disk.
public struct UploadState: Sendable, Equatable {
    public let bid: Identifier
    public let number: Int
    public let part: String
    public let offset: Int64
    public let length: Int64
    public let isComplete: Bool
    /// The receipt's bid, where this request completed a draft that submits itself.
    public internal(set) var isSubmitted = false

    init(_ document: DraftDocument.Standing) {
        bid = document.line.bid
        number = document.line.number
        part = document.line.part
        offset = document.mark.offset
        length = document.line.length
        isComplete = document.isComplete
    }
}
