import Canonical
import Foundation
import Linux
import Sealing

/// Where an opening writes: new, private folders and files. Names from outside are made safe before they come here.
struct OpeningFolder {
    private let path: String
    private let root: DurableFolder

    /// Makes the folder, or takes an empty one: documents of two openings must not be mistaken for one another's.
    init(_ path: String) throws(CommandError) {
        self.path = path
        root = try Self.emptyFolder(path)
    }

    private static func emptyFolder(_ path: String) throws(CommandError) -> DurableFolder {
        let folder: DurableFolder
        let names: [String]
        do {
            folder = try folderMadeOrTaken(path)
            names = try folder.list(max: 1000)
        } catch {
            // EFBIG: more names than were asked for.
            throw error.errno == EFBIG ? notEmpty(path) : OutputFile.failure(error, path)
        }
        guard names.isEmpty else { throw notEmpty(path) }
        return folder
    }

    // Apart from the function above: nested typed catches in one initialiser send Swift 6.3.1's compiler round for
    // ever.
    private static func folderMadeOrTaken(_ path: String) throws(LinuxError) -> DurableFolder {
        do {
            return try DurableFolder.make(path: path)
        } catch {
            guard error.isExisting else { throw error }
            return try DurableFolder(path: path + "/.")
        }
    }

    private static func notEmpty(_ path: String) -> CommandError {
        CommandError("'\(path)' is not empty", hint: "choose a new folder: --out DIR")
    }

    func write(_ name: String, _ bytes: [UInt8]) throws(CommandError) {
        do { try root.replace(name, with: bytes) } catch {
            throw OutputFile.failure(error, path + "/" + name)
        }
    }

    /// `DIR/BID/PART`, for one part of one bid.
    func part(_ part: String, of bid: Identifier) throws(CommandError) -> DocumentFolder {
        do {
            let folder = try Self.folder(bid.text, in: root)
            return DocumentFolder(try Self.folder(SafeName(part, otherwise: "part").text, in: folder))
        } catch { throw OutputFile.failure(error, "\(path)/\(bid.text)") }
    }

    fileprivate static func folder(_ name: String, in parent: DurableFolder) throws(LinuxError) -> DurableFolder {
        do { return try parent.makeFolder(name) } catch {
            guard error.isExisting else { throw error }
            return try parent.folder(name)
        }
    }
}
