import Canonical
import Evidence
import Foundation
import OpenSSL
import Procurement
import Sealing
import Testing

/// The example of `Timestamps.md`: a token, its authority, and the event that names it.
struct TimestampExampleTests {
    private static let blocks: [String] = {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Sources/Reception/Reception.docc/Timestamps.md")
        let text = (try? String(contentsOf: page, encoding: .utf8)) ?? ""
        return text.components(separatedBy: "\n```").enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
    }()

    @Test func theTokenOfThePageHolds() throws {
        try #require(Self.blocks.count == 3)
        let der = Array(try #require(Data(base64Encoded: Self.blocks[0], options: .ignoreUnknownCharacters)))
        let ca = try Certificate(pem: Array((Self.blocks[1].dropFirst() + "\n").utf8))
        let event = try Event(canonical: Array(Self.blocks[2].dropFirst("json\n".count).utf8))
        let fact = try #require(event.fact as? Timestamped)
        #expect(fact.token == Digest(of: der))
        let token = try TimestampToken(der: der)
        #expect(token.policy.description == TimestampAuthority.embeddedPolicy && token.accuracy == 1_000_000)
        #expect(token.genTime == fact.instant.milliseconds)
        var report = Report()
        let instance = try Identifier("1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a")
        let own = report.checkStamp(
            der, over: fact.subject, of: "it", by: StampAuthorities(trusted: [ca], instance: instance))
        let another = report.checkStamp(
            der, over: fact.subject, of: "it", by: StampAuthorities(trusted: [ca], instance: nil))
        #expect(own?.isOutside == false && another?.isOutside == true && report.checks.allSatisfy { $0.outcome != .fails })
        // It stamps the example of another page.
        let manifest = try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../../Sources/Evidence/Evidence.docc/ASiCManifest.md"), encoding: .utf8)
        #expect(manifest.contains("\n\(fact.subject)\n"))
    }
}
