import Canonical
import Linux
import Procurement
import Synchronization

/// Where sealed envelopes lie: put and get of immutable files, each written once.
///
/// `envelopes/<consultation>/<bid>.1 … <bid>.seal`. A file that is here means nothing: visible is what has an event. So
/// folders are listed at the start only, to move aside what no event names.
final class EnvelopeStore: Sendable {
    private let root: DurableFolder
    private let lostAndFound: DurableFolder
    private let open = Mutex<[Identifier: DurableFolder]>([:])

    init(root: DurableFolder, lostAndFound: DurableFolder) {
        self.root = root
        self.lostAndFound = lostAndFound
    }

    static func sealName(_ bid: Identifier) -> String { "\(bid.text).seal" }
    static func documentName(_ bid: Identifier, _ number: Int) -> String { "\(bid.text).\(number)" }

    /// The folder of a consultation, made durably at its first bid.
    func folder(of consultation: Identifier) throws(LinuxError) -> DurableFolder {
        if let known = open.withLock({ $0[consultation] }) { return known }
        let folder: DurableFolder
        if try root.exists(consultation.text) {
            folder = try root.folder(consultation.text)
        } else {
            do {
                folder = try root.makeFolder(consultation.text)
            } catch where error.isExisting {
                folder = try root.folder(consultation.text)
            }
        }
        // Each time, not only where it was made: another thread, or the process before this one, may have made it and
        // not come to this line.
        try root.sync()
        open.withLock { open in
            // A descriptor each: let all go rather than hold hundreds.
            if open.count >= 256 { open.removeAll() }
            open[consultation] = folder
        }
        return folder
    }

    /// A file of a bid, to be read. `name` is one of ours, made from an identifier and a number.
    func read(_ name: String, of consultation: Identifier) throws(LinuxError) -> DurableFile {
        try folder(of: consultation).open(name)
    }

    func room() throws(LinuxError) -> Reservations.Room {
        let space = try root.freeSpace()
        return Reservations.Room(free: space.bytes, total: space.total, freeInodes: space.inodes)
    }

    /// Moves files that no event names to `lost+found`, and says which. A whole envelope may be among them: it is never
    /// deleted, so that a bid received whole can still be admitted by a recorded decision.
    ///
    /// - Parameter documents: how many documents the register knows of a bid, nil for a bid it does not know.
    func setAside(
        unknownTo documents: (_ consultation: Identifier, _ bid: Identifier) throws -> Int?
    ) throws -> [SetAside] {
        var moved: [SetAside] = []
        for name in try root.list(max: 1_000_000).sorted() {
            guard let consultation = try? Identifier(name), let folder = try? root.folder(name) else {
                moved.append(try move(name, from: root, as: name, length: 0))
                continue
            }
            for file in try folder.list(max: 4_000_000).sorted() {
                let parts = file.split(separator: ".", maxSplits: 1)
                if parts.count == 2, let bid = try? Identifier(String(parts[0])),
                    let count = try documents(consultation, bid),
                    parts[1] == "seal" || (1...max(count, 1)).contains(Int(parts[1]) ?? 0)
                {
                    continue
                }
                let length = (try? folder.open(file).length()) ?? 0
                moved.append(try move(file, from: folder, as: "\(name)/\(file)", length: length))
            }
            try folder.sync()
        }
        if !moved.isEmpty {
            try root.sync()
            try lostAndFound.sync()
        }
        return moved
    }

    private func move(
        _ name: String, from folder: DurableFolder, as path: String, length: Int64
    ) throws(LinuxError) -> SetAside {
        let flat = String(path.map { $0 == "/" ? "." : $0 })
        var target = flat
        var number = 1
        while try lostAndFound.exists(target) {
            number += 1
            target = "\(flat).\(number)"
        }
        try folder.rename(name, to: target, in: lostAndFound)
        return SetAside(file: String(path.prefix(600)), length: length)
    }
}
