import Canonical
import Merkle
import Procurement

/// A generation that was read, for the one that follows it.
struct VerifiedGeneration {
    let number: Int64
    /// Events of the log at its end.
    let count: Int64
    let key: VerifierKey
    let note: Note
    /// Of the last event.
    let lastAt: Instant
    /// The key that its last event named as its successor's.
    let ended: String?
}

/// One generation of a log: its key, its entries, its tiles, its signed head, what was published of it, and its first event,
/// which ties it to the one before.
struct GenerationVerifier<Files: ExportFiles> {
    private let files: Files
    private let generation: ExportIndex.Generation
    private let instance: Identifier
    private let before: VerifiedGeneration?
    private let trusted: [VerifierKey]
    private let checkpoints: [Note]
    private let folder: String
    private(set) var report = Report()
    private(set) var known: Set<String> = []
    private(set) var objects: [Digest: String] = [:]
    private(set) var bids: [BidReceived] = []
    /// Checkpoints given, by index, that this log continues.
    private(set) var matched: Set<Int> = []

    private var edge = RightEdge()
    private var wanted: Set<Int> = []
    private var roots: [Int: Digest] = [:]
    private var lastAt: Instant
    private var ended: String?
    private var ownKey: VerifierKey?
    private var slow: [String] = []
    private var cosigners: Set<VerifierKey> = []
    /// Folded over the log's generations, each going on where the one before ended.
    var consultations: LoggedConsultations
    var stamps: LoggedStamps

    init(
        _ files: Files, _ generation: ExportIndex.Generation, instance: Identifier, before: VerifiedGeneration?,
        keys: [VerifierKey], checkpoints: [Note], consultations: LoggedConsultations, stamps: LoggedStamps
    ) {
        self.consultations = consultations
        self.stamps = stamps
        self.files = files
        self.generation = generation
        self.instance = instance
        self.before = before
        trusted = keys
        self.checkpoints = checkpoints
        folder = ExportLayout.folder(generation.log, generation.number)
        lastAt = before?.lastAt ?? Instant(milliseconds: 0)
    }

    private var origin: String {
        "sceau/\(instance)/\(generation.log.rawValue)" + (generation.number == 1 ? "" : "/\(generation.number)")
    }

    mutating func verify() -> VerifiedGeneration? {
        guard generation.number == (before?.number ?? 0) + 1, generation.base == before?.count ?? 0 else {
            report.fails("generation", folder, "does not follow the one before it")
            return nil
        }
        guard let key = key(), let head = head(key) else { return nil }
        ownKey = key
        let published = publications()
        wanted = Set(published.map(\.size))
        for note in checkpoints {
            if let checkpoint = try? Checkpoint(note), checkpoint.origin == origin { wanted.insert(checkpoint.size) }
        }
        guard readEntries() else { return nil }
        if edge.size == head.checkpoint.size, edge.root == head.checkpoint.root {
            report.holds("tree", folder, "the signed head is that of \(edge.size) entries")
        } else {
            report.fails("tree", "\(folder)/checkpoint", "its root or size is not that of the entries")
        }
        verifyTiles()
        verifyQuotedHeads()
        let witnesses = witnesses()
        for publication in published { verify(publication, key, witnesses) }
        for witness in witnesses where !cosigners.contains(witness) {
            report.fails("witnesses", "\(folder)/witnesses", "\(witness.name) cosigned nothing")
        }
        for witness in cosigners.sorted(by: { $0.name < $1.name }) {
            report.note("witnesses", folder, "\(witness.name) cosigned, with \(trusted.contains(witness) ? "the key that was given" : "a key that the reader did not give")")
        }
        for (number, note) in checkpoints.enumerated() {
            guard let verified = try? VerifiedCheckpoint(note, keys: [key]), verified.checkpoint.origin == origin else { continue }
            if roots[verified.checkpoint.size] == verified.checkpoint.root {
                matched.insert(number)
                report.holds("checkpoint-kept", folder, "continues the checkpoint of \(verified.checkpoint.size) entries that was kept")
            }
        }
        if slow.isEmpty {
            report.holds("instants", folder, "every bid was logged within 5 s of its last byte")
        } else {
            for bid in slow { report.restsOnTheOperator("instants", bid, "logged more than 5 s after *received*") }
        }
        return VerifiedGeneration(
            number: generation.number, count: generation.base + Int64(edge.size), key: key, note: head.note, lastAt: lastAt, ended: ended)
    }

    // MARK: Key and head

