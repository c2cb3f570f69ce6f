/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_TICKER_H
#define EVENKEEL_AGENT_BASE_TICKER_H

#include <stdint.h>

#include "planner/base/err.h"

/* When the next interval begins. The real ticker sleeps on an absolute monotonic schedule and
 * wakes up for a signal that asks to stop or to reload; the simulated one advances virtual time; a recording's
 * ends with the file. wait() returns 1 for the next interval, 0 to stop, or a negative errno. */
struct ticker {
    void *self;
    int (*wait)(void *self, struct err *err);
    uint64_t (*overruns)(void *self); /* intervals that were missed because work took too long */
    void (*close)(void *self);
};

#endif
