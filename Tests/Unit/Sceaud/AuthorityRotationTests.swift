import Foundation
import OpenSSL
import Records
import Testing

@testable import sceaud

/// A new timestamp authority, cut short after every step: the old four files are in use, or the new four.
struct AuthorityRotationTests {
    private static let names = ["tsa-ca.key", "tsa.key", "tsa.crt", "tsa-ca.crt"]
    private let made: InitialisedFolder
    private let now = Int64(Date().timeIntervalSince1970)
    private var keys: String { made.data + "/keys/" }
    private var configured: Configuration.Timestamp { get throws { try made.configuration.timestamp } }

    init() throws { made = try InitialisedFolder() }

    private func bytes(_ name: String) -> Data? { FileManager.default.contents(atPath: keys + name) }

    /// The four of the present, and the four of what comes, which are taken out again.
    private func both() throws -> (old: [Data], new: [Data]) {
        let old = try Self.names.map { try #require(bytes($0)) }
        let authority = try KeyMaking.authority("Agglomération", instance: DataFolder(made.data).instance.id, now: now)
        let timestamp = try KeyMaking.timestamp(
            "Agglomération", issuer: authority.certificate, signedWith: authority.key, now: now)
        try AuthorityRotation.replace(configured, authority: authority, timestamp: timestamp)
        let new = try Self.names.map { try #require(bytes($0)) }
        #expect(zip(old, new).allSatisfy { $0 != $1 })
        try put(old)
        return (old, new)
    }

    private func put(_ files: [Data]) throws {
        for (name, bytes) in zip(Self.names, files) {
            try bytes.write(to: URL(filePath: keys + name))
            chmod(keys + name, 0o600)
        }
    }

    private func wait(_ name: String, _ bytes: Data) throws {
        try bytes.write(to: URL(filePath: keys + name + ".new"))
        chmod(keys + name + ".new", 0o600)
    }

    @Test func cutShortBeforeItIsDecided() throws {
        let (old, new) = try both()
        for (written, torn) in [(0, false), (1, false), (2, false), (3, false), (3, true)] {
            for index in 0..<written { try wait(Self.names[index], new[index]) }
            if torn { try wait(Self.names[3], new[3].prefix(new[3].count / 2)) }
            _ = try TimestampKeys(configured, now: now)
            #expect(Self.names.map { bytes($0) } == old, "\(written) written, torn: \(torn)")
        }
        // What was left is in nobody's way.
        _ = try both()
    }

    @Test func cutShortAfterItIsDecided() throws {
        let (old, new) = try both()
        // In the order in which they move.
        let order = [1, 2, 0, 3]
        for moved in 0...3 {
            try put(old)
            for (step, index) in order.enumerated() {
                if step < moved {
                    try new[index].write(to: URL(filePath: keys + Self.names[index]))
                } else {
                    try wait(Self.names[index], new[index])
                }
            }
            let taken = try TimestampKeys(configured, now: now)
            #expect(Self.names.map { bytes($0) } == new, "\(moved) moved")
            #expect(try taken.ca == Certificate(pem: Array(new[3])))
            #expect(Self.names.allSatisfy { bytes($0 + ".new") == nil })
        }
    }
}
