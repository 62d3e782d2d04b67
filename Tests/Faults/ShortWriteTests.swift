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
        try vault.checkPromise()
        try vault.restart()
        try vault.depositWorks()
    }
}
