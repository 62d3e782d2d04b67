import Linux

/// The documents of one part of one bid. Folders of the manifest become folders below it, by safe names too.
final class DocumentFolder {
    /// Deeper folders are put into the last one that still counts.
    private static let depth = 8

    private let folder: DurableFolder
    private var names = SafeNames()
    private var below: [String: DocumentFolder] = [:]

    init(_ folder: DurableFolder) { self.folder = folder }

    /// Where documents of a manifest's folder go: text that its bidder wrote, never a path.
    func place(of path: String?) throws(LinuxError) -> DocumentFolder {
        var place = self
        for component in (path ?? "").split(separator: "/").prefix(Self.depth) {
            place = try place.folder(String(component))
        }
        return place
    }

    private func folder(_ untrusted: String) throws(LinuxError) -> DocumentFolder {
        if let known = below[untrusted] { return known }
        let made = DocumentFolder(try folder.makeFolder(names.take(untrusted, otherwise: "folder").text))
        below[untrusted] = made
        return made
    }

    /// A new document: written under a private temporary name, and given its own once it is known to be whole.
    func newDocument() throws(LinuxError) -> NewDocument { try NewDocument(in: folder) }

    /// A name that nothing here has yet.
    func take(_ untrusted: String) -> SafeName { names.take(untrusted) }
}

/// A document on its way to the disk. Dropped unless kept.
final class NewDocument {
    /// Safe names never begin with a dot, so none of them meets this one.
    private static let temporary = ".partial"

    private let folder: DurableFolder
    private var file: DurableFile
    private var isKept = false

    init(in folder: DurableFolder) throws(LinuxError) {
        self.folder = folder
        file = try folder.create(Self.temporary)
    }

    deinit { if !isKept { try? folder.unlink(Self.temporary) } }

    func write(_ bytes: Span<UInt8>) throws(LinuxError) { try file.write(all: bytes) }

    func keep(as name: SafeName) throws(LinuxError) {
        try file.sync()
        try folder.rename(Self.temporary, to: name.text)
        isKept = true
        try folder.sync()
    }
}
