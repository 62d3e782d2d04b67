import Canonical
import Foundation
import Merkle
import OpenSSL
import Testing

@testable import Evidence

/// `VERIFIER.txt`, run word for word.
@Suite struct ReceiptGuideTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sceau-guide-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder.appendingPathComponent("documents"), withIntermediateDirectories: true)
    }

    private func run(_ container: ReceiptContainer, key: VerifierKey, documents: [String: String]) throws -> [String] {
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(container.encoded()).write(to: folder.appendingPathComponent("receipt.asice"))
        try Data("\(key)\n".utf8).write(to: folder.appendingPathComponent("log.vkey"))
        try Data(StockAuthority.shared.certificate.pem.utf8).write(to: folder.appendingPathComponent("tsa.pem"))
        for (name, text) in documents {
            try Data(text.utf8).write(to: folder.appendingPathComponent("documents/\(name)"))
        }
        let guide = String(decoding: container.guide, as: UTF8.self)
        let commands = guide.split(separator: "\n").filter { $0.hasPrefix("    ") }.joined(separator: "\n")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", commands]
        process.currentDirectoryURL = folder
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: said, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static let names = ["bordereau des prix.pdf", "mémoire technique.pdf"]
    private static let texts = Dictionary(uniqueKeysWithValues: names.map { ($0, "the text of \($0)") })
    private static let good = [
        "OK ../documents/bordereau des prix.pdf", "OK ../documents/mémoire technique.pdf", "OK manifest-offer.json", "OK seal.json",
        "OK leaf.json stamped", "OK seal.json stamped", "OK manifest-offer.json stamped", "OK timestamp", "Time stamp:",
        "OK leaf.json in the log", "OK instance", "OK checkpoint",
    ]

    private func heads(_ lines: [String]) -> [String] { lines.map { $0.hasPrefix("Time stamp:") ? "Time stamp:" : $0 } }

    @Test func eachStepOfAGoodOneSaysOK() throws {
        let lines = try run(Deposited().stamped(), key: LogKey.shared.verifier(), documents: Self.texts)
        #expect(heads(lines) == Self.good)
    }

    @Test func aStepThatDoesNotHoldDoesNotSayOK() throws {
        let one = try Deposited()
        // Another document, another key, a proof of another leaf.
        var change = Deposited.Change()
        change.bid = identifier(0xb2)
        let container = try one.stamped()
        let mixed = try ReceiptContainer(
            leaf: one.leaf, seal: one.seal, lists: one.lists, proof: Deposited(change).proof, token: container.token)
        let lines = try run(mixed, key: LogKey().verifier(), documents: ["x.pdf": "x"])
        #expect(
            heads(lines) == [
                "OK manifest-offer.json", "OK seal.json", "OK leaf.json stamped", "OK seal.json stamped",
                "OK manifest-offer.json stamped", "OK timestamp", "Time stamp:", "OK instance",
            ])
    }
}
