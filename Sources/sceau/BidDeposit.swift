import Canonical
import Client
import Foundation
import OpenSSL
import Sealing

extension Command {
    static let bidDeposit = Command(
        path: ["bid", "deposit"],
        summary: "deposit a bid of one or several files and folders",
        discussion: """
            The files go to the daemon over TLS and are sealed there as they arrive; with --seal they are sealed here, and \
            the platform never sees them. The receipt goes to stdout as \
            JSON: keep it. It says when the last byte came, whether that was on time, and the SHA-256 of what was \
            received, which this tool compares with what it sent.

            A bid of several files, or of a large one, is resumed where it stopped: over a lost connection by itself, and \
            after anything worse by the same command. It is a bid once its receipt is here, and not before. Folders are \
            taken with all that is in them.

            With --key the consultation must have that key set; the fingerprint stands in the tender documents. \
            Without it the key is taken on the platform's word.

            One small file goes in one request: if the connection is lost before the receipt, run the same command again with the \
            --idempotency-key that the error names: one bid, one receipt.
            """,
        operands: [.consultation, Operand(name: "FILE", help: "files and folders to deposit", isList: true)],
        options: [
            .optional("part", "NAME", "the consultation's part that these files are of"),
            .several("lots", "LOT", "the lots that these files are about"),
            .optional("intent", "WORD", "what it is to an earlier bid: replaces or complements"),
            .optional("candidate", "FILE", "who bids, as JSON: lead, members, signatories, subcontractors"),
            .optional("bid-code-file", "FILE", "the bid's code; made and written there if the file does not exist"),
            .optional("key", "FINGERPRINT", "the key set's fingerprint, from the tender documents"),
            .flag("seal", "seal it on this machine, under --key: the platform sees ciphertext only (it takes as much room here as the bid)"),
            .flag("resumable", "in a way that can be resumed, also one small file"),
            .optional("patience", "SECONDS", "how long to try again while nothing gets on (900)"),
            .optional("idempotency-key", "KEY", "of an earlier try in one request whose receipt did not arrive"),
        ],
        run: { (invocation) throws(CommandError) in
            let id = try invocation.consultation()
            let files = try BidDocuments.look(invocation)
            let daemon = try Daemon(invocation)
            let keys = try DepositKeys.check(invocation, daemon, id)
            let words = [invocation.value("part") ?? ""]
                + invocation.arguments.rest.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
            if invocation.has("seal") {
                return try SealedDeposit(invocation, daemon, id, words: words).deposit(files, keys)
            }
            if let key = invocation.value("idempotency-key"), files.count > 1 {
                throw .usage("--idempotency-key \(key) is of a deposit of one file", hint: "several files go on by the same command alone")
            }
            if OneRequest.suits(invocation, files) { return try OneRequest(invocation, daemon, id).send(files[0]) }
            return try ManyRequests(invocation, daemon, id, words: words).send(files)
        })
}

/// A deposit in one request.
struct OneRequest {
    /// Bytes beyond which it is worth resuming.
    private static let most: Int64 = 32 << 20

    private let invocation: Invocation
    private let daemon: Daemon
    private let id: Identifier

    static func suits(_ invocation: Invocation, _ files: [BidFile]) -> Bool {
        if invocation.has("idempotency-key") { return true }
        return files.count == 1 && files[0].folder == nil && files[0].length <= most
            && !["resumable", "lots", "candidate"].contains(where: invocation.has)
    }

    init(_ invocation: Invocation, _ daemon: Daemon, _ id: Identifier) {
        self.invocation = invocation
        self.daemon = daemon
        self.id = id
    }

    func send(_ file: BidFile) throws(CommandError) -> Outcome {
        let made = try Identifier.random().text
        let key = invocation.value("idempotency-key") ?? made
        var fields: [(name: String, value: String)] = [("Idempotency-Key", key), ("Content-Type", "application/octet-stream")]
        if let code = try BidCode.asked(invocation) { fields.append(("Bid-Code", code)) }
        var query: [String] = []
        for option in ["part", "intent"] {
            if let value = invocation.value(option) { query.append(option + "=" + Call.path([value]).dropFirst()) }
        }
        let progress = invocation.progress(file.name, total: file.length)
        let source: DigestingFile
        do { source = try DigestingFile(try InputFile(file.path)) } catch { throw CommandError("\(error)") }
        let answer: Answer
        do {
            answer = try daemon.exchange(
                "PUT", ["consultations", id.text, "bid", file.name], query: query.joined(separator: "&"), fields: fields,
                body: .stream(length: file.length, source)
            ) { progress.update($0) }
        } catch {
            progress.finish()
            guard error.outcome == .failed else { throw error }
            throw CommandError(
                error.message,
                hint: "whether the bid was received is not known; the same command with --idempotency-key \(key) "
                    + "gives one bid and its receipt")
        }
        progress.finish()
        do {
            let sent = ReceiptCheck.Document(part: nil, name: file.name, length: file.length, sha256: source.finish())
            try ReceiptCheck(invocation, id).report(answer, sent: [sent])
        } catch {
            guard error.outcome == .failed else { throw error }
            throw CommandError(
                error.message,
                hint: "the bid was received; the same command with --idempotency-key \(key) gives its receipt again")
        }
        return .done
    }
}

