import Canonical
import Foundation
import OpenSSL
import Sealing
import Synchronization
import Testing

@testable import sceau

/// A daemon that shows one key set, or several, truly or not, to a bidder's tool and to a member's.
private final class Platform: Sendable {
    static let id = try! Identifier("00112233445566778899aabbccddeeff")
    static let deadline = try! Instant(parsing: "2026-11-23T17:00:00.000Z")
    static let now = deadline.advanced(bySeconds: -3600)

    let sets: [Committee]
    private let shown: Mutex<(current: Int, earlier: [Int], proposed: Int?)>
    private let played: Mutex<PlayedDaemon?>

    init() throws {
        let key = try PrivateKey.generateP256()
        let lock = try Certificate.selfSigned(key, commonName: "time lock", usage: .sealing, notBefore: 0, notAfter: 4_000_000_000)
        let member = try Certificate.selfSigned(key, commonName: "Claire", usage: .member, notBefore: 0, notAfter: 4_000_000_000)
        let made = try (0..<3).map { _ in
            try Ceremony.make(
                consultation: Self.id, notBefore: Self.deadline, parts: ["offer"], members: [CommitteeMember(name: "Claire", certificate: member)],
                k: 1, timeLock: lock, recovery: nil, now: Self.now)
        }
        sets = try made.map { try Committee($0.keySet, $0.capsules) }
        shown = Mutex((0, [], nil))
        played = Mutex(nil)
        let daemon = try PlayedDaemon { [self] path, _ in (200, path.contains("/keys") ? keys(path) : consultation) }
        played.withLock { $0 = daemon }
    }

    func end() { played.withLock { $0?.end() } }

    func show(_ current: Int, earlier: [Int] = [], proposed: Int? = nil) { shown.withLock { $0 = (current, earlier, proposed) } }

    private var consultation: String {
        let (current, earlier, _) = shown.withLock { $0 }
        let listed = earlier.isEmpty ? "" : ",\"earlierKeys\":[\(earlier.map { "\"\(sets[$0].fingerprint.hex)\"" }.joined(separator: ","))]"
        return """
            {"id":"\(Self.id.text)","reference":"r","title":"t","phase":"published","training":false,"parts":["offer"],
             "deadline":"\(Self.deadline)","deadlineVersion":1,"buyer":"b","timeZone":"Europe/Paris",
             "keySet":"\(Base64.encode(sets[current].keySet.canonicalBytes))"\(listed)}
            """
    }

    /// As of the set that is asked for, or, of one that is none of those listed, of the current one.
    private func keys(_ path: String) -> String {
        let (current, earlier, proposed) = shown.withLock { $0 }
        let asked = sets.firstIndex { path.hasSuffix("set=" + $0.fingerprint.hex) } ?? current
        let states = earlier.map { ($0, "earlier") } + [(current, "current")] + (proposed.map { [($0, "proposed")] } ?? [])
        let listed = states.map { "{\"original\":\"\(sets[$0.0].fingerprint.hex)\",\"state\":\"\($0.1)\"}" }.joined(separator: ",")
        let set = sets[asked]
        let capsules = set.capsules.map { "\"\(Base64.encode($0.canonicalBytes))\"" }.joined(separator: ",")
        return """
            {"keySet":"\(Base64.encode(set.keySet.canonicalBytes))","capsules":[\(capsules)],"original":"\(set.fingerprint.hex)","acceptances":[]\
            \(states.count > 1 ? ",\"sets\":[\(listed)]" : "")}
            """
    }

    /// What a bidder's tool says against depositing; nil where it does.
    func deposit(key: Int? = nil) throws -> String? {
        let words = ["bid", "deposit", Self.id.text, "file"] + (key.map { ["--key", sets[$0].fingerprint.hex] } ?? [])
        return try complaint(of: words) { (invocation, daemon) throws(CommandError) in
            _ = try DepositKeys.check(invocation, daemon, Self.id)
        }
    }

    /// Which set a member's tool takes, or what it says.
    func member(_ given: Int? = nil, named: Int? = nil) throws -> (set: Int?, complaint: String) {
        var found: Digest?
        let words = ["share", "accept", Self.id.text, "--key", "none"]
        let said = try complaint(of: words) { (invocation, daemon) throws(CommandError) in
            found = try Dossier.fetch(
                invocation, daemon, Self.id, given: given.map { sets[$0].fingerprint }, named: named.map { sets[$0].fingerprint }
            ).fingerprint
        }
        return (sets.firstIndex { $0.fingerprint == found }, said ?? "")
    }

    private func complaint(
        of words: [String], _ body: (Invocation, Daemon) throws(CommandError) -> Void
    ) throws -> String? {
        let played = try #require(played.withLock { $0 })
        let invocation = try played.invocation(words, now: Self.now)
        let daemon = try Daemon(invocation)
        do {
            try body(invocation, daemon)
            return nil
        } catch { return error.message }
    }
}

@Suite("Keys that a platform says were added", .serialized) struct AddedKeysTests {
    @Test func aBidderTakesThemOnThePersonsWordAndDoesNotGoBack() throws {
        let platform = try Platform()
        defer { platform.end() }
        #expect(try platform.deposit(key: 0) == nil && platform.deposit() == nil)
        // Without saying that it is another set: the old refusal.
        platform.show(1)
        #expect(try platform.deposit()?.contains("HAVE CHANGED") == true)
        #expect(try platform.deposit(key: 1)?.contains("HAVE CHANGED") == true)
        platform.show(1, earlier: [0])
        #expect(try platform.deposit()?.contains("KEYS WERE ADDED") == true)
        #expect(try platform.deposit(key: 0)?.contains("not the one given") == true)
        #expect(try platform.deposit(key: 1) == nil && platform.deposit() == nil)
        // The platform goes back, however it says so.
        for earlier in [[], [1]] {
            platform.show(0, earlier: earlier)
            #expect(try platform.deposit()?.contains("OTHER KEYS THAN THOSE PINNED LAST") == true)
        }
        #expect(try platform.deposit(key: 0) == nil, "the person's own word")
        platform.show(2, earlier: [0, 1])
        #expect(try platform.deposit()?.contains("OTHER KEYS THAN THOSE PINNED LAST") == true)
        #expect(try platform.deposit(key: 2) == nil && platform.deposit() == nil)
    }

    @Test func aMemberSaysWhichSetIsMeant() throws {
        let platform = try Platform()
        defer { platform.end() }
        #expect(try platform.member(0).set == 0)
        // What waits does not stand in the way of what is in force.
        platform.show(0, proposed: 1)
        #expect(try platform.member().set == 0 && platform.member(1).set == 1)
        let other = try Platform()
        defer { other.end() }
        _ = try other.member(0)
        other.show(1, earlier: [0], proposed: 2)
        // Pinned alone, it is meant; the other only as given; what the daemon names chooses, and vouches for nothing.
        #expect(try other.member().set == 0)
        #expect(try other.member(named: 1).complaint.contains("KEYS WERE ADDED"))
        #expect(try other.member(1).set == 1 && other.member(named: 1).set == 1)
        #expect(try other.member().complaint.contains("has 2 key sets"))
        #expect(try other.member(0).set == 0 && other.member(named: 0).set == 0)
    }
}
