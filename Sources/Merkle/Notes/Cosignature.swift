/// A witness's signature (C2SP tlog-cosignature, Ed25519): as of this time, this was the largest consistent tree it had
/// seen of this log.
struct Cosignature {
    /// Since 1970, below 2^63.
    let seconds: Int
    let signature: [UInt8]

    init(seconds: Int, signature: [UInt8]) {
        self.seconds = seconds
        self.signature = signature
    }

    /// From a signature line: eight bytes of time, big-endian, and 64 of Ed25519.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == 72, bytes[0] < 0x80 else { return nil }
        seconds = bytes.prefix(8).reduce(0) { $0 << 8 | Int($1) }
        signature = Array(bytes.dropFirst(8))
    }

    var bytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: seconds >> (8 * (7 - $0))) } + signature }

    /// What is signed: the note's text behind two lines of its own, so that no signature of a log is one of a witness.
    static func message(_ text: [UInt8], seconds: Int) -> [UInt8] { Array("cosignature/v1\ntime \(seconds)\n".utf8) + text }
}
