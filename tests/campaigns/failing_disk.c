/* A disk that fails: preloaded, it makes the k-th write below a folder fail, and all after it.

   `disk_watch(folder)` names the folder, `disk_fail(k, error)` arms it (k = 0 cures it), and
   `disk_writes()` says how many writes there were since. Opening a file to make it, writing,
   cutting, synchronising, renaming and removing are writes. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char folder[4096];
static volatile long writes, limit;
static volatile int failure;

void disk_watch(const char *path) { snprintf(folder, sizeof folder, "%s", path); }
void disk_fail(long k, int error) { writes = 0; failure = error; limit = k; }
long disk_writes(void) { return writes; }

static int fails(const char *path) {
    if (!folder[0] || strncmp(path, folder, strlen(folder))) return 0;
    long number = __sync_add_and_fetch(&writes, 1);
    if (!limit || number < limit) return 0;
    errno = failure;
    return 1;
}

static int fails_at(int handle) {
    char link[64], path[4096];
    if (!folder[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return fails(path);
}

#define REAL(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))
#define ON_HANDLE(type, name, parameters, arguments, handle) \
    type name parameters { return fails_at(handle) ? -1 : REAL(name) arguments; }
#define ON_PATH(name, parameters, arguments, path) \
    int name parameters { return fails(path) ? -1 : REAL(name) arguments; }
#define OPENING(name) \
    int name(const char *path, int flags, ...) { \
        va_list rest; va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        if ((flags & O_CREAT) && access(path, F_OK) && fails(path)) return -1; \
        return REAL(name)(path, flags, mode); \
    }

ON_HANDLE(ssize_t, write, (int handle, const void *data, size_t size), (handle, data, size), handle)
ON_HANDLE(ssize_t, pwrite, (int handle, const void *data, size_t size, off_t at),
          (handle, data, size, at), handle)
ON_HANDLE(ssize_t, pwrite64, (int handle, const void *data, size_t size, off64_t at),
          (handle, data, size, at), handle)
ON_HANDLE(int, ftruncate, (int handle, off_t size), (handle, size), handle)
ON_HANDLE(int, ftruncate64, (int handle, off64_t size), (handle, size), handle)
ON_HANDLE(int, fsync, (int handle), (handle), handle)
ON_HANDLE(int, fdatasync, (int handle), (handle), handle)
ON_PATH(rename, (const char *path, const char *other), (path, other), other)
ON_PATH(unlink, (const char *path), (path), path)
OPENING(open)
OPENING(open64)
