/* Makes the n-th call that writes below RETRIAL_FAULT_BELOW fail: RETRIAL_FAULT_AT counts from 1, RETRIAL_FAULT_ERRNO is
   what it fails with. 0 lets all succeed. The number of such calls so far is kept in RETRIAL_FAULT_COUNT, a file. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long count = 0;

static int is_below(const char *path) {
    const char *below = getenv("RETRIAL_FAULT_BELOW");
    char full[PATH_MAX];
    if (!below || !path) return 0;
    if (path[0] != '/') {
        char folder[PATH_MAX / 2];
        if (!getcwd(folder, sizeof folder)) return 0;
        snprintf(full, sizeof full, "%s/%s", folder, path);
        path = full;
    }
    return strncmp(path, below, strlen(below)) == 0;
}

static int is_file_below(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return is_below(path);
}

static int fails(const char *what) {
    const char *at = getenv("RETRIAL_FAULT_AT"), *error = getenv("RETRIAL_FAULT_ERRNO"), *kept = getenv("RETRIAL_FAULT_COUNT");
    pthread_mutex_lock(&lock);
    long number = ++count;
    if (kept) {
        FILE *(*open_file)(const char *, const char *) = dlsym(RTLD_NEXT, "fopen");
        FILE *file = open_file(kept, "a");
        if (file) {
            fprintf(file, "%s\n", what);
            fclose(file);
        }
    }
    pthread_mutex_unlock(&lock);
    if (!at || number != atol(at)) return 0;
    errno = error ? atoi(error) : ENOSPC;
    return 1;
}

#define REAL(result, name, ...) ((result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t size) {
    if (fd > 2 && is_file_below(fd) && fails("write")) return -1;
    return REAL(ssize_t, write, int, const void *, size_t)(fd, bytes, size);
}

ssize_t writev(int fd, const void *parts, int number) {
    if (fd > 2 && is_file_below(fd) && fails("write")) return -1;
    return REAL(ssize_t, writev, int, const void *, int)(fd, parts, number);
}

int fsync(int fd) {
    if (is_file_below(fd) && fails("fsync")) return -1;
    return REAL(int, fsync, int)(fd);
}

int rename(const char *from, const char *to) {
    if (is_below(to) && fails("rename")) return -1;
    return REAL(int, rename, const char *, const char *)(from, to);
}

int mkdir(const char *path, mode_t mode) {
    struct stat already;
    if (is_below(path) && stat(path, &already) != 0 && fails("mkdir")) return -1;
    return REAL(int, mkdir, const char *, mode_t)(path, mode);
}

static int opened(const char *name, const char *path, int flags, mode_t mode) {
    if ((flags & (O_WRONLY | O_RDWR | O_CREAT)) && is_below(path) && fails("open")) return -1;
    return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name))(path, flags, mode);
}

#define MODE(flags, mode) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

int open(const char *path, int flags, ...) {
    MODE(flags, mode)
    return opened("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE(flags, mode)
    return opened("open64", path, flags, mode);
}
