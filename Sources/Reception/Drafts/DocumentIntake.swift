import OpenSSL
import Sealing

/// What becomes of a document's bytes on the loop: they are sealed; or, where their bidder sealed them, only cut into pieces, of
/// which the journal keeps account as it does of segments.
struct DocumentIntake: ~Copyable {
    private var sealer: DocumentSealer?
    /// Of the document, where it comes sealed. A piece ends where a segment of the usual length does: then what is written
    /// need not be read again to be held against the seal.
    private var offset: Int64
    private var held = 0
    private var pieces: Int

    init(_ document: DraftDocument, to part: PartCertificate, under key: DraftKey) throws {
        sealer = document.isSealed ? nil : DocumentSealer(to: part, after: try document.standing.progress(under: key))
        offset = document.mark.offset
        pieces = document.mark.segments
    }

    mutating func take(_ bytes: Span<UInt8>, into emit: (Upload.Work) -> Void) throws {
        guard sealer == nil else {
            try sealer?.seal(bytes) { emit(Self.work($0)) }
            return
        }
        var start = 0
        while start < bytes.count {
            guard held > 0 || pieces < SealingLimits.segments else { throw VaultFailure.sealing }
            let segment = Int64(SealingLimits.segment)
            let count = min(bytes.count - start, Int(segment - offset % segment))
            let piece = bytes.extracting(start..<(start + count))
            var copy = [UInt8](repeating: 0, count: count)
            for index in piece.indices { copy[index] = piece[index] }
            emit(.ciphertext(copy))
            start += count
            held += count
            offset += Int64(count)
            if offset % segment == 0 { try endSegment(into: emit) }
        }
    }

    /// Where the request ends.
    mutating func endSegment(into emit: (Upload.Work) -> Void) throws {
        guard sealer == nil else {
            try sealer?.endSegment { emit(Self.work($0)) }
            return
        }
        guard held > 0 else { return }
        held = 0
        pieces += 1
        emit(.segmentEnd(SegmentEnd()))
    }

    /// An empty document gets its one empty segment.
    consuming func finishEmpty(into emit: (Upload.Work) -> Void) throws {
        guard let sealer = sealer.take() else { return emit(.segmentEnd(SegmentEnd())) }
        _ = try sealer.finish { emit(Self.work($0)) }
    }

    private static func work(_ piece: SealedPiece) -> Upload.Work {
        switch piece {
        case .ciphertext(let bytes): .ciphertext(bytes)
        case .segmentEnd(let header, let digest): .segmentEnd(SegmentEnd(header: header, digest: digest.state))
        }
    }
}

/// What the line of a segment will say beside its ciphertext: nothing where it came sealed.
struct SegmentEnd: Sendable {
    var header: [UInt8]?
    /// The running digest's state.
    var digest: [UInt8]?
}
