import Evidence
import Merkle

/// A later checkpoint of a log, or a proof of growth, brought to `sceau verify` with the earlier checkpoints that one kept.
struct CheckpointEvidence {
    let keys: [VerifierKey]
    /// A folder that holds `tile/…`, as a log of an export or a copy of `/log/` does.
    let tiles: String?

    /// Whether `sceau verify` was given a checkpoint or a proof of growth.
    static func isOne(_ bytes: [UInt8]) -> Bool {
        (try? GrowthProof(bytes)) != nil || (try? Checkpoint(Note(bytes))) != nil
    }

    func report(on evidence: [UInt8], earlier: [Note]) throws(CommandError) -> Report {
        guard !earlier.isEmpty else {
            throw .usage(
                "a checkpoint is compared with an earlier one", hint: "--checkpoint FILE names the one that you kept")
        }
        let verifier = CheckpointVerifier(keys: keys)
        let isProof = (try? GrowthProof(evidence)) != nil
        guard isProof || tiles != nil else {
            throw .usage(
                "nothing connects the two checkpoints",
                hint: "--tiles FOLDER names the log's tiles (of an export, or a copy of /log/tile/…); or give a proof of growth")
        }
        var report = Report()
        for note in earlier {
            report.append(
                isProof
                    ? verifier.report(earlier: note.encoded, proof: evidence)
                    : verifier.report(earlier: note.encoded, later: evidence, tile: tile))
        }
        return report
    }

    /// A tile that is full by now holds the narrower one.
    private func tile(_ path: TilePath) throws -> [UInt8] {
        let folder = tiles ?? "."
        let full = TilePath(path.content, index: path.index)
        let bytes: [UInt8]
        do { bytes = try InputFile.read("\(folder)/\(path)", max: 8192) } catch {
            bytes = try InputFile.read("\(folder)/\(full)", max: 8192)
        }
        return Array(bytes.prefix(32 * path.width))
    }
}
