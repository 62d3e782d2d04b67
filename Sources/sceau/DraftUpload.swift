import Canonical
import Client
import Foundation
import HTTP
import Linux
import OpenSSL

/// One draft filled over tus 1.0: what is there already is looked up, what is missing sent, from the exact byte on.
final class DraftUpload {
    /// A document to be.
    struct Item {
        let path: String
        let part: String
        /// `Upload-Metadata`, but for the part; nothing where the document is sealed, since its names are within.
        let metadata: [(key: String, value: String)]
        let length: Int64

        func value(_ key: String) -> String? { metadata.first { $0.key == key }?.value }
    }

    private static let protocolFields = [(name: "Tus-Resumable", value: "1.0.0")]

    private let invocation: Invocation
    private let daemon: Daemon
    private let bid: UnfinishedBid
    private let isSealed: Bool
    private var persistence: Persistence
    /// How many documents the draft has.
    private var count = 0

    init(_ invocation: Invocation, _ daemon: Daemon, _ bid: UnfinishedBid, isSealed: Bool = false) throws(CommandError) {
        self.invocation = invocation
        self.daemon = daemon
        self.bid = bid
        self.isSealed = isSealed
        persistence = Persistence(invocation.terminal, seconds: try invocation.integer("patience", in: 1...86_400) ?? 900)
    }

    private var fields: [(name: String, value: String)] { [("Bid-Code", bid.code.text)] }

    // MARK: The draft

    /// Opens it, or finds it open. The same number and code are the same draft.
    ///
    /// - Returns: the depositor's account.
    @discardableResult
    func open() throws(CommandError) -> Identifier {
        var body: [String: JSON] = ["id": .identifier(bid.bid)]
        if isSealed { body["sealed"] = .bool(true) }
        let asked = JSON.object(body).encoded()
        let view: DraftOpenedView = try persistence.retrying { () throws(CommandError) in
            try daemon.view(
                daemon.exchange(
                    "POST", ["consultations", bid.consultation.text, "bids"],
                    fields: fields + [("Content-Type", "application/json")], body: .bytes(asked), isRepeatable: true))
        }
        guard view.id == bid.bid else { throw .refused("the daemon opened another draft than the one asked for") }
        return view.depositor
    }

    func read() throws(CommandError) -> DraftView {
        try persistence.retrying { () throws(CommandError) in
            try daemon.view(daemon.exchange("GET", ["bids", bid.bid.text], fields: fields, isRepeatable: true))
        }
    }

    /// Makes the draft's documents these.
    ///
    /// - Parameters:
    ///   - isFresh: whether what may be there of an item is to be sent anew, since its file was changed.
    ///   - cleared: called once nothing is there any more that is not of these items as they are.
    /// - Returns: SHA-256 of what was sent, for each item that went out uninterrupted.
    func fill(
        _ items: [Item], _ label: String, isFresh: (Item) -> Bool = { _ in false },
        cleared: () throws(CommandError) -> Void = {}
    ) throws(CommandError) -> [Digest?] {
        let found = try read().documents
        count = found.count
        let places = isSealed ? Self.sequence(items, in: found) : Self.places(of: items, in: found, isFresh)
        let kept = Set(places.compactMap { $0?.id })
        for document in found where !kept.contains(document.id) { try remove(document) }
        try cleared()
        let total = items.reduce(0) { $0 + $1.length }
        var done = places.reduce(0) { $0 + ($1?.offset ?? 0) }
        let progress = invocation.progress(label, total: total, done: done)
        defer { progress.finish() }
        var digests: [Digest?] = []
        for (item, place) in zip(items, places) {
            let address: String
            if let place { address = place.id } else { address = try create(item) }
            let offset = place?.offset ?? 0
            digests.append(try send(item, to: address, from: offset) { progress.update(done - offset + $0) })
            done += item.length - offset
        }
        return digests
    }

    /// What is there of each item, by part, folder and name.
    private static func places(
        of items: [Item], in found: [DraftView.DocumentView], _ isFresh: (Item) -> Bool
    ) -> [DraftView.DocumentView?] {
        let known = Dictionary(found.map { ([$0.part, $0.folder, $0.name], $0) }) { first, _ in first }
        return items.map { item in
            guard let there = known[[item.part, item.value("folder"), item.value("filename")]], there.length == item.length, !isFresh(item)
            else { return nil }
            return there
        }
    }

    /// The same where there are no names: the order alone tells them apart, as far as it holds.
    private static func sequence(_ items: [Item], in found: [DraftView.DocumentView]) -> [DraftView.DocumentView?] {
        let agreeing = zip(items, found).prefix { $0.length == $1.length && $0.part == $1.part }.map { $0.1 }
        return items.indices.map { $0 < agreeing.count ? agreeing[$0] : nil }
    }

