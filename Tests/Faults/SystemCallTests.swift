import Foundation
import Glibc
import Procurement
import Rehearsal
import Testing

/// One system call fails, at one place of the way of a bid, and everything after it must be as the design says.
///
/// The way: a writer creates the document, writes it, syncs it, creates, writes and syncs the seal. The scribe syncs the folder,
/// creates, writes and syncs the mark's next version, COMMITs (writes the register's log and syncs it), renames the mark, syncs
/// its folder. Up to the COMMIT a failure is a refusal. From there on it is *unknown*: nobody is answered, the daemon ends.
@Suite(.serialized, ClosingTheVault()) final class SystemCallTests {
    enum Outcome: Equatable {
        /// The bid is refused with this status, and nothing of it is kept.
        case refused(Int)
        /// The call was tried again.
        case accepted
        /// No answer; the daemon ends with this status. Afterwards the bid is in the register (`true`) or moved aside.
        case ended(Int32, isCommitted: Bool)
    }

    struct Fault: CustomTestStringConvertible {
        let what: String
        let threads: String
        let inject: String
        let outcome: Outcome
        var testDescription: String { "\(what): \(inject)" }

        init(_ what: String, _ threads: String, _ inject: String, _ outcome: Outcome) {
            self.what = what
            self.threads = threads
            self.inject = inject
            self.outcome = outcome
        }
    }

    static let beforeTheCommit: [Fault] = [
        Fault("document created", "writer", "openat:error=EIO:when=1", .refused(500)),
        Fault("document created, no inode", "writer", "openat:error=ENOSPC:when=1", .refused(507)),
        Fault("document written", "writer", "write:error=EIO:when=1", .refused(500)),
        Fault("document written", "writer", "write:error=ENOSPC:when=1", .refused(507)),
        Fault("document written, later", "writer", "write:error=ENOSPC:when=2", .refused(507)),
        Fault("document synced", "writer", "fsync:error=EIO:when=1", .refused(500)),
        Fault("document synced", "writer", "fsync:error=ENOSPC:when=1", .refused(507)),
        Fault("document synced: never twice", "writer", "fsync:error=EINTR:when=1", .refused(500)),
        Fault("seal created", "writer", "openat:error=EIO:when=2", .refused(500)),
        Fault("seal synced", "writer", "fsync:error=EIO:when=2", .refused(500)),
        Fault("seal synced", "writer", "fsync:error=ENOSPC:when=2", .refused(507)),
        Fault("folder synced", "scribe", "fsync:error=EIO:when=1", .refused(500)),
        Fault("folder synced", "scribe", "fsync:error=ENOSPC:when=1", .refused(507)),
        Fault("mark created", "scribe", "openat:error=EIO:when=1", .refused(500)),
        Fault("mark written", "scribe", "write:error=ENOSPC:when=1", .refused(507)),
        Fault("mark synced", "scribe", "fsync:error=EIO:when=2", .refused(500)),
        Fault("register's log written", "scribe", "pwrite64:error=ENOSPC:when=1", .refused(507)),
        Fault("register's log written, later", "scribe", "pwrite64:error=ENOSPC:when=4", .refused(507)),
    ]

    static let fromTheCommitOn: [Fault] = [
        Fault("register's log written", "scribe", "pwrite64:error=EIO:when=1", .ended(70, isCommitted: false)),
        Fault("register's log synced", "scribe", "fdatasync:error=EIO:when=1", .ended(70, isCommitted: true)),
        Fault("register's log synced", "scribe", "fdatasync:error=ENOSPC:when=1", .ended(70, isCommitted: true)),
        Fault("mark renamed", "scribe", "?renameat,?renameat2:error=EIO:when=1", .ended(70, isCommitted: true)),
        Fault("mark's folder synced", "scribe", "fsync:error=EIO:when=3", .ended(70, isCommitted: true)),
        // Killed, not failed: what the kernel was given is on its way to the disk.
        Fault("killed before the COMMIT", "scribe", "fsync:signal=KILL:when=1", .ended(137, isCommitted: false)),
        Fault("killed in the COMMIT", "scribe", "pwrite64:signal=KILL:when=2", .ended(137, isCommitted: false)),
        Fault("killed behind the COMMIT", "scribe", "fdatasync:signal=KILL:when=1", .ended(137, isCommitted: true)),
        Fault("killed before the mark", "scribe", "?renameat,?renameat2:signal=KILL:when=1", .ended(137, isCommitted: true)),
    ]

    static let interruptions: [Fault] = [
        Fault("document created", "writer", "openat:error=EINTR:when=1..2", .accepted),
        Fault("document written", "writer", "write:error=EINTR:when=1..5", .accepted),
    ]

    /// One writer, so that its calls are counted in the order of the way.
    nonisolated(unsafe) fileprivate static var made: WatchedVault?
    private let vault: WatchedVault

    init() throws {
        if Self.made?.instance.isRunning != true { Self.made = nil }
        let vault = try Self.made ?? WatchedVault(settings: "writers: 1,")
        if Self.made == nil { try vault.depositWorks() }
        Self.made = vault
        self.vault = vault
    }

    @Test(arguments: beforeTheCommit) func isRefusedBeforeTheCommit(_ fault: Fault) throws { try play(fault) }
    @Test(arguments: fromTheCommitOn) func isUnknownFromTheCommitOn(_ fault: Fault) throws { try play(fault) }
    @Test(arguments: interruptions) func isTriedAgainWhenInterrupted(_ fault: Fault) throws { try play(fault) }

    /// A start that finds a stray file and no room to say so leaves it, and serves; the next one moves it.
    @Test func aStartWithoutRoomLeavesWhatItFinds() throws {
        #expect(try vault.instance.stop() == 0)
        let folder = "\(vault.instance.data)/envelopes/\(vault.consultation.id)"
        let name = "00000000000000000000000000000001.1"
        try Data("laissé là".utf8).write(to: URL(filePath: "\(folder)/\(name)"))
        try vault.instance.start(
            wrapper: ["strace", "-f", "-o", "/dev/null", "-P", "\(vault.instance.data)/register/register.sqlite-wal", "-e",
                "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC:when=1+"])
        #expect(vault.instance.log.contains("no room"), "\(vault.instance.log)")
        #expect(vault.instance.envelopeFiles().contains { $0.hasSuffix(name) })
        #expect(!vault.lostAndFound().contains { $0.hasSuffix(name) })
        #expect(try vault.bidder.curl.get(vault.consultation.path).status == 200)
        #expect(try vault.deposit(Data("x".utf8)).status == 507)
        // The daemon is strace's child, and strace ends as its child does.
        let strace = try #require(vault.instance.pid)
        let children = try String(contentsOfFile: "/proc/\(strace)/task/\(strace)/children", encoding: .utf8)
        kill(try #require(children.split(separator: " ").first.flatMap { Int32($0) }), SIGTERM)
        #expect(vault.instance.wait(seconds: 60) == 0, "\(vault.instance.log)")
        try vault.restart()
        #expect(vault.lostAndFound().contains { $0.hasSuffix(name) })
        try vault.depositWorks()
    }

    /// What the register writes by itself, a count of refusals once a minute, may meet the fault in the bid's place: then the bid is taken, and
    /// another one is tried.
    private func play(_ fault: Fault) throws {
        for attempt in 1...3 {
            if try played(fault, isLast: attempt == 3) { return }
        }
    }

    private func played(_ fault: Fault, isLast: Bool) throws -> Bool {
        let before = try LoggedEvents(of: vault.instance)
        let aside = vault.lostAndFound()
        let bytes = Data.noise(300_000)
        let strace = try Strace(vault.instance, threads: fault.threads, inject: [fault.inject])
        let answer = try vault.deposit(bytes)
        if case .refused = fault.outcome, answer.status == 201, !isLast {
            _ = try strace.end()
            try vault.restart()
            return false
        }
        switch fault.outcome {
        case .refused(let status):
            #expect(answer.status == status, "\(answer)")
            #expect(answer.fields["content-type"]?.hasPrefix("application/problem+json") ?? false)
            try vault.nothingHalfIsKept()
            try vault.eventually("the attempt is in the log") {
                try LoggedEvents(of: vault.instance).facts(AttemptFailed.self).count
                    == before.facts(AttemptFailed.self).count + 1
            }
            #expect(vault.instance.isRunning)
            #expect(try vault.bidder.curl.get(vault.consultation.path).status == 200, "reads are served")
        case .accepted:
            #expect(answer.status == 201, "\(answer)")
        case .ended(let status, _):
            // A `100 Continue` is no answer.
            #expect(answer.status < 200, "nobody may be told anything: \(answer)")
            #expect(vault.instance.wait(seconds: 30) == status, "\(vault.instance.log)")
        }
        #expect(try strace.end().contains(fault.inject.contains("signal") ? "killed by SIGKILL" : "(INJECTED)"))

        try vault.restart()
        let after = try LoggedEvents(of: vault.instance)
        let more = after.bids.count - before.bids.count
        switch fault.outcome {
        case .refused: #expect(more == 0)
        case .accepted: #expect(more == 1)
        case .ended(_, isCommitted: true):
            #expect(more == 1, "what was committed is kept, though nobody was told")
        case .ended(_, isCommitted: false):
            #expect(more == 0)
            try wholeAndAside(Set(vault.lostAndFound()).subtracting(aside), bytes, after)
        }
        try vault.depositWorks()
        return true
    }

    /// A bid that was received whole and not committed is moved, not deleted: it may still be admitted by a recorded decision.
    private func wholeAndAside(_ names: Set<String>, _ bytes: Data, _ log: LoggedEvents) throws {
        #expect(names.count == 2, "\(names)")
        let document = try #require(names.first { $0.hasSuffix(".1") })
        let seal = try #require(names.first { $0.hasSuffix(".seal") })
        #expect(document.dropLast(2) == seal.dropLast(5))
        for name in names {
            let content = try Data(contentsOf: URL(filePath: "\(vault.instance.data)/lost+found/\(name)"))
            if name == document { #expect(content.count == bytes.count && content != bytes, "whole, and sealed") }
            let fact = try #require(log.facts(SetAside.self).last { $0.file.replacing("/", with: ".") == name })
            #expect(fact.length == content.count)
            #expect(vault.instance.log.contains("moved aside, no event names it: \(fact.file)"), "\(vault.instance.log)")
        }
        let listed = try Shell.check("python3", ["-m", "zipfile", "-l", "\(vault.instance.data)/lost+found/\(seal)"]).text
        for entry in ["seal.json", "1.p7m", "1.segments", "received.json"] { #expect(listed.contains(entry), "\(listed)") }
    }
}

/// Ends the one daemon that all of these share.
struct ClosingTheVault: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        defer { SystemCallTests.made = nil }
        try await function()
    }
}
