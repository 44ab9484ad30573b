/* Remembers what would be left of a directory if the power were cut now: a model of a disk with a volatile cache.
 *
 * Preloaded (LD_PRELOAD) into a process that writes below POWER_ROOT, it keeps in POWER_DURABLE
 *   inodes/KEY  the content that a file had when fsync or fdatasync last returned,
 *   dirs/KEY    the names that a directory had when fsync last returned, one "KEY TYPE NAME" a line,
 *   names/KEY   the path that a file had then (file systems like ext4 write a new file's name with the file).
 * KEY is inode and time of birth, since numbers of inodes are used again. Everything else (write, rename, unlink,
 * ftruncate, sync_file_range) is volatile. What stands at the start of the process counts as durable.
 *
 * Build: cc -shared -fPIC -O2 -o power_cut.so power_cut.c -ldl */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *root, *durable;

static void fail(const char *what, const char *path) {
    fprintf(stderr, "power_cut: %s %s: %s\n", what, path, strerror(errno));
    abort();
}

static void key_of(int dir, const char *path, int flags, char *key, size_t size) {
    struct statx st;
    if (statx(dir, path, flags, STATX_BASIC_STATS | STATX_BTIME, &st)) fail("statx", path);
    snprintf(key, size, "%llu-%lld-%u", (unsigned long long)st.stx_ino, (long long)st.stx_btime.tv_sec, st.stx_btime.tv_nsec);
}

/* A record is there whole or not at all: the process may be killed while it is written. */
static int begin(char *temporary, size_t size) {
    snprintf(temporary, size, "%s/tmp-%d-%ld", durable, getpid(), syscall(SYS_gettid));
    int out = open(temporary, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    if (out < 0) fail("open", temporary);
    return out;
}

static void end(int out, const char *temporary, const char *kind, const char *key) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s/%s", durable, kind, key);
    close(out);
    if (rename(temporary, path)) fail("rename", path);
}

static void put(int out, const char *bytes, ssize_t n) {
    while (n > 0) {
        ssize_t done = write(out, bytes, n);
        if (done < 0) fail("write", "record");
        bytes += done, n -= done;
    }
}

static void keep_file(int fd, const char *path) {
    char key[100], temporary[PATH_MAX], buffer[1 << 16];
    key_of(fd, "", AT_EMPTY_PATH, key, sizeof key);
    /* The descriptor may be open for writing only. */
    int in = open(path, O_RDONLY);
    if (in < 0) return; /* Unlinked: nobody will look for it. */
    int out = begin(temporary, sizeof temporary);
    for (ssize_t n; (n = read(in, buffer, sizeof buffer)) > 0;) put(out, buffer, n);
    close(in);
    end(out, temporary, "inodes", key);
    out = begin(temporary, sizeof temporary);
    put(out, path, strlen(path));
    end(out, temporary, "names", key);
}

static void keep_dir(const char *path) {
    char key[100], temporary[PATH_MAX], line[PATH_MAX + 200];
    key_of(AT_FDCWD, path, 0, key, sizeof key);
    DIR *dir = opendir(path);
    if (!dir) return;
    int out = begin(temporary, sizeof temporary);
    for (struct dirent *it; (it = readdir(dir));) {
        if (!strcmp(it->d_name, ".") || !strcmp(it->d_name, "..")) continue;
        char of_item[100];
        struct statx st;
        if (statx(dirfd(dir), it->d_name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st)) continue;
        key_of(dirfd(dir), it->d_name, AT_SYMLINK_NOFOLLOW, of_item, sizeof of_item);
        int n = snprintf(line, sizeof line, "%s %c %s\n", of_item, S_ISDIR(st.stx_mode) ? 'd' : 'f', it->d_name);
        put(out, line, n);
    }
    closedir(dir);
    end(out, temporary, "dirs", key);
}

static int keep_item(const char *path, const struct stat *st, int type, struct FTW *where) {
    (void)where;
    if (type == FTW_D) keep_dir(path);
    if (type == FTW_F && S_ISREG(st->st_mode)) {
        int fd = open(path, O_RDONLY);
        if (fd >= 0) keep_file(fd, path), close(fd);
    }
    return 0;
}

__attribute__((constructor)) static void start(void) {
    root = getenv("POWER_ROOT");
    durable = getenv("POWER_DURABLE");
    if (!root || !durable) return;
    for (const char *const *kind = (const char *const[]){"inodes", "dirs", "names", 0}; *kind; kind++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", durable, *kind);
        if (mkdir(path, 0700) && errno != EEXIST) fail("mkdir", path);
    }
    nftw(root, keep_item, 20, FTW_PHYS);
}

static int synced(int fd, const char *name) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int res = real(fd);
    if (res || !root || !durable) return res;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return res;
    path[n] = 0;
    if (strncmp(path, root, strlen(root))) return res;
    struct stat st;
    if (fstat(fd, &st)) return res;
    if (S_ISDIR(st.st_mode)) keep_dir(path);
    else if (S_ISREG(st.st_mode)) keep_file(fd, path);
    return res;
}

int fsync(int fd) { return synced(fd, "fsync"); }
int fdatasync(int fd) { return synced(fd, "fdatasync"); }
