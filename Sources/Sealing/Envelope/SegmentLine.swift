internal import Canonical

/// One line of `N.segments`: where a segment lies in the ciphertext and its header in `N.p7m`.
struct SegmentLine: Sendable, Equatable {
    let offset: Int64
    let length: Int
    let headerOffset: Int
    let headerLength: Int
    /// Of the segment's ciphertext.
    let sha256: Digest

    var text: String { "\(offset) \(length) \(headerOffset) \(headerLength) \(sha256)\n" }

    /// Reads a whole `N.segments`, and only the one text that says it: what was read is written again and compared.
    ///
    /// Segments and headers follow one another without a gap; none is empty but the only one of an empty document.
    static func read(_ bytes: [UInt8], headers: Int) throws(SealingError) -> [SegmentLine] {
        var lines: [SegmentLine] = []
        var offset: Int64 = 0
        var headerOffset = 0
        func wrong(_ reason: String) -> SealingError {
            SealingError(.envelope, "line \(lines.count + 1) of the segments \(reason)")
        }
        for line in bytes.split(
            separator: UInt8(ascii: "\n"), maxSplits: SealingLimits.segments + 1, omittingEmptySubsequences: false
        ).dropLast() {
            guard lines.count < SealingLimits.segments else {
                throw SealingError(.limit, "a document has at most 20,000 segments")
            }
            let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
            guard words.count == 5, let start = Int64(words[0]), let length = Int(words[1]),
                let headerStart = Int(words[2]),
                let headerLength = Int(words[3]), let sha256 = try? Digest(hex: words[4])
            else { throw wrong("is not offset, length, header offset, header length, digest") }
            guard start == offset, headerStart == headerOffset else { throw wrong("does not follow the one before") }
            guard (0...SealingLimits.segment).contains(length), (1...4096).contains(headerLength) else {
                throw wrong("has a length out of bounds")
            }
            lines.append(
                SegmentLine(
                    offset: start, length: length, headerOffset: headerStart, headerLength: headerLength, sha256: sha256
                ))
            offset += Int64(length)
            headerOffset += headerLength
        }
        guard !lines.isEmpty, Array(lines.map(\.text).joined().utf8) == bytes else {
            throw wrong("is not as it must be written")
        }
        guard lines.count == 1 || lines.allSatisfy({ $0.length > 0 }) else {
            throw SealingError(.envelope, "an empty segment among others")
        }
        guard headerOffset == headers else {
            throw SealingError(.envelope, "the segments name \(headerOffset) bytes of headers, there are \(headers)")
        }
        return lines
    }
}
