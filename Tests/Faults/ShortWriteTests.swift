import Foundation
import Procurement
import Rehearsal
import Testing

/// write(2) may take less than it was given. A library put before the C library's makes each write to a file of the vault, and
/// SQLite's pwrite, take a part only: strace can forge the count, not the short write behind it.
@Suite(.serialized) struct ShortWriteTests {
    private static let library = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <sys/stat.h>
        #include <unistd.h>

        static size_t part(int file, size_t count) {
            struct stat status;
            if (count < 2 || fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return count;
            return count > 70000 ? 65537 : count - count / 3;
        }
        ssize_t write(int file, const void *bytes, size_t count) {
            static ssize_t (*real)(int, const void *, size_t);
            if (!real) real = dlsym(RTLD_NEXT, "write");
            return real(file, bytes, part(file, count));
        }
        ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
            static ssize_t (*real)(int, const void *, size_t, off64_t);
            if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
            return real(file, bytes, part(file, count), at);
        }
        ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) { return pwrite64(file, bytes, count, at); }

        """

    @Test func everyByteIsWrittenNevertheless() throws {
        let vault = try WatchedVault()
        let source = try vault.instance.folder.write("short.c", Self.library)
        let library = vault.instance.folder.path("short.so")
        // Swift's toolchain links with it, so that it is where the tests were built.
        try Shell.check("clang", ["-shared", "-fPIC", "-o", library, source, "-ldl"])
        #expect(try vault.instance.stop() == 0)
        try vault.instance.start(environment: ["LD_PRELOAD": library])
        // The library is in the daemon, or nothing is tested.
        let daemon = try #require(vault.instance.pid)
        #expect(try Shell.run("grep", ["-q", "short.so", "/proc/\(daemon)/maps"]).status == 0)
        for size in [0, 1, 2, 300_000, 3_000_000] {
            #expect(try vault.deposit(Data.noise(size)).status == 201, "\(vault.instance.log)")
        }
        // Drafts: ciphertext, journal and seal; within a segment and over its end; and what the next process reads of it.
        let draft = try FaultyDraft(vault)
        let content = Data.noise((17 << 20) + 5)
        let address = try draft.create(content.count)
        for (start, end) in [(0, 1), (1, 300_000), (300_000, content.count)] {
            if end == content.count {
                vault.instance.kill()
                try vault.instance.start(environment: ["LD_PRELOAD": library])
            }
            #expect(try draft.patch(address, at: start, content[start..<end]).status == 204, "\(vault.instance.log)")
            #expect(try draft.offset(address) == end)
        }
        let answer = try draft.submit()
        #expect(answer.status == 201, "\(answer)\n\(vault.instance.log)")
        let listed = answer.json["documents"] as? [[String: Any]] ?? []
        #expect(listed.first?["sha256"] as? String == FaultyDraft.digest(content))
        try vault.remember(answer, content, named: "")
        try vault.checkPromise()
        try vault.restart()
        try vault.depositWorks()
    }

    /// A file may grow no further, in the middle of a segment: the write that reaches the bound is short, and at the next the
    /// kernel ends the process (RLIMIT_FSIZE, SIGXFSZ). What was acknowledged is there, and nothing of the rest counts.
    @Test(arguments: [3 << 20, (16 << 20) + 70_001]) func aDeathInTheMiddleOfASegment(_ bound: Int) throws {
        let vault = try WatchedVault()
        let draft = try FaultyDraft(vault)
        let content = Data.noise(20 << 20)
        let address = try draft.create(content.count)
        #expect(try draft.patch(address, at: 0, content.prefix(1_000_001)).status == 204)
        let daemon = try #require(vault.instance.pid)
        try Shell.check("prlimit", ["--pid", "\(daemon)", "--fsize=\(bound)"])
        let answer = try draft.patch(address, at: 1_000_001, content[1_000_001...])
        #expect(answer.status == 0 || answer.status == 500, "\(answer)")
        if answer.status == 0 { #expect(vault.instance.wait(seconds: 30) == 128 + 25) }
        vault.instance.kill()
        try vault.instance.start()
        // Whole segments that were there before it may count; the one that was cut does not.
        let offset = try #require(try draft.offset(address))
        #expect([1_000_001, 1_000_001 + (16 << 20)].contains(offset) && offset <= bound, "\(offset)")
        #expect(try draft.patch(address, at: offset, content[offset...]).status == 204)
        let receipt = try draft.submit()
        #expect(receipt.status == 201, "\(receipt)")
        let listed = receipt.json["documents"] as? [[String: Any]] ?? []
        #expect(listed.first?["sha256"] as? String == FaultyDraft.digest(content))
        try vault.remember(receipt, content, named: "")
        try vault.restart()
    }
}
