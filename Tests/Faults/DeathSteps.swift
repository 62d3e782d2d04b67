import Foundation
import Glibc
import Rehearsal

/// Deaths at each step of a program. A library put before the C library's counts the calls that change something outside the process (a file made,
/// written, synced, renamed, removed; bytes sent to a socket), of all threads together, and kills the process before the one that is asked for. So
/// a loop over 1, 2, 3 … until nothing is killed any more has met every state that a kill can leave.
///
/// Writes to one file that follow each other are one step (`SCEAU_EVERY_WRITE=1` in the environment counts each): what a kill leaves between
/// them is the matter of SQLite's frames and of files that have another name until they are whole.
///
/// strace's counts are of one thread and one call, so that it would not meet all of them.
struct DeathSteps {
    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <fcntl.h>
        #include <signal.h>
        #include <stdarg.h>
        #include <stdatomic.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/uio.h>
        #include <unistd.h>

        #define REAL(result, name, ...) static result (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, #name)

        static atomic_long aim, done;
        static atomic_int last;

        /* Read once it is there: a daemon is aimed at while it runs. */
        static long aimed(const char *file) {
            long known = atomic_load(&aim);
            if (known) return known;
            int opened = syscall(SYS_openat, AT_FDCWD, file, O_RDONLY);
            if (opened < 0) return 0;
            char text[32] = {0};
            syscall(SYS_read, opened, text, 31);
            syscall(SYS_close, opened);
            long number = atol(text);
            if (number > 0) atomic_store(&aim, number);
            return number;
        }

        static void step(const char *call, int descriptor, const char *name, int repeats) {
            const char *file = getenv("SCEAU_DEATH");
            if (!file) return;
            long number = aimed(file);
            if (number <= 0) return;
            int this = repeats && !getenv("SCEAU_EVERY_WRITE") ? descriptor + 1 : 0;
            if (atomic_exchange(&last, this) == this && this) return;
            if (atomic_fetch_add(&done, 1) + 1 != number) return;
            char path[4096] = {0}, link[64], told[4096 + 64];
            if (!name) {
                snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
                if (readlink(link, path, sizeof path - 1) < 0) path[0] = 0;
                name = path;
            }
            int length = snprintf(told, sizeof told, "%s %s", call, name);
            snprintf(path, sizeof path, "%s.told", file);
            int opened = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
            if (opened >= 0) syscall(SYS_write, opened, told, length);
            syscall(SYS_kill, getpid(), SIGKILL);
            for (;;) pause();
        }

        static void written(const char *call, int file) {
            struct stat status;
            if (fstat(file, &status) == 0 && (S_ISREG(status.st_mode) || S_ISSOCK(status.st_mode))) step(call, file, 0, 1);
        }

