import Canonical
import Evidence
import Foundation
import Merkle

/// Whether the closing statement is in the log: by the signature of a key that the person brought, for a key that the daemon
/// hands out proves nothing against the daemon.
struct ClosingProof {
    private let keys: [VerifierKey]

    /// - Parameter path: verifier keys (C2SP signed-note), one a line; empty lines and those that begin with `#` are skipped.
    init(_ path: String) throws(CommandError) {
        var keys: [VerifierKey] = []
        let text = String(decoding: try InputFile.read(path, max: 64 << 10), as: UTF8.self)
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            do { keys.append(try VerifierKey(line.trimmingCharacters(in: .whitespaces))) } catch {
                throw CommandError(
                    "'\(path)' holds what is no public key of a log: \(error.reason)",
                    hint: "such a key is one line, as sceau/…/real+1a2b3c4d+A…")
            }
        }
        guard !keys.isEmpty else { throw CommandError("'\(path)' holds no key") }
        self.keys = keys
    }

    func check(_ statement: ClosingStatement) throws(CommandError) {
        func refuse(_ reason: String) -> CommandError {
            .refused(
                "the closing statement is not proven to be in the log: \(reason)",
                hint: "nothing was announced; keep this output and tell the buyer and the platform's auditor")
        }
        guard let bytes = statement.proof else { throw refuse("the daemon gives no proof") }
        do throws(MerkleError) {
            let proof = try LogProof(bytes)
            let name = proof.checkpoint.origin.split(separator: "/")
            guard name.count >= 3, name[2] == statement.log else { throw MerkleError(reason: "it is of another log") }
            _ = try proof.verify(entry: statement.bytes, keys: keys)
        } catch { throw refuse(error.reason) }
    }
}
