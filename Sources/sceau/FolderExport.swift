import Evidence
import Linux

/// An export as a folder of plain files. Links are not followed: a file of it is where it says it is.
final class FolderExport: ExportFiles {
    private let top: DurableFolder
    /// The file read last, since a long one is read piece by piece.
    private var opened: (path: String, file: FileBox)?

    private final class FileBox {
        let file: DurableFile
        init(_ file: consuming DurableFile) { self.file = file }
    }

    static func isFolder(_ path: String) -> Bool { (try? DurableFolder(path: path)) != nil }

    init(_ path: String) throws(CommandError) {
        do { top = try DurableFolder(path: path) } catch { throw CommandError("'\(path)' cannot be opened: \(error)") }
    }

    func paths() throws -> [String] {
        var paths: [String] = []
        try list(top, below: "", depth: 0, into: &paths)
        return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private func list(_ folder: DurableFolder, below prefix: String, depth: Int, into paths: inout [String]) throws {
        guard depth < 16 else { throw EvidenceError("\(prefix) is deeper than an export is") }
        let names = try folder.list(max: 4_000_000)
        // Nothing of an export lies in an empty folder: it is strange as a file would be.
        if names.isEmpty, depth > 0 { paths.append(prefix) }
        for name in names {
            if let inner = try? folder.folder(name) {
                try list(inner, below: prefix + name + "/", depth: depth + 1, into: &paths)
            } else {
                paths.append(prefix + name)
            }
        }
    }

    func read(_ path: String, at offset: Int64, max: Int) throws -> [UInt8] {
        if opened?.path != path {
            var folder = top
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            do {
                for name in parts.dropLast() { folder = try folder.folder(name) }
                opened = (path, FileBox(try folder.open(parts[parts.count - 1])))
            } catch {
                throw EvidenceError(error.isMissing ? "\(path) is missing" : "\(path) cannot be read: \(error)")
            }
        }
        guard let box = opened?.file else { return [] }
        let rest = try box.file.length() - offset
        return rest > 0 ? try box.file.read(at: offset, max: Int(min(Int64(max), rest))) : []
    }
}
