import Foundation
import Linux
import Testing

@testable import sceaud

/// The sample in Deploy/ and what `sceaud init` writes: every key is known, every known key is in the sample, and each has
/// the default that the sample shows.
struct SampleTests {
    private static let sample = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Deploy/sceaud.json5")

    private func tree() throws -> JSON5 { try JSON5(reading: [UInt8](Data(contentsOf: Self.sample))) }

    private func read(_ tree: JSON5) throws(DaemonError) -> Configuration {
        do {
            return try Configuration(Array(tree.text.utf8), folder: "/x")
        } catch {
            throw error
        }
    }

    @Test func theSampleIsRead() throws {
        let configuration = try read(tree())
        #expect(configuration.limits == ConfiguredLimits())
        #expect(configuration.threads == 0)
        #expect(configuration.logLevel == .info)
        #expect(configuration.tls.minimum == .tls13)
        #expect(configuration.highWater == "/x/high-water")
    }

    /// A key whose value nobody reads would let any value pass.
    @Test func everyKeyOfTheSampleIsRead() throws {
        let tree = try tree()
        for path in tree.paths {
            let error = #expect(throws: DaemonError.self, "\(path)") { _ = try read(tree.replacing(path[...], with: .null)) }
            #expect(error?.message.hasPrefix(path.joined(separator: ".") + ":") == true, "\(path)")
        }
    }

    /// The error about an unknown key lists the known ones: they are those of the sample.
    @Test func everyKnownKeyIsInTheSample() throws {
        let tree = try tree()
        let folders = tree.paths.map { Array($0.dropLast()) }
        for folder in Set(folders) {
            let error = #expect(throws: DaemonError.self) {
                _ = try read(tree.replacing((folder + ["unknown"])[...], with: .integer(1)))
            }
            let there = tree.keys(at: folder[...]).sorted().joined(separator: ", ")
            #expect(error?.hint?.hasSuffix("are \(there)") == true, "\(folder): \(error?.hint ?? "")")
        }
    }

    @Test(arguments: [true, false])
    func whatInitWritesIsRead(hasRecovery: Bool) throws {
        let listen = try #require(SocketAddress("[::1]:8443"))
        let text = WrittenConfiguration.text(listen: [listen], hasRecovery: hasRecovery)
        let configuration = try Configuration(Array(text.utf8), folder: "/data")
        #expect(configuration.data == "/data")
        #expect(configuration.listen == [listen])
        #expect(configuration.recovery == (hasRecovery ? "/data/keys/recovery.crt" : nil))
        #expect(configuration.timeLock.key == .file("/data/keys/timelock.key"))
        #expect(configuration.tls.pair.certificate == "/data/keys/tls.crt")
    }
}

extension JSON5 {
    /// Paths of all keys whose value is no object.
    fileprivate var paths: [[String]] {
        guard case .object(let fields) = self else { return [[]] }
        return fields.sorted { $0.key < $1.key }.flatMap { key, value in value.paths.map { [key] + $0 } }
    }

    fileprivate func keys(at path: ArraySlice<String>) -> [String] {
        guard case .object(let fields) = self else { return [] }
        guard let first = path.first else { return Array(fields.keys) }
        return fields[first]?.keys(at: path.dropFirst()) ?? []
    }

    fileprivate func replacing(_ path: ArraySlice<String>, with value: JSON5) -> JSON5 {
        guard let first = path.first, case .object(var fields) = self else { return value }
        fields[first] = (fields[first] ?? .null).replacing(path.dropFirst(), with: value)
        return .object(fields)
    }

    /// As JSON; the samples hold no text that needs an escape.
    fileprivate var text: String {
        switch self {
        case .null: "null"
        case .bool(let truth): "\(truth)"
        case .integer(let number): "\(number)"
        case .fraction(let number): "\(number)"
        case .string(let text): "\"\(text)\""
        case .array(let values): "[\(values.map(\.text).joined(separator: ","))]"
        case .object(let fields): "{\(fields.map { "\"\($0)\":\($1.text)" }.joined(separator: ","))}"
        }
    }
}
