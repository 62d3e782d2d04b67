import Canonical
import Linux
import Records
import Sealing

/// One envelope being written, by one writer thread at a time. Until ``finish(_:)`` has returned nothing of it counts.
///
/// Unchecked: a deposit's line of work has one writer at a time, and hands it on under its lock.
final class EnvelopeWriter: @unchecked Sendable {
    private let store: EnvelopeStore
    private let consultation: Identifier
    private let bid: Identifier
    private var folder: DurableFolder?
    /// Made before the first file: a sync that fails after that is this envelope's failure too.
    private var folderSync: FolderSync?
    private var file: DurableFile?
    private let tee: EnvelopeTee?
    private var table: SegmentTable?
    private var names: [String] = []
    private var length: Int64 = 0
    /// How much of it the kernel was asked to begin writing out.
    private var begun: Int64 = 0
    private static let stride: Int64 = 8 << 20

    init(store: EnvelopeStore, consultation: Identifier, bid: Identifier) {
        self.store = store
        self.consultation = consultation
        self.bid = bid
        tee = store.mirror.map { EnvelopeTee($0, consultation: consultation) }
    }

    func append(_ piece: SealedPiece) throws {
        try begin()
        switch piece {
        case .ciphertext(let bytes):
            try file?.write(all: bytes)
            tee?.append(bytes)
            try table?.ciphertext(bytes.span)
            length += Int64(bytes.count)
            if length - begun >= EnvelopeWriter.stride {
                file?.beginWriting(from: begun, count: length - begun)
                begun = length
            }
        case .segmentEnd(let header, _):
            try table?.segmentEnd(header: header)
        }
    }

    /// The document is whole: syncs it. What comes back describes what was really written.
    func endDocument() throws -> DocumentFiles {
        try begin()
        try file?.sync()
        file = nil
        tee?.end()
        guard let table = table.take() else { throw VaultFailure.sealing }
        return try table.finish()
    }

    /// Writes the seal. The folder is left to the scribe, which syncs it once for a batch.
    func finish(_ archive: [UInt8]) throws -> FolderSync {
        guard let folder, let folderSync else { throw VaultFailure.sealing }
        let name = EnvelopeStore.sealName(bid)
        let documents = names
        var seal = try folder.create(name)
        names.append(name)
        try seal.write(all: archive)
        try seal.sync()
        tee?.finish(name, archive, others: documents, from: folder)
        return folderSync
    }

    /// Removes what was written: the client has been or will be told that nothing was kept.
    func discard() {
        file = nil
        for name in names { try? folder?.unlink(name) }
        names = []
        tee?.discard()
    }

    private func begin() throws {
        guard folder == nil else { return }
        let folder = try store.folder(of: consultation)
        self.folder = folder
        folderSync = store.folderSync(folder, of: consultation)
        let name = EnvelopeStore.documentName(bid, 1)
        file = try folder.create(name)
        names.append(name)
        tee?.begin(name)
        table = try SegmentTable()
    }
}