/// A deposit through a draft.
struct ManyRequests {
    private let invocation: Invocation
    private let daemon: Daemon
    private let id: Identifier
    private let store: UnfinishedBids

    init(_ invocation: Invocation, _ daemon: Daemon, _ id: Identifier, words: [String]) throws(CommandError) {
        self.invocation = invocation
        self.daemon = daemon
        self.id = id
        store = UnfinishedBids(try invocation.home(), of: id, words: words)
    }

    func send(_ files: [BidFile]) throws(CommandError) -> Outcome {
        let usual = try Self.usualPart(daemon, id)
        let part = invocation.value("part") ?? usual
        var body: [String: JSON] = [:]
        if let intent = invocation.value("intent") { body["intent"] = .string(intent) }
        if let path = invocation.value("candidate") { body["candidate"] = try CandidateFile.read(path).json }
        let lots = invocation.values("lots").joined(separator: ",")
        let items = files.map { file in
            var metadata = [(key: "filename", value: file.name)]
            if let folder = file.folder { metadata.append(("folder", folder)) }
            if !lots.isEmpty { metadata.append(("lots", lots)) }
            return DraftUpload.Item(path: file.path, part: part, metadata: metadata, length: file.length)
        }
        let lock = try store.lock()
        defer { withExtendedLifetime(lock) {} }
        var (bid, upload, state) = try open()
        var digests = [Digest?](repeating: nil, count: files.count)
        if state != "submitted" {
            let earlier = Dictionary(bid.files.map { ($0.path, $0) }) { first, _ in first }
            let changed = Set(files.filter { file in earlier[file.path].map { $0 != .init(file) } ?? false }.map(\.path))
            if !changed.isEmpty { invocation.terminal.note("sent anew, since changed: \(changed.sorted().joined(separator: ", "))") }
            digests = try upload.fill(items, files.count == 1 ? files[0].name : "\(files.count) files") {
                changed.contains($0.path)
            } cleared: { () throws(CommandError) in
                // Only now: nothing that was sent of the files as they were is left there.
                bid.files = files.map(UnfinishedBid.File.init)
                try store.keep(bid)
            }
        }
        var sent: [ReceiptCheck.Document] = []
        for (file, known) in zip(files, digests) {
            let digest: Digest
            if let known { digest = known } else { digest = try Self.digest(of: file) }
            sent.append(.init(part: part, name: file.name, length: file.length, sha256: digest))
        }
        let answer = try upload.submit(JSON.object(body).encoded(), type: "application/json")
        try UnfinishedBids.keep(code: bid.code, of: bid.bid, in: invocation.home())
        try ReceiptCheck(invocation, id).report(answer, sent: sent)
        try store.remove()
        return .done
    }

    /// The draft that this command began, or a new one: its numbers are on this disk before it is asked for.
    private func open() throws(CommandError) -> (UnfinishedBid, DraftUpload, state: String) {
        var code: Identifier?
        if let text = try BidCode.asked(invocation) { code = try invocation.identifier(text, "a bid code") }
        if let begun = try store.load(), code == nil || code == begun.code {
            let upload = try DraftUpload(invocation, daemon, begun)
            do {
                try upload.open()
                let state = try upload.read().state
                if state != "dropped" {
                    invocation.terminal.note("going on with the bid begun at \(begun.begun)")
                    return (begun, upload, state)
                }
            } catch {
                // Of another account, or under keys that were replaced: nothing of it can go on.
                guard ["gone", "already-done", "not-found", "keys"].contains(error.problem ?? "") else { throw error }
            }
            invocation.terminal.note("what was begun at \(begun.begun) is no longer there: beginning anew")
        }
        let bid = try UnfinishedBid.make(in: id, code: code, now: invocation.now)
        try store.keep(bid)
        let upload = try DraftUpload(invocation, daemon, bid)
        try upload.open()
        return (bid, upload, "open")
    }

    private static func usualPart(_ daemon: Daemon, _ id: Identifier) throws(CommandError) -> String {
        let view: ConsultationView = try daemon.get(["consultations", id.text])
        guard let last = view.parts.last else { throw .refused("the daemon shows a consultation without parts") }
        return view.parts.contains("offer") ? "offer" : last
    }

    static func digest(of file: BidFile) throws(CommandError) -> Digest {
        do {
            let source = try DigestingFile(try InputFile(file.path))
            while try !source.read(max: 1 << 20).isEmpty {}
            return source.finish()
        } catch let error as CommandError {
            throw error
        } catch { throw CommandError("'\(file.path)' cannot be read: \(error)") }
    }
}

extension UnfinishedBid.File {
    init(_ file: BidFile) { self.init(path: file.path, length: file.length, modified: file.modified) }
}
