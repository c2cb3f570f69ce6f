/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_HARM_H
#define EVENKEEL_PLANNER_VCPU_HARM_H

#include <math.h>
#include <stddef.h>

#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* Whether a plan harms: by what each vCPU wants now, nothing of it cut, the moves of those that are
 * pinned already must not make worse what doing nothing leaves. First pins, and moves away from
 * where a vCPU may not be, have to be made whatever they cost: they count as made on both sides.
 * Overload comes first: a plan that lessens it may let vCPUs wait longer by the closed form, which
 * takes bursts for granted where a full pCPU is certain. Where guests come nearer to their memory and gain
 * more by that than by waiting they lose, nodes may become less even. */
struct harm_price {
    int64_t overload_permille; /* demand above 1010 of a pCPU, summed */
    double sigma_pct;          /* of the pCPUs that guests may use */
    double waiting;            /* per unit of running (waiting.h), NAN where not worked out */
    double remote;             /* per unit of running, lost to memory on other nodes (remote.h) */
};
struct harm {
    struct harm_price hold, plan;
};

/* How much worse is worse. Less of sigma is not shown. The expected waiting is known no better than to
 * a part of itself: it is 2.5 % off on simulated bursts. On a host that is overfull vCPUs wait one and
 * a half times what they run, and 0.01 of running would be finer than the formula. */
#define HARM_SIGMA_PCT 0.005
#define HARM_WAITING 0.01
#define HARM_WAITING_PART 0.025
/* Of running: one of a hundred guests that comes home from twice the local distance gains 0.0015. */
#define HARM_NEARER 0.0002
/* By how much waiting may grow beside what doing nothing leaves. */
static inline double harm_waiting_margin(double hold)
{
    return fmax(HARM_WAITING, HARM_WAITING_PART * hold);
}

/* Prices a complete plan's places and loads. 0 or -ENOMEM. */
int harm_of(const struct vcpu_sample *sample, const struct vcpu_plan *plan, struct harm *ret);
/* Whether it harms. Writes the clause that says what would get worse, or "". */
bool harm_text(const struct harm *harm, char *ret, size_t size);

#endif
