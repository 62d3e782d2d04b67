import Canonical
import Foundation
import OpenSSL
import Sealing

extension Command {
    static let keyReadPaper = Command(
        path: ["key", "read-paper"],
        summary: "type a key on paper back into a key file",
        discussion: """
            Reads the lines of a printed key (sceau key new --paper), from the terminal one by one, or from a file or a pipe. Capitals and \
            spaces are free; a line that is not as printed is named by its number. FILE gets the certificate and the key, still \
            encrypted: it is used with --key FILE and the six words of the other sheet.

            The certificate is public: the buyer has it, and it stands in the keys of each consultation. With --passphrase-file the key is \
            tried at once.
            """,
        options: [
            .required("certificate", "CERT", "the certificate of the key (PEM), whose SHA-256 stands on the sheet"),
            .required("out", "FILE", "where the key file goes; must not exist. Erase it after use (shred -u)"),
            .optional("lines", "FILE", "the typed lines, in place of the terminal"),
            .optional("passphrase-file", "FILE", "the six words, to try the key"),
            Command.json,
        ],
        run: { (invocation) throws(CommandError) in
            let path = try invocation.required("out")
            let certificate = try MemberCertificates.certificate(invocation.required("certificate"))
            let der = try PaperReading(invocation).read()
            let pem = Array(certificate.pem.utf8) + PEMBody.encode(der, label: PEMBody.encryptedKey)
            if let passphrase = invocation.value("passphrase-file") {
                _ = try KeyFile.open(pem: pem, passphraseFile: passphrase, path)
            }
            try OutputFile.create(path, pem.span)
            let digest = Digest(certificate)
            try invocation.answer(digest.hex, json: ["key": .string(path), "digest": .digest(digest)])
            return .done
        })
}

/// The lines of a printed key, as somebody types them.
struct PaperReading {
    private static let largest = 64 * 1024

    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    /// The DER of the encrypted key.
    func read() throws(CommandError) -> [UInt8] {
        if let path = invocation.value("lines") { return try decode(InputFile.read(path, max: Self.largest)) }
        guard isatty(STDIN_FILENO) == 1 else {
            return try decode(InputFile.read("/dev/stdin", max: Self.largest))
        }
        return try ask()
    }

    private func decode(_ bytes: [UInt8]) throws(CommandError) -> [UInt8] {
        let lines = String(decoding: bytes, as: UTF8.self).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        do { return try PaperLines.decode(lines.map(String.init)) } catch { throw .refused("\(error)") }
    }

    /// A line at a time, each until it is right.
    private func ask() throws(CommandError) -> [UInt8] {
        var lines: [String] = []
        invocation.terminal.note("type each line of the sheet, with its number:")
        while let line = readLine() {
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            do { _ = try PaperLines.read(line, lines.count + 1) } catch {
                invocation.terminal.note("\(error); once more")
                continue
            }
            lines.append(line)
            if let der = try? PaperLines.decode(lines) { return der }
        }
        do { return try PaperLines.decode(lines) } catch { throw .refused("\(error)") }
    }
}
