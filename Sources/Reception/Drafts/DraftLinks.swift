import Canonical
import Linux
import Records

/// The second names that a draft's documents get in `envelopes/`, and the seal beside them: what a bid is made of.
///
/// Unchecked: one thread makes them, and at most one undoes them after.
final class DraftLinks: @unchecked Sendable {
    private let store: EnvelopeStore
    private let consultation: Identifier
    private let bid: Identifier
    private var folder: DurableFolder?
    private var folderSync: FolderSync?
    private var names: [String] = []
    /// What a draft is made of lies on one disk; a bid's files are copied to the mirror here, before its commit.
    private let tee: EnvelopeTee?

    init(_ store: EnvelopeStore, bid: Identifier, consultation: Identifier) {
        self.store = store
        self.bid = bid
        self.consultation = consultation
        tee = store.mirror.map { EnvelopeTee($0, consultation: consultation) }
    }

    /// - Parameter numbers: in the draft; in the envelope they are counted from 1, in this order.
    func link(_ numbers: [Int], from draft: DurableFolder) throws {
        let target = try store.folder(of: consultation)
        folder = target
        folderSync = store.folderSync(target, of: consultation)
        for (index, number) in numbers.enumerated() {
            let name = EnvelopeStore.documentName(bid, index + 1)
            // Of a submission that failed before, whose names could not be removed then.
            try target.unlinkIfThere(name)
            try draft.link(DraftStore.ciphertextName(number), to: name, in: target)
            names.append(name)
        }
    }

    /// Writes the seal. The folder is left to the scribe, which syncs it once for a batch.
    func finish(_ archive: [UInt8]) throws -> FolderSync {
        guard let folder, let folderSync else { throw VaultFailure.sealing }
        let name = EnvelopeStore.sealName(bid)
        try folder.unlinkIfThere(name)
        let documents = names
        var seal = try folder.create(name)
        names.append(name)
        try seal.write(all: archive)
        try seal.sync()
        tee?.finish(name, archive, others: documents, from: folder)
        return folderSync
    }

    func undo() {
        for name in names { try? folder?.unlink(name) }
        names = []
        tee?.discard()
    }
}
