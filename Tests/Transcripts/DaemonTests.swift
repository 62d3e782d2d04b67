import Foundation
import OpenSSL
import Rehearsal
import Testing

/// `sceaud` as its administrator meets it: the real binary, its files, its signals.
struct DaemonTests {
    private func sceaud(_ arguments: String...) throws -> Rehearsal.Outcome {
        try Shell.run(Checkout.binary("sceaud"), arguments)
    }

    @Test func oneLifeOfADaemon() throws {
        let instance = try Instance()
        #expect(instance.adminToken.wholeMatch(of: #/sceau_[0-9a-f]{64}/#) != nil)
        let early = try instance.addUser("Before", role: "buyer")
        try instance.start()
        #expect(try Curl(instance).get("/healthz").status == 200)
        #expect(try Curl(instance).get("/readyz").status == 200)
        #expect(try Curl(instance).get("/api/v1/limits").json["connectionsFromAddress"] as? Int == 200)

        let second = try sceaud("run", "--config", instance.config)
        #expect(second.status == 1)
        #expect(second.err.hasPrefix("sceaud: error: another sceaud runs on \(instance.data)\nsceaud: hint: "))
        #expect(try Curl(instance).get("/healthz").status == 200, "the second one broke the first")

        let beside = try instance.addUser("Beside", role: "bidder", account: "Bâti Sud", siret: "55210022400029")
        for token in [instance.adminToken, early, beside] {
            #expect(try Curl(instance, token: token).get("/api/v1/platform").status == 200)
        }
        #expect(try Curl(instance, token: instance.adminToken + "0").get("/api/v1/platform").status == 401)
        let refused = try sceaud("admin", "user", "add", "--config", instance.config, "--name", "x", "--role", "opener", "--account", "Bâti Sud")
        #expect(refused.status == 1)
        #expect(refused.out.isEmpty)
        #expect(refused.err.hasPrefix("sceaud: error: refused: "))

        let check = try sceaud("check", "--config", instance.config)
        #expect(check.status == 0, "\(check)")

        #expect(try instance.stop() == 0)
        #expect(instance.log.split(separator: "\n").allSatisfy { $0.hasPrefix("sceaud: ") })
        #expect(!instance.log.contains("Bâti"))
        #expect(!FileManager.default.fileExists(atPath: instance.data + "/admin.sock"))
        try instance.start()
        #expect(try Curl(instance, token: beside).get("/api/v1/platform").status == 200)
        #expect(try instance.stop() == 0)
    }

    /// A command that adds a user holds the folder for a moment; a daemon that starts beside it waits.
    @Test func aStartWaitsForACommand() throws {
        let instance = try Instance()
        let command = try Job(
            "flock", [instance.data + "/lock", "sleep", "2"], out: instance.folder.url.appending(path: "flock.out"),
            err: instance.folder.url.appending(path: "flock.err"))
        while try Shell.run("flock", ["-n", instance.data + "/lock", "true"]).status == 0, command.isRunning { usleep(10_000) }
        #expect(command.isRunning)
        try instance.start()
        #expect(try Curl(instance).get("/healthz").status == 200)
        #expect(try instance.stop() == 0)
    }

    @Test func aKilledDaemonStartsAgain() throws {
        let instance = try Instance()
        try instance.start()
        instance.kill()
        let token = try instance.addUser("After", role: "auditor")
        try instance.start()
        #expect(try Curl(instance, token: token).get("/api/v1/platform").status == 200)
        #expect(try sceaud("check", "--config", instance.config).status == 0)
    }

    @Test func aHangUpChangesTheCertificate() throws {
        let instance = try Instance()
        try instance.start()
        let old = try Data(contentsOf: URL(filePath: instance.ca))
        let key = try PrivateKey.generateP256()
        let now = Int64(Date().timeIntervalSince1970)
        let certificate = try Certificate.selfSigned(
            key, commonName: "localhost", alternativeNames: ["localhost"], usage: .server, notBefore: now - 60,
            notAfter: now + 3600)
        try Data(certificate.pem.utf8).write(to: URL(filePath: instance.ca))
        let secret = try key.pem().withBytes { $0.withUnsafeBufferPointer { Data($0) } }
        let file = instance.data + "/keys/tls.key"
        try secret.write(to: URL(filePath: file))

        // A key that others can read changes nothing, and says so.
        chmod(file, 0o644)
        instance.signal(SIGHUP)
        try wait(for: "nothing was read again: the TLS key", in: instance)
        #expect(try Curl(instance).get("/healthz").status == 0, "the old certificate is not the file's")
        let pinned = instance.folder.path("old.crt")
        try old.write(to: URL(filePath: pinned))
        #expect(try Shell.run("curl", ["-sS", "--cacert", pinned, instance.url + "/healthz"]).status == 0)

        chmod(file, 0o600)
        instance.signal(SIGHUP)
        try wait(for: "were read again", in: instance)
        #expect(try Curl(instance).get("/healthz").status == 200)
        #expect(try instance.stop() == 0)
    }

    @Test func whatIsWrongStopsTheStart() throws {
        let instance = try Instance()
        let config = URL(filePath: instance.config)
        let text = try String(contentsOf: config, encoding: .utf8)
        func message(_ change: (String) -> String) throws -> String {
            try Data(change(text).utf8).write(to: config)
            let outcome = try sceaud("run", "--config", instance.config)
            #expect(outcome.status == 1)
            return outcome.err
        }
        #expect(try message { $0.replacing("listen:", with: "lisen:") }.contains("sceaud.json5: lisen: there is no such key"))
        #expect(try message { $0.replacing("data: \".\"", with: "data: \"keys\"") }.contains("instance.json is missing"))
        #expect(try message { $0.replacing("data: \".\"", with: "data: \"none\"") }.contains("cannot be opened"))
        #expect(try message { $0.replacing("highWater: \"high-water\"", with: "highWater: \"keys\"") }.contains("high-water mark"))
        #expect(try message { $0.replacing("highWater", with: "limits: {connections: 100000000}, highWater") }.contains("limits.connections: "))
        let both = try message { $0.replacing("certificate: \"keys/tls.crt\"", with: "certificate: \"keys/timelock.crt\"") }
        #expect(both.contains("lacks the key usage it needs: digitalSignature and serverAuth"))
        chmod(instance.data + "/keys/timelock.key", 0o640)
        #expect(try message { $0 }.contains("the time-lock key \(instance.data)/keys/timelock.key can be read by others (mode 640)"))
    }

    @Test func theServiceManagerIsToldWhenItIsReady() throws {
        let instance = try Instance()
        let path = instance.folder.path("notify")
        let socket = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        #expect(setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size)) == 0)
        try instance.start(environment: ["NOTIFY_SOCKET": path])
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = recv(socket, &bytes, bytes.count, 0)
        #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == "READY=1")
    }

    private func wait(for text: String, in instance: Instance) throws {
        for _ in 0..<1000 where !instance.log.contains(text) { usleep(20_000) }
        #expect(instance.log.contains(text), "\(instance.log)")
    }
}
