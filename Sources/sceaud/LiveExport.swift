import Canonical
import Evidence
import Linux
import Merkle
import Procurement
import Records

/// A data folder read as if it were an export: what `sceaud check` verifies, and what `sceaud export` writes down. It is as
/// the register was at one moment.
final class LiveExport: ExportFiles {
    private let snapshot: Snapshot
    private let envelopes: DurableFolder
    private let index: ExportIndex
    private let generations: [KeptGeneration]
    /// Of what events name, and of nothing else.
    private let bids: [BidReceived]
    private var cached: (path: String, bytes: [UInt8])?

    init(_ snapshot: Snapshot, instance: Identifier, envelopes: DurableFolder) throws {
        self.snapshot = snapshot
        self.envelopes = envelopes
        generations = try Procurement.Log.allCases.flatMap { try snapshot.generations($0) }
        index = ExportIndex(
            instance: instance,
            generations: generations.map { .init(log: $0.log, number: $0.number, base: $0.base, size: $0.count - $0.base) })
        var bids: [BidReceived] = []
        for log in Procurement.Log.allCases {
            var position: Int64 = 0
            while true {
                let events = try snapshot.events(log, from: position, limit: 1000)
                if events.isEmpty { break }
                position += Int64(events.count)
                // What does not decode is named with the entries.
                bids += events.compactMap { (try? Event(canonical: $0))?.fact as? BidReceived }
            }
        }
        self.bids = bids
    }

    func paths() throws -> [String] {
        var paths = [ExportLayout.index]
        for generation in generations {
            let folder = ExportLayout.folder(generation.log, generation.number)
            let size = Int(generation.count - generation.base)
            paths += ["\(folder)/key", "\(folder)/checkpoint"]
            if try !snapshot.witnesses(of: generation).isEmpty { paths.append("\(folder)/witnesses") }
            for start in stride(from: 0, to: size, by: ExportLayout.entriesWidth) {
                paths.append(
                    "\(folder)/"
                        + ExportLayout.entries(start / ExportLayout.entriesWidth, width: min(ExportLayout.entriesWidth, size - start)))
            }
            paths += TilePath.all(size: size).map { "\(folder)/\($0)" }
            paths += try snapshot.publications(of: generation).map { "\(folder)/published/\($0.size)" }
        }
        paths += try snapshot.objects().map(ExportLayout.object)
        for bid in bids {
            paths.append(ExportLayout.envelope(bid.consultation, "\(bid.bid).seal"))
            paths += (1...bid.documents).map { ExportLayout.envelope(bid.consultation, "\(bid.bid).\($0)") }
        }
        return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    func read(_ path: String, at offset: Int64, max: Int) throws -> [UInt8] {
        let parts = path.split(separator: "/").map(String.init)
        if parts[0] == "envelopes", parts.count == 3 {
            let file = try envelopes.folder(parts[1]).open(parts[2])
            return try file.read(at: offset, max: min(max, Int(clamping: Swift.max(0, file.length() - offset))))
        }
        if cached?.path != path { cached = (path, try whole(path, parts)) }
        let bytes = cached?.bytes ?? []
        guard offset < Int64(bytes.count) else { return [] }
        return Array(bytes[Int(offset)...].prefix(max))
    }

    private func whole(_ path: String, _ parts: [String]) throws -> [UInt8] {
        if path == ExportLayout.index { return index.canonicalBytes }
        if parts[0] == "objects", parts.count == 2 {
            guard let object = try snapshot.object(Digest(hex: parts[1])) else { throw EvidenceError("is missing") }
            return object
        }
        guard parts.count >= 3,
            let generation = generations.first(where: { ExportLayout.folder($0.log, $0.number) == "log/" + parts[1] })
        else { throw EvidenceError("is no file of an export") }
        let rest = parts.dropFirst(2).joined(separator: "/")
        switch parts[2] {
        case "key": return Array("\(generation.key)\n".utf8)
        case "checkpoint": return generation.note.encoded
        case "witnesses": return Array(try snapshot.witnesses(of: generation).map { $0 + "\n" }.joined().utf8)
        case "tile": return try snapshot.tile(TilePath(rest), of: generation)
        case "published":
            guard let note = try snapshot.publications(of: generation).first(where: { "\($0.size)" == rest.dropFirst(10) })?.note
            else { throw EvidenceError("is missing") }
            return note.encoded
        case "entries":
            let tile = try TilePath("tile/" + rest)
            let position = generation.base + Int64(tile.index * ExportLayout.entriesWidth)
            return try snapshot.events(generation.log, from: position, limit: tile.width).flatMap { $0 + [0x0a] }
        default: throw EvidenceError("is no file of an export")
        }
    }
}
