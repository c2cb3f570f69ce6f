/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/clock.h"

#include <string.h>
#include <time.h>

uint64_t clock_monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int64_t clock_steady_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec;
}

int64_t clock_real_s(void)
{
    return (int64_t)time(NULL);
}

void clock_text(char ret[CLOCK_TEXT_SIZE])
{
    clock_text_at(clock_real_s(), ret);
}

void clock_text_at(int64_t at_s, char ret[CLOCK_TEXT_SIZE])
{
    time_t at = (time_t)at_s;
    struct tm parts;
    size_t n;

    ret[0] = '\0';
    if (!localtime_r(&at, &parts))
        return;
    n = strftime(ret, CLOCK_TEXT_SIZE - 1, "%Y-%m-%dT%H:%M:%S%z", &parts);
    if (n < 2)
        return;
    memmove(ret + n - 1, ret + n - 2, 3); /* +0100 becomes +01:00 */
    ret[n - 2] = ':';
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
