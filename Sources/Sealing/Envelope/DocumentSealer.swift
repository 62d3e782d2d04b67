public import Canonical
public import OpenSSL

/// What comes out of a ``DocumentSealer``, in order.
public enum SealedPiece: Sendable {
    /// The next bytes of the document's ciphertext file.
    case ciphertext([UInt8])
    /// The segment that these ended is whole; its header follows the last one in `N.p7m`. `digest` is of the document's
    /// plaintext up to here: what an upload that goes on another day begins with.
    case segmentEnd(header: [UInt8], digest: RunningSHA256)
}

/// How far a document had come at the end of a segment: where another ``DocumentSealer`` takes it up, with a new key.
public struct SealedProgress: Sendable {
    public let length: Int64
    public let segments: Int
    /// Of the plaintext so far.
    public let digest: RunningSHA256

    public init(length: Int64, segments: Int, digest: RunningSHA256) {
        self.length = length
        self.segments = segments
        self.digest = digest
    }

    /// Of a document of which nothing came.
    public static let none = SealedProgress(length: 0, segments: 0, digest: RunningSHA256())
}

/// A document as it went in: what its manifest will say of it.
public struct SealedDocument: Sendable, Equatable {
    public let length: Int64
    /// Of the plaintext.
    public let sha256: Digest

    public init(length: Int64, sha256: Digest) {
        self.length = length
        self.sha256 = sha256
    }
}

/// Seals one document as it arrives, on the thread where its plaintext is: no file, no waiting, nothing kept.
///
/// Half done it can only be dropped, and the open segment's key with it. After an error every call throws.
public struct DocumentSealer: ~Copyable {
    private let certificate: Certificate
    private let limit: Int
    private var segment: SegmentSealer?
    private var held = 0
    private var segments = 0
    private var length: Int64 = 0
    private var digest: RunningSHA256
    private var isBroken = false

    public init(to part: PartCertificate, after progress: SealedProgress = .none) {
        self.init(to: part, after: progress, segment: SealingLimits.segment)
    }

    /// With shorter segments, for tests of this target.
    init(to part: PartCertificate, after progress: SealedProgress = .none, segment limit: Int) {
        self.certificate = part.certificate
        self.limit = limit
        segments = progress.segments
        length = progress.length
        digest = progress.digest
    }

    public mutating func seal(_ plaintext: Span<UInt8>, into emit: (SealedPiece) -> Void) throws(SealingError) {
        var start = 0
        while start < plaintext.count {
            let count = min(plaintext.count - start, limit - held)
            let piece = plaintext.extracting(start..<(start + count))
            digest.update(piece)
            emit(.ciphertext(try update(piece)))
            start += count
            held += count
            length += Int64(count)
            if held == limit { try endSegment(into: emit) }
        }
    }

    /// Ends the open segment, if there is one: where a request ends that is not the document's end.
    public mutating func endSegment(into emit: (SealedPiece) -> Void) throws(SealingError) {
        guard let sealer = segment.take() else { return }
        held = 0
        segments += 1
        do { emit(.segmentEnd(header: try sealer.finish(), digest: digest)) } catch {
            isBroken = true
            throw SealingError(.cryptography, "seal a document", error)
        }
    }

    /// The document's end. An empty one gets its one empty segment.
    public consuming func finish(into emit: (SealedPiece) -> Void) throws(SealingError) -> SealedDocument {
        if length == 0, segments == 0 { _ = try update([UInt8]().span) }
        try endSegment(into: emit)
        return SealedDocument(length: length, sha256: Digest(digest.finish()))
    }

    private mutating func update(_ piece: Span<UInt8>) throws(SealingError) -> [UInt8] {
        guard !isBroken else { throw SealingError(.cryptography, "a document whose sealing failed cannot go on") }
        do {
            if segment == nil {
                guard segments < SealingLimits.segments else {
                    throw SealingError(.limit, "a document has at most 20,000 segments")
                }
                segment = try SegmentSealer(to: certificate)
            }
            return try segment!.update(piece)
        } catch {
            // Dropped with its key: nothing is sealed twice under one nonce.
            segment = nil
            isBroken = true
            throw SealingError(.cryptography, "seal a document", error)
        }
    }
}
