import Canonical
import Client
import OpenSSL

/// A file whose SHA-256 is taken as it is sent.
final class DigestingFile: BodySource {
    private let file: InputFile
    private var digest: SHA256?

    init(_ file: InputFile) throws {
        self.file = file
        digest = try SHA256()
    }

    func read(max: Int) throws -> [UInt8] {
        let bytes = try file.read(max: max)
        digest?.update(bytes.span)
        return bytes
    }

    func finish() -> Digest {
        guard let digest = digest.take() else { preconditionFailure("finished twice") }
        return Digest(digest.finish())
    }
}