    private func remove(_ document: DraftView.DocumentView) throws(CommandError) {
        count -= 1
        do {
            try persistence.retrying { () throws(CommandError) in
                _ = try daemon.exchange(
                    "DELETE", ["documents", document.id], fields: fields + Self.protocolFields, isRepeatable: true)
            }
        } catch { guard error.problem == "not-found" else { throw error } }
    }

    // MARK: One document

    /// - Returns: the name under which its bytes are sent.
    private func create(_ item: Item) throws(CommandError) -> String {
        let pairs = ([("part", item.part)] + item.metadata.map { ($0.key, $0.value) })
            .map { "\($0.0) \(Base64.encode(Array($0.1.utf8)))" }.joined(separator: ",")
        while true {
            do throws(CommandError) {
                let answer = try daemon.exchange(
                    "POST", ["bids", bid.bid.text, "documents"],
                    fields: fields + Self.protocolFields + [("Upload-Length", String(item.length)), ("Upload-Metadata", pairs)])
                persistence.progressed()
                guard let location = answer.head.value(of: "location"),
                    let name = location.prefix(while: { $0 != "?" }).split(separator: "/").last
                else { throw CommandError("the daemon does not say where the document is to be sent", .refused) }
                count += 1
                return String(name)
            } catch {
                try persistence.pause(after: error)
                // The answer may have been lost behind the deed.
                let documents = try read().documents
                guard documents.count > count, let made = documents.last, made.length == item.length, made.part == item.part else { continue }
                count = documents.count
                return made.id
            }
        }
    }

    /// - Returns: SHA-256 of the file, where it was read from its first byte to its last in one go.
    private func send(
        _ item: Item, to name: String, from start: Int64, progress: @escaping (Int64) -> Void
    ) throws(CommandError) -> Digest? {
        let file = try InputFile(item.path)
        guard file.length == item.length else { throw Self.changed(item) }
        var offset = start
        // The one empty segment of an empty document came with its creation.
        while offset < item.length {
            progress(offset)
            do throws(CommandError) {
                try file.seek(to: offset)
                let source = try Self.digesting(file)
                let from = offset
                let answer = try daemon.exchange(
                    "PATCH", ["documents", name],
                    fields: fields + Self.protocolFields + [
                        ("Upload-Offset", String(offset)), ("Content-Type", "application/offset+octet-stream"),
                    ], body: .stream(length: item.length - offset, source)
                ) { progress(from + $0) }
                persistence.progressed()
                guard answer.head.value(of: "upload-offset") == String(item.length) else {
                    throw CommandError("the daemon took another number of bytes than was sent", .refused)
                }
                guard file.isUnchanged else { throw Self.changed(item) }
                if from == 0 { return source.finish() }
                offset = item.length
            } catch {
                let standing: Int64
                if error.problem == "offset" || error.problem == "superseded" {
                    standing = try self.offset(of: name)
                } else {
                    try persistence.pause(after: error)
                    standing = try self.offset(of: name)
                }
                guard standing <= item.length else { throw CommandError("the daemon has more of '\(item.path)' than there is", .refused) }
                if standing > offset { persistence.progressed() }
                offset = standing
            }
        }
        guard file.isUnchanged else { throw Self.changed(item) }
        return nil
    }

    private func offset(of name: String) throws(CommandError) -> Int64 {
        let answer = try persistence.retrying { () throws(CommandError) in
            try daemon.exchange("HEAD", ["documents", name], fields: fields + Self.protocolFields, isRepeatable: true)
        }
        guard let text = answer.head.value(of: "upload-offset"), let offset = Int64(text), offset >= 0 else {
            throw CommandError("the daemon does not say where the upload stands", .refused)
        }
        return offset
    }

    private static func digesting(_ file: InputFile) throws(CommandError) -> DigestingFile {
        do { return try DigestingFile(file) } catch { throw CommandError("\(error)") }
    }

    private static func changed(_ item: Item) -> CommandError {
        CommandError(
            "'\(item.path)' was changed while it was being sent", hint: "the same command sends it anew", problem: Daemon.fileProblem)
    }

    // MARK: The bid

    /// Makes it a bid; asked again, the daemon gives the same receipt.
    func submit(_ body: [UInt8], type: String, query: String = "") throws(CommandError) -> Answer {
        try persistence.retrying { () throws(CommandError) in
            try daemon.exchange(
                "POST", ["bids", bid.bid.text, "submission"], query: query, fields: fields + [("Content-Type", type)], body: .bytes(body),
                isRepeatable: true)
        }
    }
}
