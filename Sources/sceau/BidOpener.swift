import Canonical
import Client
import Evidence
import Linux
import Procurement
import Sealing

/// Fetches, checks and decrypts one bid after the other, over a connection of its own. What is wrong with one is written
/// down, and the next one comes.
///
/// Only the bid's own faults count as such: a network that fails or a disk that is full ends the opening without
/// minutes.
struct BidOpener {
    private let invocation: Invocation
    private let daemon: Daemon
    private let dossier: Dossier
    private let path: [String]
    private let keys: [PartKeyBox]
    private let folder: OpeningFolder
    private let sitting: OpeningSitting

    init(
        _ invocation: Invocation, _ daemon: Daemon, _ dossier: Dossier, _ opening: Opening, _ keys: [PartKeyBox],
        _ folder: OpeningFolder, _ sitting: OpeningSitting
    ) {
        self.invocation = invocation
        self.daemon = daemon
        self.dossier = dossier
        path = ["consultations", dossier.id.text, "openings", opening.opening.text, "bids"]
        self.keys = keys
        self.folder = folder
        self.sitting = sitting
    }

    /// - Parameter place: of the bid in the list: manifests are looked at in that order, whoever is faster.
    func open(_ bid: BidList.Bid, at place: Int) throws(CommandError) -> MinutesBid {
        func entry(
            _ result: Minutes.Result, _ cause: String?, _ candidate: Candidate? = nil, _ documents: [Minutes.Document] = []
        ) -> MinutesBid {
            MinutesBid(
                bid.event, position: bid.position, verdict: bid.verdict, result: result, cause: cause, candidate: candidate,
                documents: documents, keys: bid.otherKeys)
        }
        if let reason = Self.withheld(bid) {
            sitting.turn(place, length: 0) { _ in }
            return entry(.withheld, reason)
        }
        var opened: [Minutes.Document] = []
        var candidate: Candidate?
        var failures: [EnvelopeError] = []
        do {
            let seal = Result { try envelope(bid.event) }
            // Also where there is no seal: those behind it wait for this place.
            let manifests = sitting.turn(place, length: Self.length(seal)) { seen in Self.manifests(seal, keys, &seen) }
            let reader = try seal.get()
            for (key, manifest) in manifests {
                switch manifest {
                case .failure(let error): failures.append(error)
                case .success(let manifest):
                    candidate = candidate ?? manifest.candidate
                    let documents = try folder.part(manifest.part, of: bid.event.bid)
                    for (number, entry) in zip(reader.documents(of: manifest.part), manifest.documents) {
                        do {
                            try read(number, entry, of: manifest, reader, key, into: documents)
                            opened.append(
                                Minutes.Document(
                                    part: manifest.part, folder: entry.folder, name: entry.name, length: entry.length,
                                    sha256: entry.sha256))
                        } catch let error as EnvelopeError {
                            failures.append(error)
                        }
                    }
                }
            }
        } catch let error as EnvelopeError {
            failures.append(error)
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError("reading bid \(bid.event.bid.text) failed: \(error)")
        }
        for failure in failures {
            invocation.terminal.report(CommandError("\(failure)", hint: Self.answerable(failure)))
        }
        return entry(
            failures.isEmpty ? .opened : .failed, failures.isEmpty ? nil : Self.cause(failures), candidate, opened)
    }

    /// Why a bid stays sealed; nil for one that is opened.
    private static func withheld(_ bid: BidList.Bid) -> String? {
        if bid.otherKeys != nil { return "sealed to other keys of this consultation" }
        return switch bid.verdict {
        case .onTime, .replaced, .complementing: nil
        case .late: bid.isAdmitted ? nil : "received after the deadline"
        case .withdrawn: "withdrawn by its bidder"
        case .pending: "without a verdict"
        }
    }

    private typealias ReadManifest = (key: PartKeyBox, manifest: Result<Manifest, EnvelopeError>)

    /// Of each part that is opened and that the bid has.
    ///
    /// - Parameter seen: of the bids before it: a manifest that comes twice was copied.
    private static func manifests(
        _ seal: Result<EnvelopeReader, any Error>, _ keys: [PartKeyBox], _ seen: inout Set<Digest>
    ) -> [ReadManifest] {
        guard case .success(let reader) = seal else { return [] }
        var manifests: [ReadManifest] = []
        for key in keys where reader.seal.parts.contains(where: { $0.part == key.key.part }) {
            do { manifests.append((key, .success(try reader.manifest(key.key, seen: &seen)))) } catch {
                manifests.append((key, .failure(error)))
            }
        }
        return manifests
    }

