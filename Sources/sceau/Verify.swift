import Canonical
import Evidence
import Foundation
import Merkle
import OpenSSL

extension Command {
    static let verify = Command(
        path: ["verify"],
        summary: "check offline: a receipt, a closing statement, an export, two checkpoints",
        discussion: """
            Needs no daemon and no network. One line for each check goes to stdout: what holds, what FAILS, and what rests on \
            the operator's word, which nothing contradicts and nobody else vouches for.

            EVIDENCE is a receipt (.asice), or the folder that `sceaud export` wrote. With FILES, the deposited files, each is compared with the list of documents by name, length \
            and SHA-256. The log's key is public: the platform publishes it, and it should reach you by another way than the \
            receipt. Of an export every byte is checked, and that its logs continue each --checkpoint that you kept. \
            EVIDENCE may also be a later checkpoint, with the log's --tiles, or a proof of growth (C2SP tlog-witness): then each \
            --checkpoint must be its beginning. \
            Without --trust a timestamp is held against itself alone. Time rests on the operator's word unless an authority that you \
            trust, and that is not the platform's own, stamped it, or a witness whose key is in --log signed the log with it.

            A closing statement is the file closing.json that `sceau open` leaves. It is held against FILES, each told apart by its \
            content: receipts, minutes, what may be communicated of them, a bid's leaf, a bidder's line, a log proof, a timestamp.

            Exit status: 0 only if all holds; 4 if anything fails, 2 if the command line is wrong, 1 if a file cannot be read.
            """,
        operands: [
            Operand(name: "EVIDENCE", help: "the file to check"),
            Operand(name: "FILES", help: "the files that were deposited, or what a closing statement is held against", isList: true),
        ],
        options: [
            .required("log", "FILE", "public keys of the log and of witnesses, one a line"),
            .optional("trust", "FILE", "PEM certificates of the timestamp authorities that you trust"),
            .several("checkpoint", "FILE", "a checkpoint of the log that you kept: an export, or EVIDENCE, must continue it"),
            .optional("tiles", "FOLDER", "the log's tiles, to compare two checkpoints: a folder that holds tile/…"),
            .flag("training", "take evidence of the training log, which is refused otherwise"),
            Command.json,
        ],
        run: { (invocation) throws(CommandError) in
            let report = try Verification(invocation).report()
            try invocation.terminal.write(
                invocation.wantsJSON ? String(decoding: report.json.encoded(), as: UTF8.self) + "\n" : report.text)
            return report.isGood ? .done : .refused
        })
}

/// What the person at the keyboard brought to be verified, and whom they believe.
struct Verification {
    private let evidence: Source
    private let checkpoints: [Note]
    private let tiles: String?
    private let files: [String]
    private let keys: [VerifierKey]
    private let trust: [Certificate]
    private let takesTraining: Bool

    init(_ invocation: Invocation) throws(CommandError) {
        let path = try invocation.operand("EVIDENCE")
        evidence = FolderExport.isFolder(path) ? .export(path) : .file(try InputFile.read(path, max: ReceiptContainer.longest))
        var checkpoints: [Note] = []
        for path in invocation.values("checkpoint") {
            let bytes = try InputFile.read(path, max: Note.maximumCount)
            do { checkpoints.append(try Note(bytes)) } catch {
                throw CommandError("'\(path)' is no checkpoint: \(error)")
            }
        }
        self.checkpoints = checkpoints
        tiles = invocation.value("tiles")
        files = invocation.arguments.rest
        keys = try Self.keys(try invocation.required("log"))
        trust = try invocation.value("trust").map { (path) throws(CommandError) in try Self.certificates(path) } ?? []
        takesTraining = invocation.has("training")
    }

    private enum Source {
        case file([UInt8])
        case export(String)
    }

    func report() throws(CommandError) -> Report {
        switch evidence {
        case .export(let path):
            var verifier = ExportVerifier(try FolderExport(path), keys: keys, trust: trust, checkpoints: checkpoints)
            return verifier.verify()
        case .file(let bytes) where CheckpointEvidence.isOne(bytes):
            return try CheckpointEvidence(keys: keys, tiles: tiles).report(on: bytes, earlier: checkpoints)
        // Canonical JSON, which a closing statement is and a container is not.
        case .file(let bytes) where bytes.first == UInt8(ascii: "{"): return try closing(bytes)
        case .file(let bytes): return try receipt(bytes)
        }
    }

    private func closing(_ evidence: [UInt8]) throws(CommandError) -> Report {
        var given: [ClosingVerifier.Given] = []
        for path in files {
            given.append(
                .init(
                    name: URL(fileURLWithPath: path).lastPathComponent,
                    bytes: try InputFile.read(path, max: Self.longestMinutes)))
        }
        return ClosingVerifier(keys: keys, trust: trust, takesTraining: takesTraining).report(on: evidence, given: given)
    }

    /// Bytes of one file beside a closing statement: of the most bids that there may be.
    private static let longestMinutes = 96 << 20

    private func receipt(_ evidence: [UInt8]) throws(CommandError) -> Report {
        guard evidence.starts(with: ReceiptContainer.magic) else {
            throw .refused("this is no evidence that this tool knows", hint: "a receipt is a file *.asice")
        }
        return ReceiptVerifier(keys: keys, trust: trust, takesTraining: takesTraining)
            .report(on: evidence, given: try given())
    }

    private func given() throws(CommandError) -> [ReceiptVerifier.Given] {
        var given: [ReceiptVerifier.Given] = []
        for path in files {
            let file = try InputFile(path)
            var length: Int64 = 0
            let digest: Digest
            do {
                let source = try DigestingFile(file)
                while true {
                    let bytes = try source.read(max: 1 << 20)
                    if bytes.isEmpty { break }
                    length += Int64(bytes.count)
                }
                digest = source.finish()
            } catch let error as CommandError {
                throw error
            } catch {
                throw CommandError("'\(path)' cannot be read: \(error)")
            }
            given.append(.init(name: URL(fileURLWithPath: path).lastPathComponent, length: length, sha256: digest))
        }
        return given
    }

    /// One key a line; empty lines and those that begin with `#` are skipped.
    private static func keys(_ path: String) throws(CommandError) -> [VerifierKey] {
        var keys: [VerifierKey] = []
        let text = String(decoding: try InputFile.read(path, max: 64 << 10), as: UTF8.self)
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            do { keys.append(try VerifierKey(line.trimmingCharacters(in: .whitespaces))) } catch {
                throw CommandError(
                    "'\(path)' holds what is no public key of a log: \(error)",
                    hint: "such a key is one line, as sceau/…/real+1a2b3c4d+A…")
            }
        }
        guard !keys.isEmpty else { throw CommandError("'\(path)' holds no key") }
        return keys
    }

    private static func certificates(_ path: String) throws(CommandError) -> [Certificate] {
        let end = "-----END CERTIFICATE-----"
        let text = String(decoding: try InputFile.read(path, max: 1 << 20), as: UTF8.self)
        let blocks = text.components(separatedBy: end).dropLast()
        guard !blocks.isEmpty else { throw CommandError("'\(path)' holds no certificate in PEM") }
        var certificates: [Certificate] = []
        for block in blocks {
            do { certificates.append(try Certificate(pem: Array((block + end + "\n").utf8))) } catch {
                throw CommandError("a certificate in '\(path)' cannot be read: \(error)")
            }
        }
        return certificates
    }
}
