import Canonical
import Foundation
import Linux
import OpenSSL
import Sealing

/// An envelope that its bidder sealed, in a folder: `1`, `2` … the documents' ciphertext; `manifest-<part>.json` what is in them, in
/// the clear and for its bidder alone; `envelope.zip`, written last, what is submitted with them.
struct SealedFolder {
    private static let archive = "envelope.zip"

    let path: String
    let envelope: SubmittedEnvelope
    let archive: [UInt8]
    /// In the order of the seal's parts.
    let manifests: [[UInt8]]

    /// Whether there is one, whole.
    static func isWhole(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + archive) }

    init(_ path: String) throws(CommandError) {
        self.path = path
        archive = try InputFile.read(path + "/" + Self.archive, max: SealingLimits.archive)
        do { envelope = try SubmittedEnvelope(parsing: archive) } catch {
            throw CommandError("'\(path)/\(Self.archive)' is no envelope: \(error)")
        }
        var manifests: [[UInt8]] = []
        for part in envelope.seal.parts {
            let bytes = try InputFile.read(path + "/" + Self.name(of: part.part), max: SealedObject.maximumCount)
            guard Digest(of: bytes) == part.contents else {
                throw CommandError("'\(path)/\(Self.name(of: part.part))' is not the list that was sealed")
            }
            manifests.append(bytes)
        }
        self.manifests = manifests
    }

    static func name(of part: String) -> String { "manifest-\(part).json" }

    /// What is sealed, to whom, and for whom.
    struct Order {
        let files: [BidFile]
        let part: PartCertificate
        let keys: Digest
        let consultation: Identifier
        let bid: Identifier
        /// The company's account.
        let depositor: Identifier
        let lots: [String]
        let candidate: Candidate?
    }

    /// Seals files into a new folder.
    static func make(_ order: Order, at path: String, progress: Progress) throws(CommandError) {
        do {
            let folder = try DurableFolder.make(path: path)
            var builder = EnvelopeBuilder(
                consultation: order.consultation, bid: order.bid, keys: order.keys, sealedBy: .bidder,
                depositor: order.depositor, candidate: order.candidate)
            var done: Int64 = 0
            for (index, file) in order.files.enumerated() {
                let start = done
                let (document, files) = try seal(file, to: order.part, into: folder, as: "\(index + 1)") { progress.update(start + $0) }
                try builder.add(
                    part: order.part,
                    document: ManifestDocument(
                        folder: file.folder, name: file.name, lots: order.lots, length: document.length, sha256: document.sha256),
                    files: files)
                done += document.length
            }
            let sealed = try builder.finish()
            for (part, contents) in zip(sealed.seal.parts, sealed.contents) {
                try write(contents, name(of: part.part), in: folder)
            }
            try folder.sync()
            try folder.replace(archive, with: sealed.submitted.encoded())
        } catch let error as CommandError {
            throw error
        } catch let error as LinuxError {
            throw OutputFile.failure(error, path)
        } catch { throw CommandError("the bid could not be sealed: \(error)") }
    }

    private static func seal(
        _ source: BidFile, to part: PartCertificate, into folder: DurableFolder, as name: String, progress: (Int64) -> Void
    ) throws -> (SealedDocument, DocumentFiles) {
        let input = try InputFile(source.path)
        var output = try folder.create(name)
        var sealer = DocumentSealer(to: part)
        var table = try SegmentTable()
        var pieces: [SealedPiece] = []
        var count: Int64 = 0
        while true {
            let bytes = try input.read(max: 1 << 20)
            if bytes.isEmpty { break }
            try sealer.seal(bytes.span) { pieces.append($0) }
            try write(&pieces, &table, &output)
            count += Int64(bytes.count)
            progress(count)
        }
        let document = try sealer.finish { pieces.append($0) }
        try write(&pieces, &table, &output)
        guard document.length == source.length, input.isUnchanged else {
            throw CommandError("'\(source.path)' was changed while it was being sealed")
        }
        try output.sync()
        return (document, try table.finish())
    }

    private static func write(_ pieces: inout [SealedPiece], _ table: inout SegmentTable, _ output: inout DurableFile) throws {
        for piece in pieces {
            switch piece {
            case .ciphertext(let bytes):
                try table.ciphertext(bytes.span)
                try output.write(all: bytes)
            case .segmentEnd(let header, _): try table.segmentEnd(header: header)
            }
        }
        pieces.removeAll(keepingCapacity: true)
    }

    private static func write(_ bytes: [UInt8], _ name: String, in folder: DurableFolder) throws {
        var file = try folder.create(name)
        try file.write(all: bytes)
        try file.sync()
    }

    /// Checks that this is of the account that will send it: under another name it would be taken for a copy at the opening.
    func check(depositor: Identifier) throws(CommandError) {
        for bytes in manifests {
            guard let manifest = try? Manifest(canonical: bytes), manifest.depositor == depositor else {
                throw .refused(
                    "this bid was sealed for another account than the one that sends it (\(depositor))",
                    hint: "seal it again with --depositor \(depositor)")
            }
        }
    }
}

/// The lists of what was sealed here, kept for the receipts: the platform does not know them.
enum KeptManifests {
    static func keep(_ folder: SealedFolder, in home: Home) throws(CommandError) {
        try UnfinishedBids.using(home, "manifests") { kept in
            for (part, bytes) in zip(folder.envelope.seal.parts, folder.manifests) {
                try kept.replace("\(folder.envelope.seal.bid).\(part.part)", with: bytes)
            }
        }
    }

    /// Those of a seal's parts, in order; none where one is missing or is not the one that was sealed.
    static func find(_ seal: Seal, in home: Home) throws(CommandError) -> [[UInt8]] {
        try UnfinishedBids.using(home, "manifests") { kept in
            var found: [[UInt8]] = []
            for part in seal.parts {
                let name = "\(seal.bid).\(part.part)"
                guard try kept.exists(name) else { return [] }
                let bytes = try kept.readAll(name, max: SealedObject.maximumCount)
                guard Digest(of: bytes) == part.contents else { return [] }
                found.append(bytes)
            }
            return found
        }
    }
}
