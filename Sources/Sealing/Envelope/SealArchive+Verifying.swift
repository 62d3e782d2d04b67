internal import Canonical

extension SealArchive {
    /// One document's ciphertext against the seal, segment by segment. It needs no key, and tells nothing of what is inside:
    /// what holds here is that not a byte changed since the seal was made.
    ///
    /// - Parameters:
    ///   - number: from 1.
    ///   - source: the next bytes of the ciphertext file, at most as many as asked for; empty at its end.
    /// - Throws: ``SealingError`` naming document and segment, or what the source threw.
    public func verify(document number: Int, from source: (_ max: Int) throws -> [UInt8]) throws {
        func wrong(_ reason: String, segment: Int? = nil) -> SealingError {
            SealingError(.envelope, "document \(number)" + (segment.map { ", segment \($0)" } ?? "") + ": " + reason)
        }
        do { try checkDigests(document: number) } catch { throw wrong(error.text) }
        let file = documents[number - 1]
        let lines: [SegmentLine]
        do { lines = try SegmentLine.read(file.segments, headers: file.headers.count) } catch { throw wrong(error.text) }
        guard lines.reduce(0, { $0 + Int64($1.length) }) == seal.documents[number - 1].length else {
            throw wrong("its segments are not as long as it")
        }
        for (index, line) in lines.enumerated() {
            var content: [UInt8] = []
            content.reserveCapacity(line.length)
            while content.count < line.length {
                let bytes = try source(line.length - content.count)
                guard !bytes.isEmpty else { throw wrong("the file is cut off", segment: index + 1) }
                content += bytes
            }
            guard Digest(of: content) == line.sha256 else {
                throw wrong("its bytes are not those that were sealed", segment: index + 1)
            }
        }
        guard try source(1).isEmpty else { throw wrong("the file goes on behind its last segment") }
    }
}
