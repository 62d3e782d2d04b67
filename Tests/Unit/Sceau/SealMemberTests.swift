import Canonical
import Foundation
import OpenSSL
import Sealing
import Testing

@testable import sceau

/// What the tools refuse of members' certificates and keys, before anybody is asked.
@Suite final class SealMemberTests {
    private let folder = NSTemporaryDirectory() + "sceau-members-\(UUID().uuidString)"
    private static let now = try! Instant(parsing: "2026-11-01T12:00:00.000Z")

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private struct Holder: ~Copyable {
        let key: PrivateKey
        let certificate: Certificate
    }

    private func holder(
        _ name: String, _ key: consuming PrivateKey, usage: CertificateUsage = .member, from: Int64 = -60, to: Int64 = 60
    ) throws -> Holder {
        let certificate = try Certificate.selfSigned(
            key, commonName: name, usage: usage, notBefore: Self.now.second + from, notAfter: Self.now.second + to)
        return Holder(key: key, certificate: certificate)
    }

    private func file(_ name: String, _ text: String) throws -> String {
        let path = "\(folder)/\(name)"
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        chmod(path, 0o600)
        return path
    }

    private func certificate(_ name: String, _ holder: borrowing Holder) throws -> String { try file(name, holder.certificate.pem) }

    private func invocation(_ words: [String]) throws -> Invocation {
        guard case .run(let arguments) = try Arguments.read(words) else { preconditionFailure("no command") }
        return Invocation(
            arguments: arguments, environment: ["SCEAU_HOME": folder + "/home"], terminal: Terminal(showsProgress: false),
            clock: { Self.now })
    }

    /// With no daemon named it comes to that last.
    private func complaint(_ certificates: [String], _ more: [String] = ["--quorum", "1"]) throws -> CommandError? {
        let words = ["consultation", "seal", String(repeating: "0", count: 32)] + certificates.flatMap { ["--member", $0] } + more
        let invocation = try invocation(words)
        return #expect(throws: CommandError.self) { try ConsultationSeal(invocation).run() }
    }

    @Test func badCertificatesAreRefusedByName() throws {
        let alice = try certificate("alice.crt", holder("Alice", .generateP256()))
        func says(_ bad: String, _ signing: String? = nil) throws -> String {
            let error = try complaint([alice, signing.map { bad + "," + $0 } ?? bad])
            #expect(error?.outcome == .refused, "\(error?.message ?? "")")
            return error?.message ?? ""
        }
        let good = try certificate("good.crt", holder("Bruno", .generateP256()))
        #expect(try complaint([alice, good])?.message == "the daemon's address is not given")
        #expect(try says(certificate("1", holder("Bruno", .generateP256(), to: -1))).hasPrefix("member 2 (Bruno): the certificate expired on 2026-11-01T11:59:59.000Z"))
        #expect(try says(certificate("2", holder("Bruno", .generateP256(), from: 1))).contains("is not valid before"))
        #expect(try says(certificate("3", holder("Bruno", .generateP256(), usage: .server))).contains("is for other uses"))
        #expect(try says(certificate("4", holder("Bruno", .generateRSA(bits: 2048)))).contains("holds RSA 2048"))
        #expect(try says(alice).contains("members 1 and 2 have one certificate: Alice stands there twice"))
        let signing = try certificate("5", holder("Bruno", .generateP256(), usage: .sealing))
        #expect(try says(good, signing).contains("the signing certificate is for other uses"))
        // A card's two are good together, and not the other way round.
        let shares = try certificate("6", holder("Bruno", .generateP256(), usage: .sealing))
        let signs = try certificate("7", holder("Bruno", .generateP256(), usage: .signing))
        #expect(try complaint([alice, shares + "," + signs])?.message == "the daemon's address is not given")
        #expect(try says(signs, shares).contains("the certificate for shares is for other uses"))
        #expect(try says(shares).contains("a card with two certificates gives both"))
    }

    @Test func numbersThatAreNone() throws {
        let alice = try certificate("alice.crt", holder("Alice", .generateP256()))
        #expect(try complaint([alice], ["--quorum", "2"])?.message == "2 of 1 members cannot open")
        #expect(try complaint([alice], ["--quorum", "0"])?.message == "a quorum of 0 is none: at least one member opens")
        #expect(try complaint(Array(repeating: alice, count: 256))?.message == "a committee has at most 255 members, not 256")
        #expect(try complaint([], ["--quorum", "1"])?.message == "--member is missing")
        #expect(try complaint([alice], [])?.message == "--quorum is missing")
        #expect(try complaint([alice], ["--committee", "cao"])?.message == "--committee brings its own members and quorum")
        #expect(try complaint([alice], ["--preset", "3-of-2"])?.message == "there is no preset '3-of-2'")
    }

    // MARK: A member's own key

    private func load(_ more: [String]) throws -> CommandError? {
        let invocation = try invocation(["share", "accept", String(repeating: "0", count: 32)] + more)
        do {
            _ = try MemberKey.load(invocation)
            return nil
        } catch { return error }
    }

    private func pem(_ holder: borrowing Holder, _ certificate: Certificate? = nil) throws -> String {
        let key = try holder.key.pem().withBytes { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
        return (certificate ?? holder.certificate).pem + key
    }

    @Test func aKeyFileHoldsWhatBelongsTogether() throws {
        let one = try holder("Alice", .generateP256())
        let two = try holder("Bruno", .generateP256())
        let good = try file("good.pem", pem(one))
        #expect(try load(["--key", good]) == nil)
        let mismatched = try load(["--key", file("bad.pem", pem(one, two.certificate))])
        #expect(mismatched?.outcome == .refused && mismatched?.message.contains("is not that of the key beside it") == true)
        for text in ["", "nonsense", one.certificate.pem] {
            let error = try load(["--key", file("no.pem", text)])
            #expect(error?.message.contains("does not open") == true, "\(error?.message ?? "")")
        }
        let second = try file("second.pem", pem(two))
        #expect(try load(["--key", good, "--signing-key", second]) == nil)
        #expect(try load(["--key", good, "--signing-passphrase-file", good])?.outcome == .usage)
    }

    /// The words may be typed as people type; another passphrase is named by the file, and no word of it is said.
    @Test func aPassphraseIsReadAsItIsTyped() throws {
        let one = try holder("Alice", .generateP256())
        let words = try Passphrase.generate()
        let text = words.withBytes { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
        let path = try file("key.pem", one.certificate.pem + String(decoding: one.key.encryptedPEM(passphrase: words), as: UTF8.self))
        for typed in [text, text + "\n", text.uppercased().replacing("-", with: " ")] {
            #expect(try load(["--key", path, "--passphrase-file", file("words", typed)]) == nil, "\(typed)")
        }
        let wrong = try load(["--key", path, "--passphrase-file", file("words", "lusab-babad-gutih-tugad-mupok-vopod")])
        #expect(wrong?.message.contains("'\(path)' does not open") == true && wrong?.message.contains("lusab") == false)
        #expect(try load(["--key", path, "--passphrase-file", file("words", "\n")])?.message.contains("holds no passphrase") == true)
    }
}
