import Canonical
import Foundation
import OpenSSL
import Procurement
import Records
import Sealing
import Testing

@testable import sceaud

/// A lost keys folder, brought back in one go, and after a crash at each step.
struct KeyRestorationTests {
    let made: InitialisedFolder
    let holder: TemporaryFolder
    let configuration: Configuration

    init() throws {
        made = try InitialisedFolder()
        holder = try TemporaryFolder()
        let pair = try holder.pair("recovery", usage: .sealing, now: Int64(Date().timeIntervalSince1970))
        _ = pair
        configuration = try Configuration.read(made.data + "/sceaud.json5")
    }

    private func restoration() throws -> KeyRestoration {
        guard case .run(_, let arguments) = try Arguments.read([
            "key", "restore", "--config", made.data + "/sceaud.json5", "--recovery", holder.path + "/recovery.key", "--certificate",
            holder.path + "/recovery.crt", "--host", "localhost",
        ]) else { throw DaemonError("not a command") }
        return try KeyRestoration(arguments)
    }

    private func lose() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: made.data + "/keys") {
            try FileManager.default.removeItem(atPath: "\(made.data)/keys/\(name)")
        }
    }

    private func generations() throws -> [Int] {
        var counts: [Int] = []
        try Register.inspect(data: made.data) { read in
            try read { register in counts = try Procurement.Log.allCases.map { try register.verifierKeys($0).count } }
        }
        return counts
    }

    private var files: RestoredKeyFiles {
        get throws { RestoredKeyFiles(configuration, instance: try DataFolder(made.data).instance, hosts: ["localhost"]) }
    }

    /// How far a run came before it was cut short.
    enum Step: CaseIterable {
        case nothing, files, logKeys, register, oneLogSettled
    }

    @Test(arguments: Step.allCases) func cutShortAnywhereASecondRunEndsIt(_ step: Step) throws {
        _ = try made.receive(Array("a price".utf8))
        try lose()
        if step != .nothing { _ = try files.makeMissing() }
        if step != .nothing, step != .files { _ = try files.makeLogKeys() }
        if step == .register || step == .oneLogSettled {
            _ = try Register.continueAfterLoss(
                data: made.data, checkpoints: [], freezes: false,
                Surroundings(clock: .system, keys: RestoredKeyFiles.logKeys(configuration)))
        }
        if step == .oneLogSettled {
            try FileManager.default.moveItem(atPath: made.data + "/keys/log-real.key.restored", toPath: made.data + "/keys/log-real.key")
        }
        let result = try restoration().run()
        #expect(result.restored == 0)
        // One new generation of each log, whatever came between.
        #expect(try generations() == [2, 2])
        let (lines, holds) = try made.check()
        #expect(holds, "\(lines)")
        // And once more there is nothing to do.
        let again = try restoration().run()
        #expect(again.made.isEmpty && again.continued.isEmpty)
        #expect(try generations() == [2, 2])
    }

    @Test func oneLogKeyAloneIsReplacedAlone() throws {
        try FileManager.default.removeItem(atPath: made.data + "/keys/log-training.key")
        let result = try restoration().run()
        #expect(result.continued.map(\.log) == [.training] && result.continued.allSatisfy(\.frozen.isEmpty))
        #expect(result.made == [made.data + "/keys/log-training.key"])
        #expect(try made.check().holds)
    }

    /// Seven secrets, two in one transaction, and the run ends behind each of them: what was sealed anew stays so, and a second run does the rest.
    @Test(arguments: 1...4) func cutShortBetweenTransactionsOfSecrets(_ transactions: Int) throws {
        let made = try InitialisedFolder("--recovery \(holder.path)/recovery.crt")
        let secrets = try made.seal(7)
        let configuration = try made.configuration
        for name in try FileManager.default.contentsOfDirectory(atPath: made.data + "/keys") where name != "recovery.crt" {
            try FileManager.default.removeItem(atPath: "\(made.data)/keys/\(name)")
        }
        func restoration() throws -> KeyRestoration {
            guard case .run(_, let arguments) = try Arguments.read([
                "key", "restore", "--config", made.data + "/sceaud.json5", "--recovery", holder.path + "/recovery.key", "--host", "localhost",
            ]) else { throw DaemonError("not a command") }
            var restoration = try KeyRestoration(arguments)
            restoration.batch = 2
            return restoration
        }
        struct Cut: Error {}
        var first = try restoration()
        nonisolated(unsafe) var count = 0
        first.committed = {
            count += 1
            if count == transactions { throw Cut() }
        }
        #expect(throws: Cut.self) { _ = try first.run() }
        let done = min(2 * transactions, 7)
        let result = try restoration().run()
        #expect(result.restored == 7 - done && result.others.isEmpty && result.made.isEmpty)
        // Each has one copy, which the new key opens, and the lost key is gone.
        let register = try Register(data: made.data, limits: DefaultLimits.register, made.surroundings)
        defer { register.stop() }
        let session = try PrivateKey.generateP256()
        let certificate = try Certificate.selfSigned(session, commonName: "session", usage: .sealing, notBefore: 0, notAfter: 4_000_000_000)
        let logged = try register.read { try $0.hostKeys() }
        let ring = try HostKeyRing(configuration, logged: logged, now: Int64(Date().timeIntervalSince1970))
        #expect(logged.filter { $0.kind == .timeLock && $0.retired != nil }.count == 1 && ring.timeLock.keys.count == 1)
        for capsule in secrets {
            let copies = try register.read { register in
                try register.restoredCopies(of: capsule.platformDigest).map { copy in
                    Capsule.SealedPlatformSecret(certificate: copy.certificate, secret: try #require(try register.object(copy.sealed)))
                }
            }
            #expect(copies.count == 1)
            _ = try ring.timeLock.release(capsule, restored: copies, to: certificate)
        }
    }

    /// A register that lacks what was acknowledged is another matter: `init --continue` decides that.
    @Test func aMarkThatDisagreesIsNoKeyLoss() throws {
        _ = try made.receive(Array("a price".utf8))
        let register = made.data + "/register/register.sqlite"
        let old = try Data(contentsOf: URL(fileURLWithPath: register))
        _ = try made.receive(Array("another".utf8))
        for file in try FileManager.default.contentsOfDirectory(atPath: made.data + "/register") where file != "register.sqlite" {
            try FileManager.default.removeItem(atPath: "\(made.data)/register/\(file)")
        }
        try old.write(to: URL(fileURLWithPath: register))
        try FileManager.default.removeItem(atPath: made.data + "/keys/log-real.key")
        let error = #expect(throws: DaemonError.self) { _ = try restoration().run() }
        #expect(error?.message.contains("cannot go on") == true)
        #expect(try generations() == [1, 1])
    }
}