    /// Bytes of all its documents.
    private static func length(_ seal: Result<EnvelopeReader, any Error>) -> Int64 {
        guard case .success(let reader) = seal else { return 0 }
        return reader.seal.documents.reduce(0) { $0 + $1.length }
    }

    /// The seal of a bid, checked against its event and ours of the keys.
    private func envelope(_ event: BidReceived) throws -> EnvelopeReader {
        let bytes: [UInt8]
        do {
            bytes = try Patience.retrying(invocation.terminal) { () throws(CommandError) in
                try daemon.bytes(path + [event.bid.text, "seal"], limit: SealingLimits.archive)
            }
        } catch {
            guard isOfBid(error) else { throw error }
            throw EnvelopeError(bid: event.bid, fault: .keeping, reason: "its seal is not given out: \(error.message)")
        }
        guard event.keys == dossier.original else {
            throw EnvelopeError(
                bid: event.bid, fault: .keeping, reason: "it was sealed under other keys than those of this opening")
        }
        return try EnvelopeReader(
            .init(
                bid: event.bid, consultation: event.consultation, depositor: event.depositor, seal: event.seal,
                keys: event.keys), archive: bytes)
    }

    private func read(
        _ number: Int, _ entry: ManifestDocument, of manifest: Manifest, _ reader: EnvelopeReader, _ key: PartKeyBox,
        into folder: DocumentFolder
    ) throws {
        do { try fetch(number, entry, of: manifest, reader, key, into: folder) } catch
            let error as CommandError where error.outcome == .failed && isOfBid(error)
        {
            throw EnvelopeError(
                bid: reader.seal.bid, document: number, fault: .keeping,
                reason: "it is not given out whole: \(error.message)")
        }
    }

    /// Whether it is this bid's own fault that the daemon does not give it: else nothing is said of the bid, and the sitting ends without minutes.
    /// Too many requests, a token that ended, a daemon that is busy are nobody's bid.
    private func isOfBid(_ error: CommandError) -> Bool {
        switch error.outcome {
        case .refused: ["not-found", "status-404", "withheld", "gone"].contains(error.problem ?? "")
        case .failed: !["rate", "status-429", "busy", "stopping", "clock"].contains(error.problem ?? "") && daemonAnswers
        default: false
        }
    }

    /// Whether the daemon is there for anything else: then what it does not give is this bid's fault (a bad sector under one
    /// file), and must not keep the others shut.
    private var daemonAnswers: Bool {
        (try? daemon.get(Array(path.prefix(3)), as: OpeningsView.self)) != nil
    }

    private func fetch(
        _ number: Int, _ entry: ManifestDocument, of manifest: Manifest, _ reader: EnvelopeReader, _ key: PartKeyBox,
        into folder: DocumentFolder
    ) throws {
        try Patience.retryingDownload(invocation.terminal) {
            try sitting.goOn()
            let source: Download
            do {
                source = try daemon.open(path + [reader.seal.bid.text, "documents", "\(number)"])
            } catch let error as CommandError where error.outcome == .refused && isOfBid(error) {
                guard error.problem != "not-found", error.problem != "status-404" else {
                    throw reader.missing(document: number)
                }
                throw EnvelopeError(
                    bid: reader.seal.bid, document: number, fault: .keeping,
                    reason: "it is not given out: \(error.message)")
            }
            let place = try folder.place(of: entry.folder)
            let document = try place.newDocument()
            var count: Int64 = 0
            // Of a download that begins again nothing has come yet.
            defer { if count < entry.length { sitting.came(-count) } }
            try reader.read(document: number, of: manifest, with: key.key) { max in
                try source.read(max: max)
            } to: { bytes in
                try sitting.goOn()
                try document.write(bytes)
                count += Int64(bytes.count)
                sitting.came(Int64(bytes.count))
            }
            try document.keep(as: place.take(entry.name))
        }
    }

    private static func cause(_ failures: [EnvelopeError]) -> String {
        var text = failures[0].cause
        for failure in failures.dropFirst() {
            guard text.utf8.count + failure.cause.utf8.count < 3900 else {
                text += "; and more"
                break
            }
            text += "; " + failure.cause
        }
        // The bound of the minutes, in whole characters.
        while text.utf8.count > 4096 { text.removeLast() }
        return text
    }

    private static func answerable(_ failure: EnvelopeError) -> String {
        switch failure.fault {
        case .keeping:
            "missing, or altered since it was sealed: the platform answers for it; the other bids are opened all the same"
        case .sealing(.platform):
            "it is as it was sealed, and the platform sealed it; the other bids are opened all the same"
        case .sealing(.bidder):
            "it is as it was sealed, and its bidder sealed it; the other bids are opened all the same"
        }
    }
}
