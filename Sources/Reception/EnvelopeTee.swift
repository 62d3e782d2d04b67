import Canonical
import Linux
import Records

/// The same envelope written a second time as it comes, into the mirror. Nothing of it ever fails the bid: what goes wrong
/// loses the mirror.
///
/// Owned by the envelope's writer.
final class EnvelopeTee {
    private let mirror: Mirror
    private let consultation: Identifier
    /// Of the mirror when the envelope was begun: one that was brought up since has none of it.
    private var epoch: UInt64?
    private var folder: DurableFolder?
    private var file: DurableFile?
    private var writing: String?
    private var names: [String] = []

    init(_ mirror: Mirror, consultation: Identifier) {
        self.mirror = mirror
        self.consultation = consultation
    }

    func begin(_ name: String) {
        guard let (folder, epoch) = mirror.envelopes else { return }
        self.epoch = epoch
        attempt {
            let place = try Self.folder(of: consultation, in: folder)
            self.folder = place
            file = try place.create(Self.temporary(name))
            writing = name
            names = [Self.temporary(name)]
        }
    }

    func append(_ bytes: [UInt8]) { attempt { try file?.write(all: bytes) } }

    /// The document is whole: under its own name only now, so that what has it is never a part.
    func end() {
        attempt {
            try file?.sync()
            guard file != nil, let folder, let writing else { return }
            try folder.rename(Self.temporary(writing), to: writing)
            names = [writing]
        }
        file = nil
    }

    private static func temporary(_ name: String) -> String { ".\(name).new" }

    /// Makes the rest of the envelope; all of it, where the mirror was brought up after it was begun.
    func finish(_ name: String, _ bytes: [UInt8], others: [String], from source: DurableFolder) {
        guard let (root, now) = mirror.envelopes else { return }
        if epoch != now {
            epoch = now
            attempt {
                let place = try Self.folder(of: consultation, in: root)
                folder = place
                for other in others { try place.copy(other, from: source) }
                names = others
            }
        }
        attempt {
            guard let folder else { return }
            names.append(name)
            try folder.replace(name, with: bytes)
        }
    }

    func discard() {
        file = nil
        for name in names { try? folder?.unlink(name) }
        names = []
    }

    /// The scribe's sync of a consultation's folder, whoever wrote in it.
    static func sync(_ mirror: Mirror, _ consultation: Identifier) {
        guard let (root, epoch) = mirror.envelopes else { return }
        do throws(LinuxError) {
            // Where it is missing, nothing of this batch was written there.
            guard try root.exists(consultation.text) else { return }
            try root.folder(consultation.text).sync()
        } catch {
            mirror.lose(error, epoch: epoch)
        }
    }

    /// Made durably at its first bid.
    static func folder(of consultation: Identifier, in root: DurableFolder) throws(LinuxError) -> DurableFolder {
        do throws(LinuxError) { return try root.folder(consultation.text) } catch {
            guard error.isMissing else { throw error }
        }
        do throws(LinuxError) { try root.makeFolder(consultation.text) } catch {
            guard error.isExisting else { throw error }
        }
        try root.sync()
        return try root.folder(consultation.text)
    }

    private func attempt(_ body: () throws -> Void) {
        guard let epoch else { return }
        do { try body() } catch {
            file = nil
            folder = nil
            mirror.lose(error, epoch: epoch)
        }
    }
}
