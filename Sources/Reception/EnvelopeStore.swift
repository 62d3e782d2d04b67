import Canonical
import Linux
import Procurement
import Records
import Synchronization

/// Where sealed envelopes lie: put and get of immutable files, each written once.
///
/// `envelopes/<consultation>/<bid>.1 … <bid>.seal`. A file that is here means nothing: visible is what has an event. So
/// folders are listed at the start only, to move aside what no event names.
final class EnvelopeStore: Sendable {
    private let root: DurableFolder
    private let lostAndFound: DurableFolder
    private let open = Mutex<[Identifier: DurableFolder]>([:])

    /// Where everything is written a second time; nil where there is none.
    let mirror: Mirror?

    init(root: DurableFolder, lostAndFound: DurableFolder, mirror: Mirror? = nil) {
        self.mirror = mirror
        self.root = root
        self.lostAndFound = lostAndFound
    }

    static func sealName(_ bid: Identifier) -> String { "\(bid.text).seal" }
    static func documentName(_ bid: Identifier, _ number: Int) -> String { "\(bid.text).\(number)" }

    /// The folder of a consultation, made durably at its first bid.
    func folder(of consultation: Identifier) throws(LinuxError) -> DurableFolder {
        if let known = open.withLock({ $0[consultation] }) { return known }
        let folder: DurableFolder
        do {
            folder = try root.folder(consultation.text)
        } catch where error.isMissing {
            do {
                folder = try root.makeFolder(consultation.text)
            } catch where error.isExisting {
                folder = try root.folder(consultation.text)
            }
        }
        do {
            // Each time, not only where it was made: another thread, or the process before this one, may have made it and
            // not come to this line.
            try root.sync()
        } catch {
            // A later sync that succeeds would prove nothing of a name made before: it is made anew. Not empty, it stays:
            // then someone's sync succeeded.
            try? root.removeFolder(consultation.text)
            throw error
        }
        open.withLock { open in
            // A descriptor each: let all go rather than hold hundreds.
            if open.count >= 256 { open.removeAll() }
            open[consultation] = folder
        }
        return folder
    }

    func existingFolder(of consultation: Identifier) throws(LinuxError) -> DurableFolder { try root.folder(consultation.text) }

    /// What the scribe syncs before a bid's commit: its folder here, and in the mirror.
    func folderSync(_ folder: DurableFolder, of consultation: Identifier) -> FolderSync {
        FolderSync(consultation.text) { [mirror] in
            try folder.sync()
            if let mirror { EnvelopeTee.sync(mirror, consultation) }
        }
    }

    /// A file of a bid, to be read. `name` is one of ours, made from an identifier and a number.
    ///
    /// The folder is found anew each time: a restored backup may have put another in its place.
    func read(_ name: String, of consultation: Identifier) throws(LinuxError) -> DurableFile {
        try root.folder(consultation.text).open(name)
    }

    /// The archive of a bid: everything of its envelope but ciphertext.
    func seal(of bid: Identifier, in consultation: Identifier, max: Int) throws(LinuxError) -> [UInt8] {
        try root.folder(consultation.text).readAll(Self.sealName(bid), max: max)
    }

    func room() throws(LinuxError) -> Reservations.Room {
        let space = try root.freeSpace()
        return Reservations.Room(free: space.bytes, total: space.total, freeInodes: space.inodes)
    }

    /// Files that no event names, as they will be named when they are moved to `lost+found`. A whole envelope may be among
    /// them: it is never deleted, so that a bid received whole can still be admitted by a recorded decision.
    ///
    /// - Parameter documents: how many documents the register knows of a bid, nil for a bid it does not know.
    func unknown(
        to documents: (_ consultation: Identifier, _ bid: Identifier) throws -> Int?
    ) throws -> [Stray] {
        var strays: [Stray] = []
        for name in try root.list(max: 1_000_000) {
            guard let consultation = try? Identifier(name), let folder = try? root.folder(name) else {
                strays.append(Stray(folder: nil, name: name, length: (try? root.open(name).length()) ?? 0))
                continue
            }
            for file in try folder.list(max: 4_000_000) {
                let parts = file.split(separator: ".", maxSplits: 1)
                if parts.count == 2, let bid = try? Identifier(String(parts[0])),
                    let count = try documents(consultation, bid),
                    parts[1] == "seal" || (1...max(count, 1)).contains(Int(parts[1]) ?? 0)
                {
                    continue
                }
                strays.append(Stray(folder: name, name: file, length: (try? folder.open(file).length()) ?? 0))
            }
        }
        return strays
    }

    /// Moves them. The place they come to is on the disk before the one they left forgets them.
    ///
    /// - Returns: those that could not be moved, and why. They harm nobody where they are.
    func setAside(_ strays: [Stray]) throws(LinuxError) -> [(stray: Stray, error: LinuxError)] {
        var left: [(stray: Stray, error: LinuxError)] = []
        for stray in strays {
            do throws(LinuxError) {
                let folder = try stray.folder.map { name throws(LinuxError) in try root.folder(name) } ?? root
                try folder.rename(stray.name, to: free(stray.path), in: lostAndFound)
            } catch {
                left.append((stray, error))
            }
        }
        try lostAndFound.sync()
        for name in Set(strays.compactMap(\.folder)) { try root.folder(name).sync() }
        try root.sync()
        return left
    }

    /// A name in `lost+found` that nothing has: what lies there is never replaced.
    private func free(_ path: String) throws(LinuxError) -> String {
        // A planted name may be as long as a name can be.
        let flat = Stray.shortened(path.replacing("/", with: "."), to: 200)
        var target = flat
        var number = 1
        while try lostAndFound.exists(target) {
            number += 1
            target = "\(flat).\(number)"
        }
        return target
    }
}

/// A file below `envelopes/` that no event names.
struct Stray: Sendable {
    /// Of a consultation; nil at the top.
    let folder: String?
    let name: String
    let length: Int64

    var path: String { folder.map { "\($0)/\(name)" } ?? name }
    var event: SetAside { SetAside(file: Stray.shortened(path, to: 590), length: length) }

    /// The first bytes of a name that may be no UTF-8 at all: read as such it is up to three times as long.
    static func shortened(_ name: String, to count: Int) -> String {
        name.utf8.count <= count ? name : String(decoding: name.utf8.prefix(count - 3), as: UTF8.self)
    }
}
