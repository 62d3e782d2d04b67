import Canonical
import Linux
import OpenSSL
import Sealing

/// A bid that is being sent: what the same command needs to go on with it, kept in `SCEAU_HOME/unfinished/` until it is
/// submitted. The code in it opens the draft: the file is private, as all of that folder is.
struct UnfinishedBid: CanonicalObject, Equatable {
    static let format = "sceau/unfinished-bid/1"

    /// A file as it was when it was first sent.
    struct File: Equatable {
        let path: String
        let length: Int64
        let modified: Int64
    }

    let consultation: Identifier
    /// Chosen here, so that asking for it twice opens one draft.
    let bid: Identifier
    let code: Identifier
    let begun: Instant
    var files: [File]

    /// A new one, under numbers of this machine's making.
    static func make(in consultation: Identifier, code: Identifier?, now: Instant) throws(CommandError) -> UnfinishedBid {
        let (bid, made) = (try Identifier.random(), try Identifier.random())
        return UnfinishedBid(consultation: consultation, bid: bid, code: code ?? made, begun: now, files: [])
    }

    init(consultation: Identifier, bid: Identifier, code: Identifier, begun: Instant, files: [File]) {
        self.consultation = consultation
        self.bid = bid
        self.code = code
        self.begun = begun
        self.files = files
    }

    var fields: [String: JSON] {
        [
            "consultation": .identifier(consultation), "bid": .identifier(bid), "bidCode": .identifier(code), "begun": .instant(begun),
            "files": .array(
                files.map {
                    .object(["path": .string($0.path), "length": .integer($0.length), "modified": .integer($0.modified)])
                }),
        ]
    }

    init(from reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        bid = try reader.identifier("bid")
        code = try reader.identifier("bidCode")
        begun = try reader.instant("begun")
        var files: [File] = []
        for value in try reader.array("files", max: BidFile.most) {
            var file = try FieldReader(value)
            files.append(
                File(
                    path: try file.string("path", max: 64 << 10), length: try file.integer("length"),
                    modified: try file.integer("modified")))
            try file.finish()
        }
        self.files = files
    }
}

extension Identifier {
    static func random() throws(CommandError) -> Identifier {
        do { return Identifier(random: try Random.sixteen()) } catch { throw CommandError("no random bytes: \(error)") }
    }
}

/// The bids that are being sent from here, and the codes of those that were.
struct UnfinishedBids {
    private static let longest = 16 << 20

    private let home: Home
    /// Of the command that sends it: the same words in the same folder find it again.
    private let name: String

    init(_ home: Home, of consultation: Identifier, words: [String]) {
        self.home = home
        name = Digest(of: Array(([consultation.text] + words).joined(separator: "\0").utf8)).hex
    }

    /// Held while the command runs: two that send the same bid would only take it out of each other's hands.
    ///
    /// - Throws: where another one sends it now.
    func lock() throws(CommandError) -> HeldLock {
        do { return try Self.using(home, "locks") { try HeldLock($0, name) } } catch {
            throw CommandError("another sceau is sending this bid now, or its lock cannot be had: \(error.message)", hint: "wait for it, or end it")
        }
    }

    func load() throws(CommandError) -> UnfinishedBid? {
        try Self.using(home, "unfinished") { folder in
            guard try folder.exists(name) else { return nil }
            return try UnfinishedBid(canonical: folder.readAll(name, max: Self.longest))
        }
    }

    func keep(_ bid: UnfinishedBid) throws(CommandError) {
        try Self.using(home, "unfinished") { try $0.replace(name, with: bid.canonicalBytes) }
    }

    /// It is a bid now, or no more.
    func remove() throws(CommandError) {
        try Self.using(home, "unfinished") { folder in
            if try folder.exists(name) { try folder.unlink(name) }
            try folder.sync()
        }
    }

    static func all(_ home: Home) throws(CommandError) -> [UnfinishedBid] {
        try using(home, "unfinished") { folder in
            var bids: [UnfinishedBid] = []
            for name in try folder.list(max: 100_000) where !name.hasPrefix(".") {
                if let bid = try? UnfinishedBid(canonical: folder.readAll(name, max: longest)) { bids.append(bid) }
            }
            return bids.sorted { $0.begun < $1.begun }
        }
    }

    // MARK: Codes

    static func keep(code: Identifier, of bid: Identifier, in home: Home) throws(CommandError) {
        try using(home, "codes") { try $0.replace(bid.text, with: Array((code.text + "\n").utf8)) }
    }

    static func code(of bid: Identifier, in home: Home) throws(CommandError) -> String? {
        try using(home, "codes") { folder in
            guard try folder.exists(bid.text) else { return nil }
            return String(decoding: try folder.readAll(bid.text, max: 128), as: UTF8.self).filter { !$0.isWhitespace }
        }
    }

    /// A folder of the home, made if need be.
    static func using<Result>(
        _ home: Home, _ name: String, _ body: (DurableFolder) throws -> Result
    ) throws(CommandError) -> Result {
        do {
            let parent = try home.folder()
            let folder: DurableFolder
            if try parent.exists(name) { folder = try parent.folder(name) } else { folder = try parent.makeFolder(name) }
            return try body(folder)
        } catch let error as CanonicalError {
            throw CommandError("a file in \(home.path)/\(name) is damaged: \(error.reason)", hint: "move it away to begin anew")
        } catch {
            throw CommandError("cannot use \(home.path)/\(name): \(error)", hint: "SCEAU_HOME names the folder of this tool's memory")
        }
    }
}
