/* Preloaded, shows the system's time moved by SITREPD_CLOCK_OFFSET seconds. What measures how long something takes is left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t id, struct timespec *at) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int res = real(id, at);
    if (res == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        const char *offset = getenv("SITREPD_CLOCK_OFFSET");
        if (offset) at->tv_sec += atoll(offset);
    }
    return res;
}
