import Foundation
import Linux
import Procurement
import Records
import Testing

@testable import sceaud

struct ConfigurationTests {
    /// The least that is a configuration, with room for one more key.
    private func text(_ more: String = "", tls: String = "", limits: String = "") -> String {
        """
        { // a comment
            data: ".",
            tls: { certificate: "tls.crt", key: "tls.key", \(tls) },
            keys: { timeLock: { certificate: "/abs/timelock.crt", key: "timelock.key" }, timestamp: { certificate: "tsa.crt", key: "tsa.key", authority: "tsa-ca.crt" }, log: { real: "log-real.key", training: "log-training.key" } },
            limits: { \(limits) }, /* and
            another */
            \(more)
        }
        """
    }

    private func read(_ text: String) throws -> Configuration {
        try Configuration(Array(text.utf8), folder: "/etc/sceau")
    }

    private func message(_ text: String) -> String? {
        do {
            _ = try read(text)
            return nil
        } catch {
            return (error as? DaemonError)?.message
        }
    }

    @Test func theLeastIsEnough() throws {
        let configuration = try read(text())
        #expect(configuration.data == "/etc/sceau")
        #expect(configuration.tls.pair.key == .file("/etc/sceau/tls.key"))
        #expect(configuration.tls.minimum == .tls13)
        #expect(configuration.timeLock.certificate == "/abs/timelock.crt")
        #expect(configuration.highWater == "/etc/sceau/high-water")
        #expect(configuration.recovery == nil)
        #expect(configuration.unsynchronised == .alarm)
        #expect(configuration.listen.isEmpty)
        #expect(configuration.limits == ConfiguredLimits())
    }

    @Test func valuesAreTaken() throws {
        let configuration = try read(
            text(
                "listen: ['127.0.0.1:0', \"[::1]:8443\",], logLevel: \"debug\", threads: 0x2, 'writers': +3, "
                    + "clock: { unsynchronised: 'stop' },",
                tls: "minimum: \"1.2\"", limits: "documentBytes: 1000,"))
        #expect(configuration.listen.map(\.description) == ["127.0.0.1:0", "[::1]:8443"])
        #expect(configuration.logLevel == .debug)
        #expect(configuration.threads == 2)
        #expect(configuration.writers == 3)
        #expect(configuration.unsynchronised == .stop)
        #expect(configuration.metrics == nil)
        #expect(configuration.mirror == nil)
        #expect(try read(text("mirror: { folder: '/m', whenLost: 'stop' },")).mirror == .init(path: "/m", whenLost: .stop))
        #expect(try read(text("metrics: '[::1]:9464',")).metrics?.port == 9464)
        #expect(configuration.tls.minimum == .tls12)
        #expect(configuration.limits.documentBytes == 1000)
    }

    @Test(arguments: [
        ("port: 1,", "port: there is no such key"),
        ("listen: [\"127.0.0.1:1\", \"localhost:2\"],", "listen[1]: an address and port"),
        ("listen: \"127.0.0.1:1\",", "listen: a list"),
        ("threads: -1,", "threads: a whole number from 0 to 256"),
        ("threads: 1.5,", "threads: a whole number"),
        ("threads: true,", "threads: a whole number"),
        ("threads: null,", "threads: a whole number"),
        ("threads: \"2\",", "threads: a whole number"),
        ("logLevel: \"loud\",", "logLevel: one of \"error\", \"warning\""),
        ("highWater: \"\",", "highWater: a text"),
        ("clock: {unsynchronised: \"ignore\"},", "clock.unsynchronised: one of \"alarm\", \"stop\""),
        ("metrics: \"192.0.2.1:9464\",", "metrics: a loopback address"), ("metrics: \"localhost:9464\",", "metrics: a loopback address"),
        ("mirror: { folder: \"mirror\" },", "mirror.folder: it lies in the data folder"),
        ("mirror: { folder: \"/m\", whenLost: \"go\" },", "mirror.whenLost: one of \"alarm\", \"stop\""),
        ("clock: {synchronised: \"stop\"},", "clock.synchronised: there is no such key"),
    ])
    func aBadKeyAtTheTopIsNamed(more: String, expected: String) {
        #expect(message(text(more))?.hasPrefix(expected) == true)
    }

    @Test(arguments: [
        ("minimum: \"1.1\"", "", "tls.minimum: one of \"1.3\", \"1.2\""),
        ("ciphers: \"\"", "", "tls.ciphers: there is no such key"),
        ("", "documentBytes: 0", "limits.documentBytes: a whole number from 1"),
        ("", "documentByte: 1", "limits.documentByte: there is no such key"),
        ("", "bidBytes: 1", "limits.bidBytes: it is less than documentBytes"),
        ("", "connections: 10", "limits.connectionsFromAddress: it is more than connections"),
        ("", "reservedBytesOfAccount: 5", "limits.reservedBytesOfAccount: it is less than bidBytes"),
    ])
    func aBadKeyBelowIsNamedByItsPath(tls: String, limits: String, expected: String) {
        #expect(message(text(tls: tls, limits: limits))?.hasPrefix(expected) == true)
    }

    @Test func whatIsRequiredIsNamed() {
        #expect(message("{}") == "data: this key is required")
        #expect(message("{data: \".\", tls: {key: \"a\", certificate: \"b\"}, keys: {}}") == "keys.timeLock: this key is required")
        #expect(message("{data: \".\", tls: []}") == "tls: an object is expected")
    }

    @Test func anUnknownKeyIsToldWhatThereIs() throws {
        let error = #expect(throws: DaemonError.self) { _ = try read(text("minimun: 1,")) }
        #expect(error?.hint == "keys at the top are clock, data, highWater, keys, limits, listen, logLevel, metrics, mirror, threads, timestamps, tls, witnesses, writers")
    }

    @Test(arguments: [
        ("threads: 1,\nthreads: 2,", "line 8: threads is given twice in one object"),
        ("threads: 1, // threads: 1\n 'threads': 2,", "line 8: threads is given twice in one object"),
        ("listen: [], /* one\n two */ \"listen\": [],", "line 8: listen is given twice in one object"),
        ("keys: {},", "line 7: keys is given twice in one object"),
    ])
    func aKeyGivenTwiceIsNamed(more: String, expected: String) {
        #expect(message(text(more)) == expected)
    }

    /// Colons, quotes, braces and keys' names where they mean nothing.
    @Test func textsAndCommentsAreNoKeys() throws {
        let configuration = try read(
            text("highWater: \"data: {threads:\\\"'\", // it's data: {\n /* listen: \"[ */ logLevel: 'info',"))
        #expect(configuration.highWater == "/etc/sceau/data: {threads:\"'")
    }

    @Test func whatIsNotJSON5IsRefused() {
        #expect(message("{data: ") != nil)
        #expect(message("[]") == "the configuration is not an object")
        #expect(message(String(repeating: " ", count: JSON5.longest + 1)) == "the configuration is longer than 1 MiB")
    }

    @Test func aFileThatIsNotThereIsNamed() {
        let error = #expect(throws: DaemonError.self) { _ = try Configuration.read("/nonexistent/sceaud.json5") }
        #expect(error?.message.hasPrefix("the configuration /nonexistent/sceaud.json5 cannot be read") == true)
        #expect(error?.hint?.contains("sceaud init") == true)
    }
}
