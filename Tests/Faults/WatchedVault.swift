import Foundation
import Procurement
import Rehearsal
import Testing

/// A vault whose every acknowledgement is remembered, with the bytes that it stands for, so that after any fault all of it can
/// be asked for again: *nothing acknowledged is lost, nothing half is listed*.
final class WatchedVault {
    /// What a client holds once it has seen a 201.
    struct Receipt {
        let bid: String
        let leaf: String
        let verdict: String
        let name: String
        let bytes: Data
    }

    let cast: Cast
    let consultation: Rehearsal.Consultation
    private(set) var receipts: [Receipt] = []

    var instance: Rehearsal.Instance { cast.instance }
    var bidder: Rehearsal.Person { cast.bidders[0] }

    /// A daemon that runs, with a consultation that receives.
    ///
    /// - Parameter settings: keys of the configuration, before the others.
    init(members: Int = 2, deadlineIn seconds: Double = 3600, settings: String = "") throws {
        let instance = try Rehearsal.Instance()
        if !settings.isEmpty { try Self.configure(instance, settings) }
        try instance.start()
        cast = try Cast(at: instance, members: members)
        consultation = try cast.published(deadlineIn: seconds, quorum: 1)
    }

    /// Puts `settings` at the front of a configuration.
    static func configure(_ instance: Rehearsal.Instance, _ settings: String) throws {
        let text = try String(contentsOfFile: instance.config, encoding: .utf8)
        guard let brace = text.firstIndex(of: "{") else { return }
        let changed = text[...brace] + "\n    \(settings)" + text[text.index(after: brace)...]
        try String(changed).write(toFile: instance.config, atomically: false, encoding: .utf8)
    }

    // MARK: Deposits

    /// Deposits and remembers. The answer may be anything: a fault may be under way.
    @discardableResult
    func deposit(_ bytes: Data, named name: String = "offre.zip") throws -> Answer {
        let answer = try bidder.curl.deposit(bytes, named: name, in: consultation.id)
        try remember(answer, bytes, named: name)
        return answer
    }

    func remember(_ answer: Answer, _ bytes: Data, named name: String) throws {
        guard answer.status == 201 else { return }
        let location = answer.fields["location"]?.split(separator: "/").last.map(String.init)
        try remember(json: answer.json, location: location, bytes, named: name)
    }

    /// A 201 whose end was cut is an acknowledgement too: its `Location` names the bid.
    func remember(json: [String: Any], location: String? = nil, _ bytes: Data, named name: String) throws {
        let bid = try #require(json["bid"] as? String ?? location, "a 201 that names no bid")
        receipts.append(
            Receipt(
                bid: bid, leaf: json["event"] as? String ?? "", verdict: json["verdict"] as? String ?? "", name: name,
                bytes: bytes))
    }

    /// The daemon is well again.
    func depositWorks(_ bytes: Data = Data("après la panne".utf8)) throws {
        let answer = try deposit(bytes)
        #expect(answer.status == 201, "\(answer)\n\(instance.log)")
    }

    // MARK: The promise

    /// Stops if need be, starts without any fault, and asks for all that was promised.
    func restart() throws {
        if instance.isRunning { #expect(try instance.stop() == 0, "\(instance.log)") }
        try instance.start()
        try checkPromise()
    }

    /// Every receipt is in the register, at its leaf; every envelope there verifies; every file has an event, or was moved with
    /// one. No upload is under way.
    func checkPromise() throws {
        let log = try LoggedEvents(of: instance)
        let bids = log.bids
        for receipt in receipts {
            let entry = bids[receipt.bid]
            #expect(entry != nil, "acknowledged and lost: \(receipt.bid)")
            if !receipt.leaf.isEmpty { #expect(entry?.leaf == receipt.leaf) }
        }
        #expect(Set(instance.envelopeFiles()) == log.namedFiles, "a file without an event, or an event without its file")
        for name in lostAndFound() {
            // A submission that died twice leaves the same names twice, the second time with a number behind.
            let first = name.replacing(#/\.\d+$/#, with: "")
            #expect(log.setAside.contains(name) || log.setAside.contains(first), "moved without a word: \(name)")
        }
        let check = try Shell.run(Checkout.binary("sceaud"), ["check", "--config", instance.config])
        #expect(check.status == 0, "\(check)")
    }

    /// The names in `lost+found`.
    func lostAndFound() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: instance.data + "/lost+found")) ?? []).sorted()
    }

    /// Waits until `condition` holds: what a daemon does after its answer has no moment that a client could know.
    func eventually(_ what: String, seconds: Double = 30, _ condition: () throws -> Bool) rethrows {
        let until = Date(timeIntervalSinceNow: seconds)
        while try !condition() {
            guard Date() < until else {
                Issue.record("\(what): not within \(Int(seconds)) s\n\(instance.log)")
                return
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
    }

    /// Nothing lies below `envelopes/` that has no event.
    func nothingHalfIsKept() throws {
        try eventually("what was refused is gone from the disk") {
            Set(instance.envelopeFiles()) == (try LoggedEvents(of: instance)).namedFiles
        }
    }
}

extension Data {
    /// As many bytes, which differ from one call to another and do not compress.
    static func noise(_ count: Int, using random: inout some RandomNumberGenerator) -> Data {
        var state = UInt64.random(in: 1 ... .max, using: &random)
        var bytes = [UInt64](repeating: 0, count: (count + 7) / 8)
        for index in bytes.indices {
            // xorshift64*: 20 MiB of the system's generator would take a second of a debug build.
            state ^= state >> 12
            state ^= state << 25
            state ^= state >> 27
            bytes[index] = state &* 0x2545_F491_4F6C_DD1D
        }
        return bytes.withUnsafeBytes { Data($0.prefix(count)) }
    }

    static func noise(_ count: Int) -> Data {
        var random = SystemRandomNumberGenerator()
        return noise(count, using: &random)
    }
}
