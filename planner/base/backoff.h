/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_BASE_BACKOFF_H
#define EVENKEEL_PLANNER_BASE_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

/* Whoever failed is asked again after a while, then after twice that, and so on up to 16 times
 * that. Start from {0}. */
struct backoff {
    uint64_t until_ns; /* not to be asked before; 0: never failed */
    unsigned times;    /* failures in a row */
};

/* How long to wait after this many failures before the last one. first_s is the first wait. */
uint64_t backoff_wait_ns(unsigned times, double first_s);
/* It failed now. Failures before it are forgotten when as much time as the next wait has passed
 * since the last wait ended. */
void backoff_fail(struct backoff *backoff, uint64_t now_ns, double first_s);
/* Whether it still has to be left alone. */
bool backoff_is_waiting(const struct backoff *backoff, uint64_t now_ns);

#endif