        ssize_t write(int file, const void *bytes, size_t count) {
            REAL(ssize_t, write, int, const void *, size_t);
            written("write", file);
            return real(file, bytes, count);
        }
        ssize_t writev(int file, const struct iovec *parts, int count) {
            REAL(ssize_t, writev, int, const struct iovec *, int);
            written("writev", file);
            return real(file, parts, count);
        }
        ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
            REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
            written("pwrite", file);
            return real(file, bytes, count, at);
        }
        ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
            REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
            written("pwrite", file);
            return real(file, bytes, count, at);
        }
        ssize_t send(int file, const void *bytes, size_t count, int flags) {
            REAL(ssize_t, send, int, const void *, size_t, int);
            step("send", file, 0, 0);
            return real(file, bytes, count, flags);
        }
        ssize_t sendmsg(int file, const struct msghdr *message, int flags) {
            REAL(ssize_t, sendmsg, int, const struct msghdr *, int);
            step("sendmsg", file, 0, 0);
            return real(file, message, flags);
        }
        int fsync(int file) { REAL(int, fsync, int); step("fsync", file, 0, 0); return real(file); }
        int fdatasync(int file) { REAL(int, fdatasync, int); step("fdatasync", file, 0, 0); return real(file); }
        int ftruncate(int file, off_t length) { REAL(int, ftruncate, int, off_t); step("ftruncate", file, 0, 0); return real(file, length); }
        int ftruncate64(int file, off64_t length) { REAL(int, ftruncate64, int, off64_t); step("ftruncate", file, 0, 0); return real(file, length); }
        int rename(const char *from, const char *to) {
            REAL(int, rename, const char *, const char *);
            step("rename", -1, to, 0);
            return real(from, to);
        }
        int renameat(int a, const char *from, int b, const char *to) {
            REAL(int, renameat, int, const char *, int, const char *);
            step("renameat", -1, to, 0);
            return real(a, from, b, to);
        }
        int unlink(const char *name) { REAL(int, unlink, const char *); step("unlink", -1, name, 0); return real(name); }
        int unlinkat(int folder, const char *name, int flags) {
            REAL(int, unlinkat, int, const char *, int);
            step("unlinkat", -1, name, 0);
            return real(folder, name, flags);
        }
        int mkdir(const char *name, mode_t mode) { REAL(int, mkdir, const char *, mode_t); step("mkdir", -1, name, 0); return real(name, mode); }
        int mkdirat(int folder, const char *name, mode_t mode) {
            REAL(int, mkdirat, int, const char *, mode_t);
            step("mkdirat", -1, name, 0);
            return real(folder, name, mode);
        }
        int linkat(int a, const char *from, int b, const char *to, int flags) {
            REAL(int, linkat, int, const char *, int, const char *, int);
            step("linkat", -1, to, 0);
            return real(a, from, b, to, flags);
        }
        #define MODE mode_t mode = 0; if (flags & O_CREAT) { va_list list; va_start(list, flags); mode = va_arg(list, int); va_end(list); }
        #define OPENED if (flags & O_CREAT) step("create", -1, name, 0)
        int open(const char *name, int flags, ...) { REAL(int, open, const char *, int, ...); MODE OPENED; return real(name, flags, mode); }
        int open64(const char *name, int flags, ...) { REAL(int, open64, const char *, int, ...); MODE OPENED; return real(name, flags, mode); }
        int openat(int folder, const char *name, int flags, ...) {
            REAL(int, openat, int, const char *, int, ...);
            MODE OPENED;
            return real(folder, name, flags, mode);
        }
        int openat64(int folder, const char *name, int flags, ...) {
            REAL(int, openat64, int, const char *, int, ...);
            MODE OPENED;
            return real(folder, name, flags, mode);
        }

        """

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let source = try folder.write("death.c", Self.source)
        // Swift's toolchain links with it, so that it is where the tests were built.
        try Shell.check("clang", ["-shared", "-fPIC", "-w", "-o", folder.path("death.so"), source, "-ldl"])
    }

    /// For the program that is to die.
    var environment: [String: String] { ["LD_PRELOAD": folder.path("death.so"), "SCEAU_DEATH": folder.path("aim")] }

    /// From now on the programs that have the environment die at this step, which is counted from now on where they run already.
    func aim(at step: Int) throws { try folder.write("aim", "\(step)") }

    func rest() { try? FileManager.default.removeItem(atPath: folder.path("aim")) }

    /// What the one that died last was about to do.
    var told: String { (try? String(contentsOfFile: folder.path("aim.told"), encoding: .utf8)) ?? "nothing" }

    /// 128 and SIGKILL.
    static let killed: Int32 = 137

    /// Runs `body` with one step after the other until it says that nobody died: with each where `SCEAU_EVERY_STEP` is set, else with every
    /// third from a random one on, which over three runs or so is each.
    ///
    /// - Returns: about how many steps there are.
    @discardableResult
    static func untilNobodyDies(_ body: (Int) throws -> Bool) rethrows -> Int {
        let isThorough = ProcessInfo.processInfo.environment["SCEAU_EVERY_STEP"] != nil
        let stride = isThorough ? 1 : 3
        var step = isThorough ? 1 : Int.random(in: 1...stride)
        while try body(step) {
            step += stride
            // No act has as many: somebody dies of something else.
            precondition(step < 2000)
        }
        return step - 1
    }
}
