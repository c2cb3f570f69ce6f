/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/cost.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double read_s(clockid_t clock)
{
    struct timespec spent = {0};

    clock_gettime(clock, &spent);
    return (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
}

double cost_cpu_s(void)
{
    return read_s(CLOCK_PROCESS_CPUTIME_ID);
}

double cost_thread_cpu_s(void)
{
    return read_s(CLOCK_THREAD_CPUTIME_ID);
}

/* proc(5): the second number of statm, in pages. */
uint64_t cost_resident_kib(void)
{
    char text[100] = "";
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    char *rest = text;

    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return 0;
    strtoull(text, &rest, 10);
    return strtoull(rest, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}
