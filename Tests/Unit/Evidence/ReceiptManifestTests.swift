import Canonical
import Foundation
import Sealing
import Testing

@testable import Evidence

@Suite struct ReceiptManifestTests {
    @Test func theExampleFollowsFromLeafAndSeal() throws {
        let json = try Pages.blocks("ASiCManifest", "json")
        let manifest = try ReceiptManifest(leaf: Array(json[0].utf8), seal: Array(json[1].utf8))
        #expect(String(decoding: manifest.bytes, as: UTF8.self) == (try Pages.blocks("ASiCManifest", "xml")[0]) + "\n")
        #expect(try Pages.blocks("ASiCManifest", "")[0] == manifest.digest.hex)
    }

    @Test func aLeafOfAnotherSealHasNone() throws {
        let json = try Pages.blocks("ASiCManifest", "json")
        let other = json[1].replacing("\"length\":3000", with: "\"length\":3001")
        #expect(throws: EvidenceError("the leaf is of another seal")) {
            try ReceiptManifest(leaf: Array(json[0].utf8), seal: Array(other.utf8))
        }
    }

    @Test func nothingButABidHasOne() throws {
        let json = try Pages.blocks("ASiCManifest", "json")
        #expect(throws: EvidenceError.self) { try ReceiptManifest(leaf: Array(json[1].utf8), seal: Array(json[1].utf8)) }
        let event = #"{"at":"2026-11-23T17:00:08.918Z","format":"sceau/event/1","instance":"1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a","log":"real","nonce":"AAECAwQFBgcICQoLDA0ODw==","type":"log-opened"}"#
        #expect(throws: EvidenceError("the leaf is no bid-received event")) {
            try ReceiptManifest(leaf: Array(event.utf8), seal: Array(json[1].utf8))
        }
    }

    /// Another reader of XML finds the same digests: a manifest that only we can read would be evidence for nobody.
    @Test func itIsXMLForOthers() throws {
        let json = try Pages.blocks("ASiCManifest", "json")
        let manifest = try ReceiptManifest(leaf: Array(json[0].utf8), seal: Array(json[1].utf8))
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("asic-\(UUID().uuidString).xml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(manifest.bytes).write(to: file)
        let script = """
            import sys, base64, xml.etree.ElementTree as tree
            a, d = '{http://uri.etsi.org/02918/v1.2.1#}', '{http://www.w3.org/2000/09/xmldsig#}'
            root = tree.parse(sys.argv[1]).getroot()
            assert root.tag == a + 'ASiCManifest' and root[0].get('URI') == 'META-INF/timestamp001.tst'
            for r in root.findall(a + 'DataObjectReference'):
                print(r.get('URI'), base64.b64decode(r.find(d + 'DigestValue').text).hex())
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let seal = try Seal(canonical: Array(json[1].utf8))
        #expect(
            String(decoding: said, as: UTF8.self) == """
                leaf.json \(Digest(of: Array(json[0].utf8)).hex)
                seal.json \(seal.digest.hex)
                manifest-offer.json \(seal.parts[0].contents.hex)

                """)
    }
}
