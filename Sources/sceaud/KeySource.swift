/// Where a private key is: a file whose permissions we judge, or a URI for OSSL_STORE (a token, a TPM).
enum KeySource: Sendable, Equatable {
    case file(String)
    case uri(String)

    /// `pkcs11:object=…` is a URI, `keys/tls.key` a path. `file:` counts as the path it names, so that its permissions
    /// are judged too.
    init(_ text: String, relativeTo folder: String) {
        let scheme = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
        guard scheme.count > 1, text.dropFirst(scheme.count).first == ":" else {
            self = .file(Configuration.path(text, in: folder))
            return
        }
        guard scheme.lowercased() == "file" else {
            self = .uri(text)
            return
        }
        let rest = text.dropFirst(scheme.count + 1)
        self = .file(Configuration.path(String(rest.hasPrefix("//") ? rest.dropFirst(2) : rest), in: folder))
    }

    /// What an error calls it.
    var name: String {
        switch self {
        case .file(let path): path
        // No more than the scheme: a URI may hold a PIN.
        case .uri(let uri): String(uri.prefix { $0 != ":" }) + ":…"
        }
    }
}
