/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_CLOCK_H
#define EVENKEEL_AGENT_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* The only clocks of the program. */
uint64_t clock_monotonic_ns(void);
int64_t clock_steady_s(void); /* sleeps count, and nobody sets it */
int64_t clock_real_s(void);   /* what hypervisors date statistics with */

/* The time of day for people, "2026-11-30T03:12:07+01:00". */
enum { CLOCK_TEXT_SIZE = 32 };
void clock_text(char ret[CLOCK_TEXT_SIZE]);
void clock_text_at(int64_t at_s, char ret[CLOCK_TEXT_SIZE]);

void clock_wait_ms(unsigned ms);

/* When to give a solve up: a signal came, or the wall-clock backstop passed. Counts limit a search
 * (struct work); this keeps a solve from eating the interval on a machine too slow for them. */
struct backstop {
    bool (*is_stopping)(void *arg);
    void *arg;
    uint64_t share_ns;    /* of the interval, 0 = only signals: virtual time has no backstop */
    uint64_t deadline_ns; /* set by backstop_arm() */
};
void backstop_arm(struct backstop *backstop);
bool backstop_has_passed(void *backstop); /* for struct work.stop */

#endif
