import Foundation

/// A file of a bid: where it is here, and what it will be called there.
struct BidFile: Sendable, Equatable {
    /// Documents of one bid, over all folders.
    static let most = 10_000
    private static let depth = 32

    let path: String
    /// `Technique/Annexes`; nil for a file that was named by itself.
    let folder: String?
    let name: String
    let length: Int64
    /// Milliseconds since 1970: a file that was changed between two runs is sent anew.
    let modified: Int64

    /// As it is told to people.
    var label: String { (folder.map { $0 + "/" } ?? "") + name }

    /// The files that `paths` name; of a folder all that is in it, under its own name.
    static func all(_ paths: [String]) throws(CommandError) -> [BidFile] {
        var files: [BidFile] = []
        for path in paths {
            let url = URL(fileURLWithPath: path).standardizedFileURL
            let name = url.lastPathComponent
            if isFolder(path) {
                try gather(path, folder: name == "/" ? nil : name, depth: 0, into: &files)
            } else {
                files.append(try file(path, name: name, folder: nil))
            }
        }
        guard !files.isEmpty else { throw CommandError("there is no file in \(paths.joined(separator: ", "))") }
        guard files.count <= most else { throw CommandError("a bid may have \(most) documents; these are \(files.count)") }
        var known: Set<[UInt8]> = []
        for file in files where !known.insert(Array(file.label.utf8)).inserted {
            throw CommandError("two of the files would be '\(file.label)'", hint: "rename one, or put each into a folder of its own")
        }
        return files
    }

    private static func gather(_ path: String, folder: String?, depth: Int, into files: inout [BidFile]) throws(CommandError) {
        guard depth < Self.depth else { throw CommandError("'\(path)' is more than \(Self.depth) folders deep") }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw CommandError("cannot read the folder '\(path)'")
        }
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            let place = path + "/" + name
            var status = stat()
            guard lstat(place, &status) == 0 else { throw CommandError("cannot look at '\(place)'") }
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                try gather(place, folder: folder.map { $0 + "/" + name } ?? name, depth: depth + 1, into: &files)
            case S_IFREG: files.append(try file(place, name: name, folder: folder))
            // Left out silently it would be missing from the bid; followed it may lead anywhere.
            default:
                throw CommandError("'\(place)' is neither a file nor a folder", hint: "replace it by what it stands for, or move it away")
            }
            guard files.count <= most else { throw CommandError("a bid may have \(most) documents; '\(path)' holds more") }
        }
    }

    private static func file(_ path: String, name: String, folder: String?) throws(CommandError) -> BidFile {
        let file = try InputFile(path)
        guard let length = file.length else {
            throw CommandError("'\(path)' is not a regular file", hint: "a bid is sent with its length: save it to a file first")
        }
        return BidFile(path: path, folder: folder, name: name, length: length, modified: file.modified)
    }

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
