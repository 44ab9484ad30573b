/* A disk that fails: while the file EIO_WHEN is there, fsync and fdatasync of a file of the ledger fail with EIO, as they do once when the
 * kernel could not write its pages back.
 *
 * Build: cc -shared -fPIC -O2 -o eio.so eio.c -ldl */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(int fd) {
    static const char suffix[] = ".ledger";
    char link[64], path[PATH_MAX];
    const char *when = getenv("EIO_WHEN");
    if (!when || access(when, F_OK)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    return n >= (ssize_t)sizeof suffix - 1 && !memcmp(path + n - (sizeof suffix - 1), suffix, sizeof suffix - 1);
}

static int pass(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    if (fails(fd)) {
        errno = EIO;
        return -1;
    }
    return real(fd);
}

int fsync(int fd) { return pass("fsync", fd); }
int fdatasync(int fd) { return pass("fdatasync", fd); }
