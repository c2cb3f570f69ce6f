/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/clock.h"

#include <time.h>

uint64_t clock_monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int64_t clock_real_s(void)
{
    return (int64_t)time(NULL);
}

void clock_wait_ms(unsigned ms)
{
    const struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

void backstop_arm(struct backstop *backstop)
{
    backstop->deadline_ns =
        backstop->share_ns ? clock_monotonic_ns() + backstop->share_ns : UINT64_MAX;
}

bool backstop_has_passed(void *arg)
{
    const struct backstop *backstop = arg;

    if (backstop->is_stopping(backstop->arg))
        return true;
    return backstop->deadline_ns != UINT64_MAX && clock_monotonic_ns() > backstop->deadline_ns;
}
