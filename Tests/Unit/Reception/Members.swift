import Canonical
import OpenSSL
import Sealing

/// Three members of whom two open, and the platform's time lock. Made once: keys are slow.
enum Members {
    final class Holder: Sendable {
        let certificate: Certificate
        private let pkcs8: Secret

        init(_ name: String) {
            do {
                let key = try PrivateKey.generateP256()
                certificate = try Certificate.selfSigned(
                    key, commonName: name, usage: .member, notBefore: 0, notAfter: 4_102_444_800)
                pkcs8 = try key.pkcs8()
            } catch { fatalError("\(error)") }
        }

        func key() throws -> PrivateKey { try PrivateKey(pkcs8: pkcs8) }

        func member() throws -> Member { try Member(key: key(), certificate: certificate) }
    }

    static let all = [Holder("Alice"), Holder("Bob"), Holder("Chloé")]
    static let timeLock = Holder("time lock")

    static func ceremony(_ consultation: Identifier) throws -> (KeySet, [Capsule]) {
        let made = try Ceremony.make(
            consultation: consultation, notBefore: Dial.instant("12:00:00.000"), parts: ["offer"],
            members: all.enumerated().map { CommitteeMember(name: "Member \($0.offset + 1)", certificate: $0.element.certificate) },
            k: 2, timeLock: timeLock.certificate, recovery: nil, now: Dial.instant("10:00:00.000"))
        return (made.keySet, made.capsules)
    }
}
