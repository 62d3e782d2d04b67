import OpenSSL
import Sealing

extension Option {
    static let memberKey: [Option] = [
        .required("key", "FILE", "your key: PEM with certificate and key, or PKCS#12"),
        .optional("passphrase-file", "FILE", "its passphrase; without it the terminal is asked"),
        .optional("signing-key", "FILE", "your second key, where the committee knows you with one to sign with: the same forms"),
        .optional("signing-passphrase-file", "FILE", "its passphrase"),
    ]
}

/// A member's key, or both of a card that has two.
enum MemberKey {
    static func load(_ invocation: Invocation) throws(CommandError) -> Member {
        let file = try KeyFile.load(invocation, "key", "passphrase-file")
        let certificate = file.certificate
        guard invocation.value("signing-key") != nil else {
            guard invocation.value("signing-passphrase-file") == nil else {
                throw .usage("--signing-passphrase-file is of a --signing-key")
            }
            do { return try Member(key: file.key, certificate: certificate) } catch { throw .refused(error.text) }
        }
        let second = try KeyFile.load(invocation, "signing-key", "signing-passphrase-file")
        let signing = second.certificate
        do {
            return try Member(key: file.key, certificate: certificate, signingKey: second.key, signing: signing)
        } catch { throw .refused(error.text) }
    }
}
