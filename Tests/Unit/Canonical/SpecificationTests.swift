import Canonical
import Foundation
import Testing

/// The page that specifies the form is read by these tests: what it shows is what the code does.
struct SpecificationTests {
    static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../Sources/Canonical/Canonical.docc/Canonical.md")

    static func example() throws -> [UInt8] {
        let text = try String(contentsOf: page, encoding: .utf8)
        let block = try #require(text.components(separatedBy: "```json\n").dropFirst().first)
        return Array(try #require(block.components(separatedBy: "\n```").first).utf8)
    }

    @Test func exampleIsWhatTheEncoderWrites() throws {
        let value = JSON.object([
            "at": .instant(Instant(milliseconds: 1_795_453_208_918)), "bytes": .base64([0, 1, 2, 255]),
            "digest": .digest(
                try Digest(hex: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")),
            "empty": .object([:]), "format": .string("sceau/example/1"),
            "list": .array([.integer(0), .integer(-1), .integer(JSON.largestInteger)]),
            "text": .string("Réhabilitation d'une école \"Jean-Macé\"\n\u{0}\u{1f}/\t🏫"), "yes": .bool(true),
        ])
        #expect(try value.encoded() == Self.example())
        #expect(try JSON(canonical: Self.example()) == value)
    }

    /// Each byte of the example matters: with any one of them removed it is no longer this value.
    @Test func noByteOfTheExampleIsIdle() throws {
        let bytes = try Self.example()
        let value = try JSON(canonical: bytes)
        for index in bytes.indices {
            var shorter = bytes
            shorter.remove(at: index)
            #expect((try? JSON(canonical: shorter)) != value, "without byte \(index)")
        }
    }
}
