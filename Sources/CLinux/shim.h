// What Glibc's own module lacks. Only the target Linux imports this.
// No _GNU_SOURCE: with it the same headers would define types that Glibc's module has without it.
#ifndef SCEAU_CLINUX_SHIM_H
#define SCEAU_CLINUX_SHIM_H
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>

// Behind _GNU_SOURCE in glibc.
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);
extern const char *strerrordesc_np(int number);

// SOL_SOCKET, SO_PEERCRED, struct ucred: unix(7). Returns 0, or -1 with errno.
static inline int sceau_peer_user(int socket, uint32_t *user) {
    struct { int32_t process; uint32_t user; uint32_t group; } credentials = {0, 0, 0};
    socklen_t length = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    *user = credentials.user;
    return 0;
}

// adjtimex(2) with no mode: reads, never writes. 1 where the kernel holds its clock synchronised, 0 where not, -1 with errno.
static inline int sceau_clock_synchronised(void) {
    struct timex state = {0};
    int answer = adjtimex(&state);
    if (answer < 0) return -1;
    return answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

// prctl is variadic.
static inline int sceau_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// Hidden from modules that were built without _GNU_SOURCE: asked of the kernel by its number.
static inline void sceau_begin_writing(int descriptor, long long offset, long long count) {
    (void)syscall(SYS_sync_file_range, descriptor, offset, count, 2 /* SYNC_FILE_RANGE_WRITE */);
}
#endif
