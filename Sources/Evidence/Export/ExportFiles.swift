/// Where an export's bytes come from: a folder, or a live data folder that is read as if it were one.
///
/// Paths are those of `Export.md`, relative, with `/` between names.
public protocol ExportFiles {
    /// Every file that there is, in byte order.
    func paths() throws -> [String]
    /// At most `max` bytes from `offset`; fewer at the end of the file, none past it. Throws where there is no such file.
    func read(_ path: String, at offset: Int64, max: Int) throws -> [UInt8]
}

extension ExportFiles {
    /// A whole file of at most `max` bytes.
    func whole(_ path: String, max: Int) throws -> [UInt8] {
        let bytes = try read(path, at: 0, max: max + 1)
        guard bytes.count <= max else { throw EvidenceError("\(path) is longer than \(max) bytes") }
        return bytes
    }
}
