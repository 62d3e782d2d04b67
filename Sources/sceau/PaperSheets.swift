import Canonical
import OpenSSL
import Sealing

/// The two sheets of a paper key: the encrypted key in lines, and the words that open it. Never on one sheet: who finds one has nothing.
struct PaperSheets {
    let key: String
    let words: String

    /// - Parameter path: of the first sheet; the second stands beside it.
    init(_ path: String) throws(CommandError) {
        guard path.hasSuffix(".html"), path.count > 5 else { throw .usage("--paper takes a file whose name ends in .html") }
        key = path
        words = String(path.dropLast(5)) + ".words.html"
    }

    /// - Parameter encrypted: PEM of the encrypted PKCS#8.
    func write(_ encrypted: [UInt8], _ certificate: Certificate, _ passphrase: borrowing Secret) throws(CommandError) {
        guard let der = PEMBody.decode(encrypted, label: PEMBody.encryptedKey) else { throw CommandError("the encrypted key is no PEM") }
        let name = Self.escaped(certificate.commonName ?? "")
        let digest = Digest(certificate).hex
        let day = "\(Instant(milliseconds: certificate.notBefore * 1000))".prefix(10)
        try OutputFile.create(
            key, Self.page("Clé sur papier · Key on paper", Self.keySheet(name, digest, String(day), PaperLines.encode(der))))
        let sheet = Self.page("Phrase secrète · Passphrase", Self.wordSheet(name, digest, String(day)))
        guard let place = sheet.firstRange(of: Self.place) else {
            throw CommandError("the sheet has no place for the words")
        }
        let (before, after) = (Array(sheet[..<place.lowerBound].utf8), Array(sheet[place.upperBound...].utf8))
        // Never a String: the words are cleansed with the memory they stand in.
        let whole = passphrase.withBytes { words in
            Secret(count: before.count + words.count + after.count) { page in
                for index in before.indices { page[index] = before[index] }
                for index in words.indices { page[before.count + index] = words[index] }
                for index in after.indices { page[before.count + words.count + index] = after[index] }
            }
        }
        try whole.withBytes { (bytes) throws(CommandError) in try OutputFile.create(words, bytes) }
    }

    private static let place = "@words@"

    private static func keySheet(_ name: String, _ digest: String, _ day: String, _ lines: [String]) -> String {
        """
        <h1>Clé sur papier · <span lang="en">Key on paper</span></h1>
        <table><tr><th>Titulaire · Holder</th><td>\(name)</td></tr>
        <tr><th>Faite le · Made on</th><td>\(day)</td></tr>
        <tr><th>Certificat (SHA-256) · Certificate</th><td class="mono">\(grouped(digest))</td></tr></table>
        <p lang="fr">Cette feuille porte une clé <strong>chiffrée</strong> : sans les mots de l’autre feuille, elle n’ouvre rien. Rangez les deux dans
        deux enveloppes scellées, et en deux lieux si possible. Son emploi est consigné.</p>
        <p lang="en">This sheet holds an <strong>encrypted</strong> key: without the words on the other sheet it opens nothing. Keep the two in two sealed
        envelopes, and in two places if you can. Its use is recorded.</p>
        <pre>\(lines.joined(separator: "\n"))</pre>
        <p lang="fr">\(lines.count) lignes. Pour la relire : <code>sceau key read-paper --certificate CERTIFICAT --out CLE.pem</code>, puis tapez chaque ligne,
        numéro compris. Majuscules, minuscules et espaces sont libres ; 0, 1 et 8 n’y figurent pas (lisez O, I, B). Le dernier groupe de chaque ligne la
        contrôle : une ligne fausse est nommée.</p>
        <p lang="en">\(lines.count) lines. To read it back: <code>sceau key read-paper --certificate CERTIFICATE --out KEY.pem</code>, then type each line with its
        number. Capitals, small letters and spaces are free; there is no 0, 1 or 8 (read O, I, B). The last group of each line checks it: a wrong
        line is named.</p>
        <p class="small" lang="en">Without sceau, the six groups after each number, without the last, are base32 (RFC 4648) of a PKCS#8 EncryptedPrivateKeyInfo:
        <code>sed 's/^[0-9]* //; s/ [A-Z2-7]*$//' lines | tr -d ' \\n' | base32 -d | openssl pkcs8 -inform DER -out key.pem</code></p>
        """
    }

    private static func wordSheet(_ name: String, _ digest: String, _ day: String) -> String {
        """
        <h1>Phrase secrète d’une clé sur papier · <span lang="en">Passphrase of a key on paper</span></h1>
        <table><tr><th>Titulaire · Holder</th><td>\(name)</td></tr>
        <tr><th>Faite le · Made on</th><td>\(day)</td></tr>
        <tr><th>Certificat (SHA-256) · Certificate</th><td class="mono">\(grouped(digest))</td></tr></table>
        <p lang="fr">Ces six mots ouvrent la clé de l’autre feuille. <strong>Jamais dans la même enveloppe.</strong></p>
        <p lang="en">These six words open the key on the other sheet. <strong>Never in the same envelope.</strong></p>
        <pre class="words">\(place)</pre>
        <p lang="fr">Effacez le fichier dont cette feuille est imprimée.</p>
        <p lang="en">Erase the file that this sheet was printed from.</p>
        """
    }

    /// Black on white, A4, nothing from elsewhere.
    private static func page(_ title: String, _ body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="fr"><head><meta charset="utf-8"><title>\(title)</title>
        <style>@page { size: A4; margin: 20mm } body { font: 11pt serif; color: #000; background: #fff; max-width: 170mm; margin: auto }
        h1 { font-size: 15pt } th { text-align: left; padding-right: 1em; font-weight: normal } pre { font: 13pt/1.7 monospace; border: 1px solid #000; padding: .7em }
        .words { font-size: 17pt; text-align: center; white-space: pre-wrap } .mono { font: 9pt monospace } .small { font-size: 9pt } code { font-size: 9pt }</style></head>
        <body>
        \(body)
        </body></html>

        """
    }

    private static func grouped(_ digest: String) -> String {
        stride(from: 0, to: digest.count, by: 8).map { digest.dropFirst($0).prefix(8) }.joined(separator: " ")
    }

    private static func escaped(_ text: String) -> String {
        Terminal.printable(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

/// One block of a PEM file (RFC 7468), whose bytes are no secret.
enum PEMBody {
    static let encryptedKey = "ENCRYPTED PRIVATE KEY"

    static func decode(_ pem: [UInt8], label: String) -> [UInt8]? {
        let lines = String(decoding: pem, as: UTF8.self).split(whereSeparator: \.isNewline)
        guard let first = lines.firstIndex(of: "-----BEGIN \(label)-----"), let last = lines.firstIndex(of: "-----END \(label)-----"),
            first < last
        else { return nil }
        return try? Base64.decode(lines[(first + 1)..<last].joined())
    }

    static func encode(_ der: [UInt8], label: String) -> [UInt8] {
        let text = Base64.encode(der)
        let lines = stride(from: 0, to: text.utf8.count, by: 64).map { text.dropFirst($0).prefix(64) }
        return Array("-----BEGIN \(label)-----\n\(lines.joined(separator: "\n"))\n-----END \(label)-----\n".utf8)
    }
}
