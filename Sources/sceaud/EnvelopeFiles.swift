import Canonical
import Evidence
import Linux
import Procurement
import Sealing

/// The files below `envelopes/`, and those that no event names.
struct EnvelopeFiles {
    private var names: Set<String> = []

    init(_ root: DurableFolder) throws(LinuxError) {
        for name in try root.list(max: 1_000_000) {
            guard (try? Identifier(name)) != nil, let folder = try? root.folder(name) else {
                names.insert(name)
                continue
            }
            for file in try folder.list(max: 4_000_000) { names.insert("\(name)/\(file)") }
        }
    }

    mutating func remove(_ bid: BidReceived) {
        names.remove("\(bid.consultation)/\(bid.bid).seal")
        for number in 1...bid.documents { names.remove("\(bid.consultation)/\(bid.bid).\(number)") }
    }

    var unnamed: [String] { names.sorted() }

    /// An envelope against its event: the archive's seal is the one logged, every file is the one sealed.
    ///
    /// - Returns: bytes of ciphertext.
    static func verify(_ bid: BidReceived, in root: DurableFolder) throws(EnvelopeFinding) -> Int64 {
        var opened: (name: String, file: OpenedFile)?
        do {
            let folder = try root.folder(bid.consultation.text)
            let total = try EnvelopeCheck(bid).verify { name, offset, max in
                if opened?.name != name { opened = (name, OpenedFile(try folder.open(name))) }
                guard let file = opened?.file else { return [] }
                return try file.read(at: offset, max: max)
            }
            return total
        } catch let error as EvidenceError {
            throw EnvelopeFinding(error.reason)
        } catch {
            throw EnvelopeFinding("\(opened.map { _ in "its files" } ?? "its seal"): \(error)")
        }
    }
}

/// One file at a time, read from its beginning to its end; the kernel need not keep it.
private final class OpenedFile {
    private let file: DurableFile

    init(_ file: consuming DurableFile) { self.file = file }

    deinit { file.forget() }

    func read(at offset: Int64, max: Int) throws -> [UInt8] {
        let rest = try file.length() - offset
        return rest > 0 ? try file.read(at: offset, max: Int(min(rest, Int64(max)))) : []
    }
}

/// What does not hold of one envelope.
struct EnvelopeFinding: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
