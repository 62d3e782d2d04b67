import Foundation
import Glibc
import Procurement
import Rehearsal
import Testing

/// One system call fails on the way of a draft: a document made, its bytes taken, a draft submitted. It is a refusal, never a
/// false 201 or 204; what was acknowledged before stays, what failed to be synced does not count; and it goes on, without a
/// restart and with one, to the exact bytes.
///
/// The way of a document: a thread for drafts creates, writes and syncs its journal, creates its ciphertext, syncs the folder. The way of its
/// bytes: a writer writes them, syncs them, writes the line, syncs the journal. The way of a submission: such a thread links the
/// ciphertext, creates, writes and syncs the seal; from there it is a bid's (`SystemCallTests`).
@Suite(.serialized, ClosingTheDraftVault()) final class DraftCallTests {
    struct Fault: CustomTestStringConvertible {
        let what: String
        let threads: String
        let inject: String
        let status: Int
        var testDescription: String { "\(what): \(inject)" }

        init(_ what: String, _ threads: String, _ inject: String, _ status: Int) {
            (self.what, self.threads, self.inject, self.status) = (what, threads, inject, status)
        }
    }

    static let creations: [Fault] = [
        Fault("journal created", "draft", "openat:error=ENOSPC:when=3", 507),
        Fault("journal written", "draft", "write:error=EIO:when=1", 500),
        Fault("journal written", "draft", "write:error=ENOSPC:when=1", 507),
        Fault("journal synced", "draft", "fsync:error=EIO:when=1", 500),
        Fault("ciphertext created", "draft", "openat:error=EIO:when=4", 500),
        Fault("folder synced", "draft", "fsync:error=EIO:when=2", 500),
        Fault("folder synced", "draft", "fsync:error=ENOSPC:when=2", 507),
    ]
    static let bytes: [Fault] = [
        Fault("ciphertext written", "writer", "write:error=EIO:when=1", 500),
        Fault("ciphertext written", "writer", "write:error=ENOSPC:when=2", 507),
        Fault("ciphertext synced", "writer", "fsync:error=EIO:when=1", 500),
        Fault("ciphertext synced: never twice", "writer", "fsync:error=EINTR:when=1", 500),
        Fault("ciphertext synced", "writer", "fsync:error=ENOSPC:when=1", 507),
        Fault("journal synced", "writer", "fsync:error=EIO:when=2", 500),
        Fault("journal synced", "writer", "fsync:error=ENOSPC:when=2", 507),
        Fault("interrupted", "writer", "write:error=EINTR:when=1..3", 204),
    ]
    static let submissions: [Fault] = [
        Fault("linked", "draft", "linkat:error=EIO:when=1", 500),
        Fault("linked", "draft", "linkat:error=ENOSPC:when=2", 507),
        Fault("seal written", "draft", "write:error=ENOSPC:when=1", 507),
        Fault("seal synced", "draft", "fsync:error=EIO:when=1", 500),
        Fault("folder synced", "scribe", "fsync:error=EIO:when=1", 500),
        Fault("folder synced", "scribe", "fsync:error=ENOSPC:when=1", 507),
    ]

    static let deaths: [Fault] = [
        Fault("between the links", "draft", "linkat:signal=KILL:when=2", 0),
        Fault("before the seal is synced", "draft", "fsync:signal=KILL:when=1", 0),
        Fault("in the COMMIT", "scribe", "pwrite64:signal=KILL:when=2", 0),
        Fault("behind the COMMIT", "scribe", "fdatasync:signal=KILL:when=1", 0),
        Fault("while the draft is removed", "writer", "unlinkat:signal=KILL:when=2", 201),
    ]

    nonisolated(unsafe) fileprivate static var made: WatchedVault?
    private let vault: WatchedVault
    private let draft: FaultyDraft

    init() throws {
        if Self.made?.instance.isRunning != true { Self.made = nil }
        let vault = try Self.made ?? WatchedVault(settings: "writers: 1,")
        Self.made = vault
        self.vault = vault
        draft = try FaultyDraft(vault)
    }

    @Test(arguments: creations) func aDocumentIsNotMade(_ fault: Fault) throws {
        let first = try draft.create(5)
        let answer = try injecting(fault) { try draft.creation(5) }
        #expect(answer.status == fault.status, "\(answer)\n\(vault.instance.log)")
        let second = try draft.create(5)
        for address in [first, second] { #expect(try draft.patch(address, at: 0, Data("abcde".utf8)).status == 204) }
        try finish(documents: 2)
    }

    @Test(arguments: bytes) func bytesAreNotAcknowledged(_ fault: Fault) throws {
        let content = Data.noise(300_000)
        let address = try draft.create(content.count)
        #expect(try draft.patch(address, at: 0, content.prefix(1000)).status == 204)
        let answer = try injecting(fault) { try draft.patch(address, at: 1000, content[1000..<200_000]) }
        #expect(answer.status == fault.status, "\(answer)\n\(vault.instance.log)")
        let offset = fault.status == 204 ? 200_000 : 1000
        #expect(try draft.offset(address) == offset, "what was not settled does not count")
        #expect(try draft.patch(address, at: offset, content[offset...]).status == 204)
        try finish(documents: 1, content)
    }

    /// The cut that a failure asks for fails too: nothing is said until it does not.
    @Test(arguments: ["ftruncate:error=EIO", "fsync:error=EIO"]) func aFailedCutIsMadeUpForFirst(_ inject: String) throws {
        let content = Data.noise(300_000)
        let address = try draft.create(content.count)
        #expect(try draft.patch(address, at: 0, content.prefix(1000)).status == 204)
        let answer = try injecting(Fault("journal synced", "writer", "fsync:error=EIO:when=2", 500)) {
            try draft.patch(address, at: 1000, content[1000...])
        }
        #expect(answer.status == 500)
        for _ in 1...2 {
            let head = try injecting(Fault("cut", "draft", inject, 500)) { try draft.head(address) }
            #expect(head.status == 500, "\(head)")
        }
        #expect(try draft.offset(address) == 1000)
        #expect(try draft.patch(address, at: 1000, content[1000...]).status == 204)
        try finish(documents: 1, content)
    }

    /// Failed, and then killed: the next process has only the disk's word, and what the kernel remembers is not that.
    @Test func whatFailedIsReadFromTheDiskByTheNextProcess() throws {
        let content = Data.noise(300_000)
        let address = try draft.create(content.count)
        #expect(try draft.patch(address, at: 0, content.prefix(1000)).status == 204)
        let answer = try injecting(Fault("journal synced", "writer", "fsync:error=EIO:when=2", 500)) {
            try draft.patch(address, at: 1000, content[1000...])
        }
        #expect(answer.status == 500)
        vault.instance.kill()
        try vault.instance.start()
        let strace = try Strace(vault.instance, threads: "draft", inject: ["fsync:delay_enter=1", "fadvise64:delay_enter=1", "pread64:delay_enter=1"])
        let offset = try #require(try draft.offset(address))
        let calls = try strace.end().split(separator: "\n").compactMap { $0.firstMatch(of: #/(fsync|fadvise64|pread64)\(/#).map { String($0.1) } }
        // Synced, forgotten, and then read. (The register reads too, before.)
        #expect(calls.joined(separator: " ").contains("fsync fadvise64 pread64"), "\(calls)")
        #expect([1000, 300_000].contains(offset))
        if offset == 1000 { #expect(try draft.patch(address, at: 1000, content[1000...]).status == 204) }
        try finish(documents: 1, content)
    }

    @Test(arguments: submissions) func aDraftIsNotSubmitted(_ fault: Fault) throws {
        for text in ["abc", "defg"] {
            let address = try draft.create(text.utf8.count)
            #expect(try draft.patch(address, at: 0, Data(text.utf8)).status == 204)
        }
        let before = vault.lostAndFound()
        let answer = try injecting(fault) { try draft.submit() }
        #expect(answer.status == fault.status, "\(answer)\n\(vault.instance.log)")
        try vault.nothingHalfIsKept()
        try finish(documents: 2)
        #expect(vault.lostAndFound() == before)
    }

    /// Killed while it is submitted: it is one bid, or still a draft that becomes one. Never none, never two.
    @Test(arguments: deaths) func aSubmissionDies(_ fault: Fault) throws {
        for text in ["abc", "defg"] {
            let address = try draft.create(text.utf8.count)
            #expect(try draft.patch(address, at: 0, Data(text.utf8)).status == 204)
        }
        let strace = try Strace(vault.instance, threads: fault.threads, inject: [fault.inject])
        let answer = try draft.submit()
        #expect(answer.status < 200 || answer.status == fault.status, "\(answer)")
        if answer.status == 201 { try vault.remember(answer, Data(), named: "") }
        #expect(vault.instance.wait(seconds: 30) == 137, "\(vault.instance.log)")
        #expect(try strace.end().contains("killed by SIGKILL"))
        try vault.instance.start()
        try finish(documents: 2)
        #expect(try LoggedEvents(of: vault.instance).bids.keys.count { $0 == draft.bid } == 1)
        vault.eventually("the draft is gone") {
            !FileManager.default.fileExists(atPath: "\(vault.instance.data)/drafts/\(vault.consultation.id)/\(draft.bid)")
        }
    }

    /// It becomes a bid, before a restart or after it.
    private func finish(documents: Int, _ content: Data? = nil) throws {
        if Bool.random() {
            vault.instance.kill()
            try vault.instance.start()
        }
        let answer = try draft.submit()
        #expect(answer.status == 201, "\(answer)\n\(vault.instance.log)")
        try vault.remember(answer, content ?? Data(), named: "")
        let listed = answer.json["documents"] as? [[String: Any]] ?? []
        #expect(listed.count == documents)
        if let content { #expect(listed.first?["sha256"] as? String == FaultyDraft.digest(content)) }
        try vault.restart()
    }

    private func injecting(_ fault: Fault, _ body: () throws -> Answer) throws -> Answer {
        let strace = try Strace(vault.instance, threads: fault.threads, inject: [fault.inject])
        let answer = try body()
        let said = try strace.end()
        #expect(said.contains("(INJECTED)"), "\(fault.what): nothing was injected:\n\(said)")
        return answer
    }
}

/// Ends the one daemon that all of these share.
struct ClosingTheDraftVault: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        defer { DraftCallTests.made = nil }
        try await function()
    }
}
