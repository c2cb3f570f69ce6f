/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_YIELD_H
#define EVENKEEL_PLANNER_MEMORY_YIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "planner/base/backoff.h"
#include "planner/memory/settings.h"

/* Whether what a balloon takes reaches the host. No list of reasons why it may not is complete, so
 * this looks at the outcome. A process should hold no more than its guest's memory and what it
 * needs beside that. Where a balloon has taken memory, the process still holds clearly more, and
 * the host's free memory has not grown either, the guest is squeezed and nobody gains. */
struct memory_yield {
    int64_t from_kib;     /* the guest's size when nothing was kept; 0: not known */
    int64_t overhead_kib; /* what its process needed beside that */
    int64_t host_kib;     /* and the host's account then */
    uint64_t since_ns;    /* since when too much is kept; 0: it is not */
    int64_t wanted_kib;   /* while it is left alone: the size to give back */
    struct backoff wait;  /* when memory is taken from it again */
};

/* What one interval tells. */
struct memory_yield_now {
    uint64_t at_ns;
    int64_t actual_kib;
    int64_t rss_kib;      /* what its process holds; -1: the host does not tell */
    int64_t overhead_kib; /* as learned before */
    /* The host's free memory and what the processes of all guests hold, together: moves between
     * guests leave it as it is, and it grows where memory comes back that no process shows. */
    int64_t host_kib;
};
void memory_yield_next(const struct memory_settings *settings, const struct memory_yield_now *now,
                       const struct memory_yield *old, struct memory_yield *ret);
/* It gives nothing back: nothing is taken from it for a while, and it has its size of before. */
bool memory_yield_is_keeping(const struct memory_yield *yield, uint64_t at_ns);

#endif
