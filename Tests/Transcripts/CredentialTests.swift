import Foundation
import OpenSSL
import Rehearsal
import Testing

/// Key files under a passphrase that the service manager hands over; what the kernel says of the process that holds them.
@Suite(.serialized) struct CredentialTests {
    private let words = "babab-cacac-dadad"

    /// Puts every key of the vault under the passphrase.
    private func encrypt(_ instance: Instance) throws {
        let secret = Secret(count: words.utf8.count) { span in for (index, byte) in words.utf8.enumerated() { span[index] = byte } }
        for name in ["timelock", "tls", "tsa", "log-real", "log-training"] {
            let path = "\(instance.data)/keys/\(name).key"
            let key = try PrivateKey(pem: Array(Data(contentsOf: URL(filePath: path))), passphrase: nil)
            try Data(key.encryptedPEM(passphrase: secret)).write(to: URL(filePath: path))
            chmod(path, 0o600)
        }
        let config = try String(contentsOfFile: instance.config, encoding: .utf8)
        try config.replacing("keys: {", with: "keys: { credential: \"sceau\",", maxReplacements: 1)
            .write(toFile: instance.config, atomically: false, encoding: .utf8)
    }

    @Test func anEncryptedKeyOpensWithTheCredentialAndNothingElseDoes() throws {
        let instance = try Instance()
        try encrypt(instance)
        let credentials = try TemporaryFolder()
        let file = credentials.path("sceau")
        func hand(_ text: String, _ mode: Int = 0o400) {
            try? FileManager.default.removeItem(atPath: file)
            _ = FileManager.default.createFile(atPath: file, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
        }
        func refusal() throws -> String {
            let outcome = try Shell.run(
                Checkout.binary("sceaud"), ["run", "--config", instance.config],
                environment: ["CREDENTIALS_DIRECTORY": credentials.url.path])
            #expect(outcome.status == 1)
            // Of no secret is anything ever told.
            #expect(!outcome.err.contains(words) && !outcome.err.contains("zuzuz"))
            return outcome.err
        }
        let none = try Shell.run(Checkout.binary("sceaud"), ["run", "--config", instance.config])
        #expect(none.status == 1 && none.err.contains("the TLS key") && none.err.contains("the credential sceau"), "\(none)")
        #expect(try refusal().contains("the credential sceau"))
        hand("zuzuz\n")
        #expect(try refusal().contains("wrong passphrase in the credential sceau"))
        hand("\n")
        #expect(try refusal().contains("is empty"))
        hand(words, 0o444)
        #expect(try refusal().contains("can be read by others"))
        hand(words + "\n")
        try instance.start(environment: ["CREDENTIALS_DIRECTORY": credentials.url.path])
        #expect(try Curl(instance).get("/healthz").status == 200)
        // A key that is added is under it too.
        let added = try Shell.run(Checkout.binary("sceaud"), ["key", "add", "time-lock", "--config", instance.config])
        #expect(added.status == 0, "\(added)")
        let names = try FileManager.default.contentsOfDirectory(atPath: instance.data + "/keys").filter { $0.hasPrefix("timelock-") && $0.hasSuffix(".key") }
        let name = try #require(names.first)
        #expect(try String(contentsOfFile: "\(instance.data)/keys/\(name)", encoding: .utf8).contains("BEGIN ENCRYPTED PRIVATE KEY"))
        #expect(try instance.stop() == 0)
        try instance.start(environment: ["CREDENTIALS_DIRECTORY": credentials.url.path])
    }

    /// `/proc` as the kernel shows a process that may not be dumped: its core limit is nought, and its files there belong to root, not to its user
    /// (proc(5)), so that no other process of that user reads its memory.
    @Test(.enabled(if: geteuid() == 0)) func theDaemonsMemoryIsItsOwn() throws {
        let instance = try Instance()
        chmod(instance.folder.url.path, 0o755)
        try Shell.check("chown", ["-R", "65534:65534", instance.data])
        let user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        try instance.start(wrapper: user)
        let pid = try #require(instance.pid)
        func owner(_ pid: Int32) -> UInt32? {
            var status = stat()
            return stat("/proc/\(pid)/environ", &status) == 0 ? status.st_uid : nil
        }
        #expect(owner(pid) == 0)
        let limits = try String(contentsOfFile: "/proc/\(pid)/limits", encoding: .utf8)
        let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
        #expect(core.split(separator: " ").filter { $0 == "0" }.count == 2, "\(core)")
        // That another program of this user shows its user there.
        let folder = try TemporaryFolder()
        let sleeper = try Job(
            user[0], Array(user.dropFirst()) + ["sleep", "60"], out: folder.url.appending(path: "out"), err: folder.url.appending(path: "err"))
        defer { sleeper.signal(SIGKILL) }
        let until = Date(timeIntervalSinceNow: 30)
        while owner(sleeper.pid) != 65534, Date() < until { usleep(10_000) }
        #expect(owner(sleeper.pid) == 65534)
    }
}
