public import Merkle

/// Whether a later checkpoint of a log has an earlier one as its beginning: nothing of what the earlier stood for was
/// altered, removed or put elsewhere.
///
/// Offline: what connects the two is a proof of growth, or the tiles of an export of the later tree.
public struct CheckpointVerifier: Sendable {
    /// Of logs and witnesses that are believed.
    public let keys: [VerifierKey]

    public init(keys: [VerifierKey]) { self.keys = keys }

    /// - Parameters:
    ///   - earlier: a signed note.
    ///   - later: a signed note.
    ///   - tile: the bytes of a tile of the later tree.
    public func report(earlier: [UInt8], later: [UInt8], tile: @escaping (TilePath) throws -> [UInt8]) -> Report {
        var report = Report()
        guard let old = signed(earlier, "earlier checkpoint", &report), let new = signed(later, "later checkpoint", &report)
        else { return report }
        report.check("log-growth", new.checkpoint.origin, Self.sentence(old.checkpoint, new.checkpoint)) {
            guard old.checkpoint.size <= new.checkpoint.size else {
                throw EvidenceError("the later checkpoint has fewer leaves, \(new.checkpoint.size), than the earlier, \(old.checkpoint.size)")
            }
            let source = TileHashes(size: new.checkpoint.size, read: tile)
            try GrowthProof(earlier: old.checkpoint.size, note: Note(later), from: source).verify(old.checkpoint)
        }
        return report
    }

    /// - Parameter proof: a proof of growth, with the later checkpoint in it.
    public func report(earlier: [UInt8], proof: [UInt8]) -> Report {
        var report = Report()
        let read: GrowthProof
        do { read = try GrowthProof(proof) } catch {
            report.fails("log-growth", "proof of growth", error.reason)
            return report
        }
        guard let old = signed(earlier, "earlier checkpoint", &report),
            let new = signed(read.note.encoded, "later checkpoint", &report)
        else { return report }
        report.check("log-growth", new.checkpoint.origin, Self.sentence(old.checkpoint, new.checkpoint)) {
            try read.verify(old.checkpoint)
        }
        return report
    }

    private static func sentence(_ old: Checkpoint, _ new: Checkpoint) -> String {
        "the first \(old.size) of \(new.size) leaves are the same"
    }

    private func signed(_ bytes: [UInt8], _ subject: String, _ report: inout Report) -> VerifiedCheckpoint? {
        let verified = report.check("log-signature", subject, "signed by the log's key") {
            try VerifiedCheckpoint(Note(bytes), keys: keys)
        }
        guard let verified else { return nil }
        if verified.witnesses.isEmpty {
            report.restsOnTheOperator(
                "log-witness", subject, "no witness signed it: who has the log's key could show others another log")
        }
        for witness in verified.witnesses {
            report.holds("log-witness", subject, "\(witness.key.name) saw it at \(witness.seconds ?? 0) s since 1970")
        }
        return verified
    }
}