    private mutating func key() -> VerifierKey? {
        let path = "\(folder)/key"
        known.insert(path)
        guard
            let key = report.settle("key", path, "is named as the log's origin", Result { () throws -> VerifierKey in
                let bytes = try files.whole(path, max: 1024)
                guard bytes.last == 0x0a else { throw EvidenceError("is not one line") }
                let key = try VerifierKey(String(decoding: bytes.dropLast(), as: UTF8.self))
                guard Array("\(key)\n".utf8) == bytes else { throw EvidenceError("is not written as keys are") }
                guard key.name == origin else { throw EvidenceError("is the key of another log, \(key.name)") }
                return key
            })
        else { return nil }
        if trusted.contains(key) { return key }
        if trusted.contains(where: { $0.name == key.name }) {
            report.fails("key", path, "is not the key that was given for this log")
            return nil
        }
        report.note("key", path, "was not given by the reader: whoever made the export may have made it")
        return key
    }

    private mutating func head(_ key: VerifierKey) -> (note: Note, checkpoint: Checkpoint)? {
        let path = "\(folder)/checkpoint"
        known.insert(path)
        return report.settle("checkpoint", path, "is signed with the log's key", Result {
            let bytes = try files.whole(path, max: Note.maximumCount)
            let note = try Note(bytes)
            guard note.encoded == bytes else { throw EvidenceError("is not written as notes are") }
            let verified = try VerifiedCheckpoint(note, keys: [key])
            guard verified.checkpoint.origin == origin else { throw EvidenceError("is of another log") }
            guard Int64(verified.checkpoint.size) == generation.size else { throw EvidenceError("is of another size than \(ExportLayout.index) says") }
            guard note.signatures.count == 1 else { throw EvidenceError("bears more signatures than the log's") }
            return (note, verified.checkpoint)
        })
    }

    // MARK: Entries

    /// - Returns: false where the rest would be noise.
    private mutating func readEntries() -> Bool {
        let size = Int(generation.size)
        var index = 0
        while index < size {
            let width = min(ExportLayout.entriesWidth, size - index)
            let path = "\(folder)/" + ExportLayout.entries(index / ExportLayout.entriesWidth, width: width)
            known.insert(path)
            do {
                let lines = try Self.lines(files.whole(path, max: ExportLayout.longestEntries))
                guard lines.count == width else { throw EvidenceError("has \(lines.count) entries, and \(width) belong there") }
                for line in lines {
                    try read(line, at: generation.base + Int64(index))
                    index += 1
                }
            } catch let error as EntryError {
                report.fails("entry", path, "the event at position \(generation.base + Int64(index)) \(error.reason)")
                return false
            } catch {
                report.fails("entries", path, "\(error)")
                return false
            }
        }
        report.holds("entries", folder, "\(size) events decode, are canonical, and their instants do not run backwards")
        return true
    }

    /// Canonical JSON has no line break inside: a line is an event.
    private static func lines(_ bytes: [UInt8]) throws -> [ArraySlice<UInt8>] {
        guard bytes.last == 0x0a else { throw EvidenceError("does not end with a line") }
        return bytes.dropLast().split(separator: 0x0a, omittingEmptySubsequences: false)
    }

    private struct EntryError: Error { let reason: String }

    private mutating func read(_ line: ArraySlice<UInt8>, at position: Int64) throws(EntryError) {
        let bytes = Array(line)
        let event: Event
        do { event = try Event(canonical: bytes) } catch { throw EntryError(reason: "does not read: \(error.reason)") }
        guard event.canonicalBytes == bytes else { throw EntryError(reason: "is not canonical") }
        guard event.log == generation.log else { throw EntryError(reason: "is of another log") }
        guard event.at >= lastAt else { throw EntryError(reason: "is dated \(event.at), before the one in front of it (\(lastAt))") }
        lastAt = event.at
        if position == generation.base { try checkFirst(event) }
        let place = "the event at position \(position) of the log \(generation.log.rawValue)"
        for digest in event.fact.objects where objects[digest] == nil { objects[digest] = place }
        ended = (event.fact as? LogEnded)?.key
        if let bid = event.fact as? BidReceived {
            guard bid.received <= event.at else { throw EntryError(reason: "is dated before its bid was received") }
            if event.at.milliseconds - bid.received.milliseconds > ExportVerifier<Files>.longestDelay { slow.append("bid \(bid.bid)") }
            bids.append(bid)
        }
        let leaf = MerkleTree.leaf(bytes)
        consultations.take(event, bytes, leaf: leaf, position: position, place: place)
        stamps.take(event, bytes, place: place)
        edge.append(leaf)
        if wanted.contains(edge.size) { roots[edge.size] = edge.root }
        if edge.size % TilePath.fullWidth == 0 { collectTiles() }
    }

