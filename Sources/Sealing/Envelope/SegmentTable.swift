public import Canonical
internal import OpenSSL

/// The files that describe a document's ciphertext file.
public struct DocumentFiles: Sendable, Equatable {
    /// `N.p7m`: the segments' headers, back to back.
    public let headers: [UInt8]
    /// `N.segments`: one line a segment.
    public let segments: [UInt8]
    /// Of the ciphertext, and so of the document.
    public let length: Int64

    public init(headers: [UInt8], segments: [UInt8], length: Int64) {
        self.headers = headers
        self.segments = segments
        self.length = length
    }
}

/// Keeps account of the ciphertext that is really written, on the thread that writes it: what is on the disk is what the
/// digests are of.
public struct SegmentTable: ~Copyable {
    private var headers: [UInt8] = []
    private var segments: [UInt8] = []
    private var offset: Int64 = 0
    private var length = 0
    private var count = 0
    private var digest: SHA256

    public init() throws(SealingError) {
        let digest = try naming(.cryptography, "hash a segment") { try SHA256() }
        self.digest = digest
    }

    public mutating func ciphertext(_ bytes: Span<UInt8>) throws(SealingError) {
        guard length + bytes.count <= SealingLimits.segment else {
            throw SealingError(.limit, "a segment is at most 16 MiB")
        }
        digest.update(bytes)
        length += bytes.count
    }

    public mutating func segmentEnd(header: [UInt8]) throws(SealingError) {
        guard count < SealingLimits.segments else {
            throw SealingError(.limit, "a document has at most 20,000 segments")
        }
        var hashed = try naming(.cryptography, "hash a segment") { try SHA256() }
        swap(&hashed, &digest)
        let line = SegmentLine(
            offset: offset, length: length, headerOffset: headers.count, headerLength: header.count,
            sha256: Digest(hashed.finish()))
        segments += Array(line.text.utf8)
        headers += header
        offset += Int64(length)
        length = 0
        count += 1
    }

    /// The files of a document whose segments were kept account of elsewhere, in order.
    public static func files(of kept: [(length: Int, sha256: Digest, header: [UInt8])]) throws(SealingError) -> DocumentFiles {
        var (headers, segments): ([UInt8], [UInt8]) = ([], [])
        var offset: Int64 = 0
        for segment in kept {
            let line = SegmentLine(
                offset: offset, length: segment.length, headerOffset: headers.count, headerLength: segment.header.count,
                sha256: segment.sha256)
            segments += Array(line.text.utf8)
            headers += segment.header
            offset += Int64(segment.length)
        }
        return DocumentFiles(headers: headers, segments: segments, length: offset)
    }

    /// The document is whole: its last segment was ended.
    public consuming func finish() throws(SealingError) -> DocumentFiles {
        guard length == 0, count > 0 else { throw SealingError(.envelope, "a document ends within a segment") }
        return DocumentFiles(headers: headers, segments: segments, length: offset)
    }
}
