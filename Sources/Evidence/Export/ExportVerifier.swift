import Canonical
public import Merkle
public import OpenSSL
import Procurement

/// Verifies an export, every byte of it: events, trees, signed heads, objects, envelopes, and how they hang together.
///
/// It believes nothing but keys: those given, or, where none are, the ones in the export itself, and then it says so.
public struct ExportVerifier<Files: ExportFiles> {
    let files: Files
    /// Keys of the logs that the reader has from elsewhere.
    let keys: [VerifierKey]
    /// Authorities whose timestamps the reader believes; empty where none was named.
    let trust: [Certificate]
    /// Checkpoints that somebody kept: the logs must be continuations of them.
    let checkpoints: [Note]
    private(set) var report = Report()
    /// Paths that something has accounted for.
    private var known: Set<String> = [ExportLayout.index]
    /// Objects that events name, each with the first event that does.
    private var objects: [Digest: String] = [:]
    private var bids: [BidReceived] = []
    private var consultations = LoggedConsultations()
    private var stamps = LoggedStamps()

    /// Milliseconds between *received* and the log's own instant beyond which only the operator vouches for the former.
    static var longestDelay: Int64 { 5_000 }

    public init(_ files: Files, keys: [VerifierKey] = [], trust: [Certificate] = [], checkpoints: [Note] = []) {
        self.files = files
        self.keys = keys
        self.trust = trust
        self.checkpoints = checkpoints
    }

    public mutating func verify() -> Report {
        guard
            let index = report.settle("export", ExportLayout.index, "names a vault and its logs", Result {
                try ExportIndex(canonical: files.whole(ExportLayout.index, max: 1 << 20))
            })
        else { return report }
        for log in Log.allCases {
            var before: VerifiedGeneration?
            consultations = LoggedConsultations()
            let generations = index.generations.filter { $0.log == log }
            if generations.isEmpty { report.fails("export", ExportLayout.index, "names no log \(log.rawValue)") }
            for generation in generations {
                before = verify(generation, of: index.instance, after: before)
            }
            report.append(consultations.finished(log))
            report.append(consultations.successions.report(files, log: log))
        }
        let order = index.generations.sorted { left, right in
            left.log == right.log ? left.number < right.number : left.log == .real
        }
        if order != index.generations {
            report.fails("export", ExportLayout.index, "its generations are out of order")
        }
        verifyObjects()
        verifyEnvelopes()
        report.append(stamps.report(files, instance: index.instance, trust: trust))
        verifyCheckpoints()
        verifyNames()
        return report
    }

    // MARK: Logs

    private mutating func verify(
        _ generation: ExportIndex.Generation, of instance: Identifier, after before: VerifiedGeneration?
    ) -> VerifiedGeneration? {
        var verifier = GenerationVerifier(
            files, generation, instance: instance, before: before, keys: keys, checkpoints: checkpoints, consultations: consultations,
            stamps: stamps)
        let verified = verifier.verify()
        consultations = verifier.consultations
        stamps = verifier.stamps
        report.append(verifier.report)
        known.formUnion(verifier.known)
        for (digest, place) in verifier.objects where objects[digest] == nil { objects[digest] = place }
        bids += verifier.bids
        matched.formUnion(verifier.matched)
        return verified
    }

    private var matched: Set<Int> = []

    private mutating func verifyCheckpoints() {
        for (number, note) in checkpoints.enumerated() where !matched.contains(number) {
            let origin = (try? Checkpoint(note))?.origin ?? "a note that is no checkpoint"
            report.fails("checkpoint-kept", "checkpoint \(number + 1)", "the export is no continuation of it: \(origin)")
        }
    }

    // MARK: Objects

    private mutating func verifyObjects() {
        var wrong = 0
        for (digest, place) in objects.sorted(by: { $0.key.hex < $1.key.hex }) {
            let path = ExportLayout.object(digest)
            known.insert(path)
            do {
                guard Digest(SHA256.hash(try files.whole(path, max: ExportLayout.longestObject))) == digest else {
                    throw EvidenceError("its bytes are not those of its name")
                }
            } catch {
                wrong += 1
                report.fails("object", path, "\(error), and \(place) names it")
            }
        }
        if wrong == 0 { report.holds("object", "objects", "\(objects.count) objects that events name are there, each with its digest") }
    }

    // MARK: Envelopes

    private mutating func verifyEnvelopes() {
        var wrong = 0
        var bytes: Int64 = 0
        for bid in bids {
            known.insert(ExportLayout.envelope(bid.consultation, "\(bid.bid).seal"))
            for number in 1...bid.documents { known.insert(ExportLayout.envelope(bid.consultation, "\(bid.bid).\(number)")) }
            do {
                bytes += try EnvelopeCheck(bid).verify { name, offset, max in
                    try files.read(ExportLayout.envelope(bid.consultation, name), at: offset, max: max)
                }
            } catch {
                wrong += 1
                report.fails("envelope", "envelopes/\(bid.consultation)/\(bid.bid)", "\(error)")
            }
        }
        if wrong == 0 { report.holds("envelope", "envelopes", "\(bids.count) bids, \(bytes) bytes of ciphertext, as sealed") }
    }

    // MARK: Names

    /// A file that nothing accounts for is no part of an export: who put it there may want it believed.
    private mutating func verifyNames() {
        do {
            let strange = try files.paths().filter { !known.contains($0) }
            for path in strange { report.fails("files", path, "nothing in the export names this file") }
            if strange.isEmpty { report.holds("files", "export", "every file is named by something that was verified") }
        } catch {
            report.fails("files", "export", "its files cannot be listed: \(error)")
        }
    }
}
