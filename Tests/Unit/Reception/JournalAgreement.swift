import Canonical

@testable import Reception

/// What must hold of a document's journal, whatever its bytes are: what is believed of it are whole lines from its start, in
/// their one writing, one after the other without a gap; and what a crash leaves behind them changes nothing. Asked by the
/// tests of files and by the fuzzer.
///
/// - Returns: what does not hold; nil where all does.
func disagreement(overJournal bytes: [UInt8]) -> String? {
    guard let journal = try? DraftJournal(1, bytes: bytes) else { return nil }
    let end = Int(journal.end)
    guard (1...bytes.count).contains(end) else { return "it ends at \(end) of \(bytes.count)" }
    var written = journal.line.canonicalBytes + [0x0a]
    var (offset, number) = (Int64(0), 0)
    for segment in journal.segments {
        written += segment.canonicalBytes + [0x0a]
        guard segment.offset == offset, segment.number == number + 1, segment.synced <= segment.number else {
            return "segment \(segment.number) at \(segment.offset), after \(number) and \(offset)"
        }
        (offset, number) = (segment.end, segment.number)
    }
    guard offset <= journal.line.length else { return "\(offset) bytes of \(journal.line.length)" }
    guard written == Array(bytes[..<end]) else { return "read, and written otherwise" }
    for tail in [[], [0x7b], Array("{\"begun\":".utf8), [0x0a], [0, 0x0a]] as [[UInt8]] {
        let again = try? DraftJournal(1, bytes: Array(bytes[..<end]) + tail)
        guard again?.end == journal.end, again?.segments.count == journal.segments.count else { return "with \(tail) behind it is another" }
    }
    return nil
}
