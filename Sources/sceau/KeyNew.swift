import Canonical
import OpenSSL
import Sealing

extension Command {
    static let keyNew = Command(
        path: ["key", "new"],
        summary: "make a committee member's key and certificate",
        discussion: """
            Makes a P-256 key, encrypted under a passphrase that this tool makes up: six words of five letters, \
            shown once, to be written down and kept apart from the file. FILE gets the certificate and the \
            encrypted key, FILE with the ending .crt the certificate alone: that one goes to the buyer. The \
            certificate's SHA-256 goes to stdout, for the buyer to compare.

            With --paper the same key is also made to be printed, for a safe: SHEET.html has it, encrypted, in lines to type back \
            (sceau key read-paper), and SHEET.words.html has the words of its passphrase, on a sheet of its own. Print both, put them into two \
            envelopes, and erase the second file (shred -u). The certificate says that the key is on paper, so that each use of it is \
            recorded as such.

            Whoever has the file and the passphrase is this member. Both lost is a share lost: any other quorum \
            still opens.
            """,
        options: [
            .required("name", "NAME", "the member's name, as the committee knows it"),
            .required("out", "FILE", "where the key goes, such as claire.pem; must not exist"),
            .optional("passphrase-file", "FILE", "write the passphrase there (0600) and do not show it"),
            .optional("paper", "SHEET.html", "the key to print, for a safe; its words go to SHEET.words.html"),
            .flag("unencrypted", "no passphrase: for exercises and machines, never for a member"),
            Command.json,
        ],
        run: { (invocation) throws(CommandError) in try KeyNew(invocation).run() })
}

struct KeyNew {
    /// Ten years: a member's key is replaced by a new committee, not by its certificate's end.
    private static let validity: Int64 = 3653 * 86_400

    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws(CommandError) -> Outcome {
        let path = try invocation.required("out")
        let certificatePath = (path.hasSuffix(".pem") ? String(path.dropLast(4)) : path) + ".crt"
        let passphrasePath = invocation.value("passphrase-file")
        guard passphrasePath == nil || !invocation.has("unencrypted") else {
            throw .usage("--unencrypted and --passphrase-file exclude one another")
        }
        let paper = try invocation.value("paper").map { (path) throws(CommandError) in try PaperSheets(path) }
        guard paper == nil || !invocation.has("unencrypted") else {
            throw .usage("--unencrypted and --paper exclude one another")
        }
        guard invocation.has("unencrypted") || passphrasePath != nil || paper != nil || invocation.terminal.showsProgress else {
            throw CommandError(
                "there is no terminal to show the passphrase on, and it must not end in a log",
                hint: "have it written to a file of its own: --passphrase-file FILE")
        }
        let key: PrivateKey
        do { key = try PrivateKey.generateP256() } catch { throw CommandError("no key could be made: \(error)") }
        let certificate = try certificate(for: key, isPaper: paper != nil)
        let passphrase = try makePassphrase()
        let encrypted = try write(key, certificate, passphrase, to: path)
        do {
            if let paper, let words = copy(passphrase) { try paper.write(encrypted, certificate, words) }
            try OutputFile.create(certificatePath, certificate.pem)
            if let passphrasePath { try keep(passphrase, at: passphrasePath) }
        } catch {
            invocation.terminal.warn("'\(path)' is left half made: remove it")
            throw error
        }
        if let paper {
            invocation.terminal.note(
                "print '\(paper.key)' and '\(paper.words)', put them into two envelopes, and erase the second: shred -u '\(paper.words)'")
        } else if passphrasePath == nil {
            show(passphrase)
        }
        let digest = Digest(certificate)
        try invocation.answer(
            digest.hex,
            json: ["key": .string(path), "certificate": .string(certificatePath), "digest": .digest(digest)])
        return .done
    }

    /// Its validity begins a minute back, for machines whose clocks differ a little.
    private func certificate(for key: borrowing PrivateKey, isPaper: Bool) throws(CommandError) -> Certificate {
        let name = try invocation.required("name")
        let now = invocation.now.second
        do {
            return try Certificate.selfSigned(
                key, commonName: name, unit: isPaper ? Certificate.paperUnit : nil, usage: .member, notBefore: now - 60, notAfter: now + Self.validity)
        } catch {
            throw CommandError("no certificate could be made: \(error)", hint: "a name has 1 to 64 characters")
        }
    }

    private func makePassphrase() throws(CommandError) -> Secret? {
        guard !invocation.has("unencrypted") else { return nil }
        do { return try Passphrase.generate() } catch {
            throw CommandError("no passphrase could be made: \(error.text)")
        }
    }

    /// - Returns: the encrypted key, PEM; empty where it is not encrypted.
    private func write(
        _ key: borrowing PrivateKey, _ certificate: Certificate, _ passphrase: borrowing Secret?, to path: String
    ) throws(CommandError) -> [UInt8] {
        let head = Array(certificate.pem.utf8)
        do {
            if let passphrase = copy(passphrase) {
                let encrypted = try key.encryptedPEM(passphrase: passphrase)
                try OutputFile.create(path, (head + encrypted).span)
                return encrypted
            } else {
                let secret = try key.pem()
                let whole = secret.withBytes { body in
                    Secret(count: head.count + body.count) { span in
                        for index in head.indices { span[index] = head[index] }
                        for index in body.indices { span[head.count + index] = body[index] }
                    }
                }
                try whole.withBytes { (bytes) throws(CommandError) in try OutputFile.create(path, bytes) }
                return []
            }
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError("the key could not be written: \(error)")
        }
    }

    private func copy(_ secret: borrowing Secret?) -> Secret? {
        switch secret {
        case .some(let secret): secret.copy()
        case .none: nil
        }
    }

    private func keep(_ passphrase: borrowing Secret?, at path: String) throws(CommandError) {
        guard let passphrase = copy(passphrase) else { return }
        try passphrase.withBytes { (bytes) throws(CommandError) in try OutputFile.create(path, bytes) }
    }

    private func show(_ passphrase: borrowing Secret?) {
        guard let passphrase = copy(passphrase) else { return }
        invocation.terminal.note("the passphrase, shown this once; write it down and keep it apart from the file:")
        passphrase.withBytes { invocation.terminal.show($0) }
    }
}
