import Foundation
import Rehearsal
import Testing

/// As many documents as a bid may have, in folders, by `sceau`; killed once on the way; submitted, receipted, opened. Minutes, so
/// it runs where it is asked for: SCEAU_MANY_DOCUMENTS=10000 Deploy/test --filter ManyDocumentsTests.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["SCEAU_MANY_DOCUMENTS"] != nil))
struct ManyDocumentsTests {
    @Test func allOfThemArriveAndOpen() throws {
        let count = Int(ProcessInfo.processInfo.environment["SCEAU_MANY_DOCUMENTS"] ?? "") ?? 1000
        let cast = try Cast.ready()
        let consultation = try cast.published(deadlineIn: 120)
        let deadline = HeldDeadline(of: consultation)
        let bidder = cast.bidders[0]
        let folder = try TemporaryFolder()
        func name(_ number: Int) -> String { "Dossier \(number / 100)/pièce \(number).txt" }
        for number in 0..<count {
            if number % 100 == 0 {
                try FileManager.default.createDirectory(atPath: folder.path("Dossier \(number / 100)"), withIntermediateDirectories: true)
            }
            try folder.write(name(number), String(repeating: "\(number) ", count: number % 50))
        }
        var began = Date()
        func say(_ what: String) {
            print("documents: \(count) \(what): \(Int(Date().timeIntervalSince(began))) s")
            began = Date()
        }

        let words = ["bid", "deposit", consultation.id, folder.path("")]
        let first = try bidder.startSceau(words, label: "first")
        let drafts = "\(cast.instance.data)/drafts/\(consultation.id)"
        func made() -> Int { (FileManager.default.enumerator(atPath: drafts)?.allObjects.count ?? 0) / 2 }
        let until = Date(timeIntervalSinceNow: 3600)
        while made() < count / 3, first.isRunning, Date() < until { Thread.sleep(forTimeInterval: 0.1) }
        first.signal(SIGKILL)
        _ = first.wait(seconds: 10)
        let sent = try bidder.sceau(words, timeout: 3600)
        #expect(sent.status == 0, "\(sent)")
        say("sent, killed after a third, submitted")
        let receipt = try JSONSerialization.jsonObject(with: sent.out) as? [String: Any] ?? [:]
        let bid = receipt["bid"] as? String ?? ""
        #expect((receipt["documents"] as? [Any])?.count == count && receipt["verdict"] as? String == "on-time")

        try deadline.letGo()
        began = Date()
        let (opening, out) = try consultation.open(by: cast.members[0], approvedBy: [cast.members[1]], timeout: 3600)
        #expect(opening.status == 0, "\(opening)")
        say("opened")
        let place = out.appending(path: bid).appending(path: "offer")
        let opened = try FileManager.default.subpathsOfDirectory(atPath: place.path(percentEncoded: false)).filter { $0.hasSuffix(".txt") }
        #expect(opened.count == count)
        let top = folder.url.lastPathComponent
        for number in 0..<count {
            let text = String(repeating: "\(number) ", count: number % 50)
            let path = place.appending(path: top).appending(path: name(number))
            guard (try? String(contentsOf: path, encoding: .utf8)) != text else { continue }
            Issue.record("\(name(number)) is not what was sent")
            break
        }
        began = Date()
        #expect(try cast.instance.stop() == 0)
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", cast.instance.config], timeout: 3600)
        #expect(check.status == 0, "\(check)")
        say("checked")
    }
}
