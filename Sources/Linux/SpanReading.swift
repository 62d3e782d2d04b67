internal import CLinux
internal import Glibc

/// Reading straight into memory that its owner wipes: a key, a passphrase. No copy of it is left in a buffer of anybody's.
public enum SpanReading {
    /// Until the span is full or the file ends; from a terminal, until a line ends.
    ///
    /// - Returns: how many bytes.
    public static func fill(_ span: inout MutableSpan<UInt8>, from descriptor: Int32, isTerminal: Bool = false) throws(LinuxError) -> Int {
        var count = 0
        while count < span.count {
            let start = count
            let got = unsafe span.withUnsafeMutableBufferPointer { buffer in
                unsafe read(descriptor, buffer.baseAddress! + start, buffer.count - start)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw .last("read")
            }
            if got == 0 { break }
            count += got
            if isTerminal, span[count - 1] == 0x0a { break }
        }
        return count
    }
}
