/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/base/backoff.h"

#include "planner/base/units.h"

enum { MAX_DOUBLINGS = 4 };

uint64_t backoff_wait_ns(unsigned times, double first_s)
{
    unsigned doublings = times < MAX_DOUBLINGS ? times : MAX_DOUBLINGS;

    return ns_from_seconds(first_s * (double)(1u << doublings));
}

void backoff_fail(struct backoff *backoff, uint64_t now_ns, double first_s)
{
    if (now_ns > backoff->until_ns + backoff_wait_ns(backoff->times, first_s))
        backoff->times = 0;
    backoff->until_ns = now_ns + backoff_wait_ns(backoff->times, first_s);
    backoff->times++;
}

bool backoff_is_waiting(const struct backoff *backoff, uint64_t now_ns)
{
    return backoff->until_ns > now_ns;
}
