/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/slice.h"

#include <time.h>

void slice_condition(pthread_cond_t *ret)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(ret, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void slice_wait(pthread_cond_t *changed, pthread_mutex_t *lock, int slice_ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += slice_ms / 1000;
    until.tv_nsec += slice_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    pthread_cond_timedwait(changed, lock, &until);
}
