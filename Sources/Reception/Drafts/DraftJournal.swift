import Canonical
import Linux
import Sealing

/// A document's journal, read from the disk: its lines as far as they are whole and follow one another.
struct DraftJournal {
    let line: DraftDocumentLine
    let segments: [DraftSegmentLine]
    /// Where the last of them ends, in the file.
    let end: Int64

    /// - Returns: nil where the first line is not whole.
    init?(_ number: Int, in folder: DurableFolder) throws {
        try self.init(number, bytes: try folder.readAll(DraftStore.journalName(number), max: DraftDocument.longestJournal))
    }

    /// The same of its bytes, whatever they are.
    init?(_ number: Int, bytes: [UInt8]) throws {
        var start = 0
        func next() -> [UInt8]? {
            guard let newline = bytes[start...].firstIndex(of: 0x0a) else { return nil }
            defer { start = newline + 1 }
            return Array(bytes[start..<newline])
        }
        guard let first = next() else { return nil }
        line = try Self.line(first, of: number)
        var segments: [DraftSegmentLine] = []
        var end = start
        while let text = next() {
            guard let segment = try? DraftSegmentLine(canonical: text), segment.number == segments.count + 1,
                segment.offset == segments.last?.end ?? 0, segment.end <= line.length,
                (segment.header == nil) == (line.detail == nil)
            else { break }
            segments.append(segment)
            end = start
        }
        self.segments = segments
        self.end = Int64(end)
    }

    /// The first line alone, and of a document that somebody may be writing: nothing is repaired.
    ///
    /// - Returns: nil where it is not whole.
    static func announced(_ number: Int, in folder: DurableFolder) throws -> DraftDocumentLine? {
        let bytes = try folder.open(DraftStore.journalName(number)).read(at: 0, max: DraftDocumentLine.longest)
        guard let end = bytes.firstIndex(of: 0x0a) else { return nil }
        return try line(Array(bytes[..<end]), of: number)
    }

    private static func line(_ bytes: [UInt8], of number: Int) throws -> DraftDocumentLine {
        let line = try DraftDocumentLine(canonical: bytes)
        guard line.number == number else { throw VaultFailure.draft("the journal of another document") }
        return line
    }
}
