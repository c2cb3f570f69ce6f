/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/persistence.h"

#include <math.h>

#define KEEP_PER_INTERVAL 0.97
#define KEEP_PER_VOTE 0.99
#define RETURNED_AT_FIRST 2.0
#define LASTING_SHARE (2.0 / 3.0)
#define MOST_SPREAD 2.5

void vcpu_habits_fade(struct vcpu_habits *habits)
{
    habits->products *= KEEP_PER_INTERVAL;
    habits->squares *= KEEP_PER_INTERVAL;
    habits->fourths *= KEEP_PER_INTERVAL;
    habits->changes *= KEEP_PER_INTERVAL;
}

void vcpu_habits_deviation(struct vcpu_habits *habits, double off, double next, double after)
{
    double change = next - off;

    habits->products += off * (next + after) / 2.0;
    habits->squares += off * off;
    habits->fourths += off * off * off * off;
    habits->changes += change * change / 2.0;
}

void vcpu_habits_jumps(struct vcpu_habits *habits, size_t lasted, size_t all)
{
    double share;

    if (all == 0)
        return;
    share = (double)lasted / (double)all;
    habits->lasted = KEEP_PER_VOTE * habits->lasted + share;
    habits->returned = KEEP_PER_VOTE * habits->returned + 1.0 - share;
}

double vcpu_habits_follow(const struct vcpu_habits *habits)
{
    double share;

    if (habits->squares <= 0.0)
        return 0.0;
    share = fmin(1.0, habits->products / habits->squares);
    return fmax(0.0, share - sqrt(habits->fourths) / habits->squares);
}

double vcpu_habits_spread(const struct vcpu_habits *habits)
{
    if (habits->squares <= habits->changes)
        return 1.0;
    return fmin(MOST_SPREAD, sqrt(habits->squares / fmax(habits->changes, 1e-12)));
}

bool vcpu_habits_jumps_last(const struct vcpu_habits *habits)
{
    double seen = habits->lasted + habits->returned + RETURNED_AT_FIRST;

    return habits->lasted >= LASTING_SHARE * seen;
}
