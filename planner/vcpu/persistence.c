/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/persistence.h"

#include <math.h>

static const double KEEP_PER_INTERVAL = 0.97;
static const double KEEP_PER_VOTE = 0.99;
static const double RETURNED_AT_FIRST = 2.0;
static const double LASTING_SHARE = 2.0 / 3.0;
static const double MAX_SPREAD = 2.5;

void vcpu_persistence_fade(struct vcpu_persistence *persistence)
{
    persistence->products *= KEEP_PER_INTERVAL;
    persistence->squares *= KEEP_PER_INTERVAL;
    persistence->fourths *= KEEP_PER_INTERVAL;
    persistence->changes *= KEEP_PER_INTERVAL;
}

void vcpu_persistence_deviation(struct vcpu_persistence *persistence, double off, double next,
                                double after)
{
    double change = next - off;

    persistence->products += off * (next + after) / 2.0;
    persistence->squares += off * off;
    persistence->fourths += off * off * off * off;
    persistence->changes += change * change / 2.0;
}

void vcpu_persistence_jumps(struct vcpu_persistence *persistence, size_t lasted, size_t all)
{
    double share;

    if (all == 0)
        return;
    share = (double)lasted / (double)all;
    persistence->lasted = KEEP_PER_VOTE * persistence->lasted + share;
    persistence->returned = KEEP_PER_VOTE * persistence->returned + 1.0 - share;
}

double vcpu_persistence_follow(const struct vcpu_persistence *persistence)
{
    double share;

    if (persistence->squares <= 0)
        return 0;
    share = fmin(1.0, persistence->products / persistence->squares);
    return fmax(0, share - sqrt(persistence->fourths) / persistence->squares);
}

double vcpu_persistence_spread(const struct vcpu_persistence *persistence)
{
    if (persistence->squares <= persistence->changes)
        return 1.0;
    return fmin(MAX_SPREAD, sqrt(persistence->squares / fmax(persistence->changes, 1e-12)));
}

bool vcpu_persistence_has_lasting_jumps(const struct vcpu_persistence *persistence)
{
    double seen = persistence->lasted + persistence->returned + RETURNED_AT_FIRST;

    return persistence->lasted >= LASTING_SHARE * seen;
}
