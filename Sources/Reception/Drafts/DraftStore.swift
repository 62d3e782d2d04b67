import Canonical
import Linux

/// Where drafts lie: `drafts/<consultation>/<bid>/<n>` and `<n>.draft`. See <doc:Drafts>.
///
/// In the file system of `envelopes/`, since a submitted document gets a second name there.
final class DraftStore: Sendable {
    /// Documents ever opened in one draft, those removed again with them.
    static let mostNumbers: Int64 = 1_000_000

    private let root: DurableFolder

    init(root: DurableFolder) { self.root = root }

    static func ciphertextName(_ number: Int) -> String { "\(number)" }
    static func journalName(_ number: Int) -> String { "\(number).draft" }

    /// The folder of a draft, made durably where it is not there.
    func make(_ bid: Identifier, of consultation: Identifier) throws(LinuxError) -> DurableFolder {
        let parent = try Self.ensure(consultation.text, in: root)
        return try Self.ensure(bid.text, in: parent)
    }

    /// - Returns: nil where nothing was ever written of it.
    func folder(of bid: Identifier, in consultation: Identifier) throws(LinuxError) -> DurableFolder? {
        do {
            return try root.folder(consultation.text).folder(bid.text)
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
    }

    struct Listing {
        /// Of the documents that are there, in order.
        var numbers: [Int] = []
        /// The highest that was ever given; 0 where none was.
        var last = 0
    }

    func listing(of folder: DurableFolder) throws(LinuxError) -> Listing {
        var listing = Listing()
        for name in try folder.list(max: 4_000_000) {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let number = Int(parts[0]), String(number) == parts[0] else { continue }
            if parts[1] == "draft" { listing.numbers.append(number) }
            if parts[1] == "draft" || parts[1] == "gone" { listing.last = max(listing.last, number) }
        }
        listing.numbers.sort()
        return listing
    }

    /// Removes a document, and remembers its number.
    func remove(_ number: Int, in folder: DurableFolder) throws(LinuxError) {
        do {
            _ = try folder.create("\(number).gone")
        } catch {
            guard error.isExisting else { throw error }
        }
        try folder.unlink(Self.journalName(number))
        try folder.unlinkIfThere(Self.ciphertextName(number))
        try folder.sync()
    }

    /// Removes a draft and all of it. What is left after a crash is removed by the next start.
    func remove(_ bid: Identifier, of consultation: Identifier) throws(LinuxError) {
        guard let folder = try folder(of: bid, in: consultation) else { return }
        for name in try folder.list(max: 4_000_000) { try folder.unlink(name) }
        try root.folder(consultation.text).removeFolder(bid.text)
    }

    /// All drafts there are, known to the register or not. Their folders are durable when this returns, whoever made them.
    func all() throws(LinuxError) -> [(consultation: Identifier, bid: Identifier)] {
        var found: [(Identifier, Identifier)] = []
        try root.sync()
        for name in try root.list(max: 1_000_000) {
            guard let consultation = try? Identifier(name), let folder = try? root.folder(name) else { continue }
            try folder.sync()
            for name in try folder.list(max: 4_000_000) {
                if let bid = try? Identifier(name) { found.append((consultation, bid)) }
            }
        }
        return found
    }

    private static func ensure(_ name: String, in parent: DurableFolder) throws(LinuxError) -> DurableFolder {
        do {
            return try parent.folder(name)
        } catch {
            guard error.isMissing else { throw error }
        }
        let folder: DurableFolder
        do {
            folder = try parent.makeFolder(name)
        } catch {
            guard error.isExisting else { throw error }
            folder = try parent.folder(name)
        }
        do {
            try parent.sync()
        } catch {
            // Found by the next request it would be taken for durable.
            try? parent.removeFolder(name)
            throw error
        }
        return folder
    }
}