    private mutating func checkFirst(_ event: Event) throws(EntryError) {
        guard let before else {
            guard (event.fact as? LogOpened)?.instance == instance else { throw EntryError(reason: "does not open the log of this vault") }
            return
        }
        guard let fact = event.fact as? LogContinued, fact.instance == instance, fact.generation == generation.number,
            fact.base == generation.base
        else { throw EntryError(reason: "does not continue the generation before it") }
        guard fact.key == ownKey?.description else { throw EntryError(reason: "names another key than the one that signed this generation") }
        switch fact.cause {
        case .rotation:
            guard before.ended == fact.key, fact.previous == before.note.encoded else {
                throw EntryError(reason: "quotes another key or checkpoint than the generation before it ended with")
            }
        case .loss:
            guard let note = try? Note(fact.previous), (try? note.verify([before.key])) != nil, let quoted = try? Checkpoint(note) else {
                throw EntryError(reason: "quotes no checkpoint that the key before it signed")
            }
            lossNote = "a loss: the last known checkpoint had \(quoted.size) entries; not recovered from position \(fact.lost ?? generation.base) on"
        }
    }

    private var lossNote: String? { didSet { if let lossNote { report.note("generation", folder, lossNote) } } }

    // MARK: Tiles

    private var wrongTiles: [String] = []
    private var open: [Int: (path: TilePath, bytes: [UInt8])] = [:]

    private mutating func collectTiles() {
        for change in edge.takeChanges() {
            if change.path.isFull {
                open[change.path.level] = nil
                compare(change)
            } else {
                open[change.path.level] = change
            }
        }
    }

    private mutating func compare(_ tile: (path: TilePath, bytes: [UInt8])) {
        let path = "\(folder)/\(tile.path)"
        known.insert(path)
        if (try? files.whole(path, max: 32 * TilePath.fullWidth)) != tile.bytes { wrongTiles.append(path) }
    }

    private mutating func verifyTiles() {
        collectTiles()
        for tile in open.values { compare(tile) }
        for path in wrongTiles.sorted() { report.fails("tile", path, "is missing, or not the tree's") }
        if wrongTiles.isEmpty { report.holds("tiles", folder, "\(TilePath.all(size: edge.size).count) tiles are those of the tree") }
    }

    /// A closing statement quotes the head of the log as the commit before it left it.
    private mutating func verifyQuotedHeads() {
        guard wrongTiles.isEmpty else { return }
        let source = TileHashes(size: edge.size) { [files, folder] in
            try files.whole("\(folder)/\($0)", max: 32 * TilePath.fullWidth)
        }
        for quoted in consultations.quoted where (try? source.root(size: Int(quoted.size))) != quoted.root { consultations.fail(quoted) }
        consultations.quoted = []
    }

    // MARK: What was published

    private struct Publication {
        let path: String
        let size: Int
        let note: Note?
    }

    /// `published/<size>`: the checkpoint as it went out, with its witnesses' cosignatures.
    private func publications() -> [Publication] {
        let prefix = "\(folder)/published/"
        let paths = ((try? files.paths()) ?? []).filter { $0.hasPrefix(prefix) }
        return paths.compactMap { path in
            guard let size = Int(path.dropFirst(prefix.count)), "\(size)" == path.dropFirst(prefix.count) else { return nil }
            let bytes = try? files.whole(path, max: Note.maximumCount)
            let note = bytes.flatMap { try? Note($0) }
            return Publication(path: path, size: size, note: note?.encoded == bytes ? note : nil)
        }
    }

    /// The keys of those who cosigned, as the export names them: whether they are whom the reader trusts is the reader's to say.
    private mutating func witnesses() -> [VerifierKey] {
        let path = "\(folder)/witnesses"
        guard ((try? files.paths()) ?? []).contains(path) else { return [] }
        known.insert(path)
        return report.settle("witnesses", path, "names the keys of those who cosigned", Result {
            let bytes = try files.whole(path, max: 1 << 20)
            guard bytes.last == 0x0a else { throw EvidenceError("does not end with a line") }
            let keys = try bytes.dropLast().split(separator: 0x0a, omittingEmptySubsequences: false).map {
                try VerifierKey(String(decoding: $0, as: UTF8.self))
            }
            guard keys.map({ "\($0)\n" }).joined().utf8.elementsEqual(bytes) else { throw EvidenceError("is not written as keys are") }
            return keys
        }) ?? []
    }

    private mutating func verify(_ publication: Publication, _ key: VerifierKey, _ witnesses: [VerifierKey]) {
        known.insert(publication.path)
        let verified = report.settle("published", publication.path, "was published as it is in the tree", Result {
            guard let note = publication.note else { throw EvidenceError("is no note") }
            let verified = try VerifiedCheckpoint(note, keys: [key] + witnesses)
            guard verified.signatures.count == note.signatures.count else { throw EvidenceError("bears a signature of nobody it names") }
            guard verified.checkpoint.origin == origin, verified.checkpoint.size == publication.size,
                roots[publication.size] == verified.checkpoint.root
            else { throw EvidenceError("is not that of the tree") }
            return verified
        })
        cosigners.formUnion((verified?.witnesses ?? []).map(\.key))
    }
}
