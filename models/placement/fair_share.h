/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_FAIR_SHARE_H
#define EVENKEEL_MODELS_PLACEMENT_FAIR_SHARE_H

#include <stdint.h>

#include "models/base/arena.h"
#include "models/base/whole.h"
#include "models/placement/groups.h"
#include "models/placement/problem.h"

/* What every bin should carry, in integers. Demands and backgrounds are cut (water_level.h), and
 *
 *   error(p, load) = unit(p) * parts * load - target(p),    deviation = |error| / scale points
 *
 * where share(p) is the bin's capacity over the greatest common divisor of all, parts is the sum of
 * the shares, and target(p) = unit(p) * share(p) * total is the bin's fair share times parts. A point
 * of deviation is a hundredth of the largest bin, and as much of a smaller one as its share of that:
 * unit(p) is the largest capacity over the bin's in thousandths, and scale = 10 parts * 1000. Where bins
 * are equal, and for squares (PLACEMENT_VARIANCE), which are of loads as they are, both are 1.
 *
 * Overload is told from the uncut demands: what they and the background exceed a bin's capacity by,
 * beside a heavy item: the cut takes 5 points of it and more, and it fills more than half a bin. No placement is without these, so
 * they are none: one point; what a load may stand above capacity where the water level itself is that
 * high; what not even the roomiest bin could give an item that has it for itself; and items of up to
 * 2 points that may be in one bin only. With excess(i) for what the cut takes of an item, and half a
 * bin more on both sides, so that a bin without a heavy one shows none,
 *
 *   overload(p) = max(0, load + sum of excess(i) - spare(p)) */
struct balance {
    const struct placement_problem *problem;
    int n, m;
    int *weight;       /* [n] cut demand, permille */
    int *background;   /* [m] cut background, permille */
    int *share;        /* [m] */
    int64_t *unit;     /* [m] */
    int64_t *target;   /* [m] */
    bool has_overload; /* it costs something, and something is heavy */
    int *excess;       /* [n] permille; 0 without it */
    int *spare;        /* [m] permille; INT_MAX without it */
    struct groups groups;
    int64_t total; /* all weights and backgrounds, permille */
    int64_t parts, scale;
    struct arena arena;
};

/* 0 or -ENOMEM. The problem has been checked and must outlive the balance. */
int balance_new(const struct placement_problem *problem, struct balance *ret);
void balance_done(struct balance *balance);

static inline int64_t balance_error(const struct balance *balance, int p, int64_t load)
{
    return balance->unit[p] * balance->parts * load - balance->target[p];
}
/* The load that is a bin's fair share, rounded down; the load of an error. */
static inline int64_t balance_target_load(const struct balance *balance, int p)
{
    return balance->target[p] / (balance->unit[p] * balance->parts);
}
static inline int64_t balance_load_at(const struct balance *balance, int p, int64_t error)
{
    return (error + balance->target[p]) / (balance->unit[p] * balance->parts);
}
/* The least and the most load of a bin that deviates by no more than this. */
static inline int64_t balance_low(const struct balance *balance, int p, int64_t deviation)
{
    return -floor_div(deviation - balance->target[p], balance->unit[p] * balance->parts);
}
static inline int64_t balance_high(const struct balance *balance, int p, int64_t deviation)
{
    return floor_div(deviation + balance->target[p], balance->unit[p] * balance->parts);
}
static inline int64_t balance_deviation(const struct balance *balance, int p, int64_t load)
{
    return abs64(balance_error(balance, p, load));
}

static inline int64_t balance_overload(const struct balance *balance, int p, int64_t load,
                                       int64_t excess)
{
    return max64(0, load + excess - balance->spare[p]);
}

/* Loads of a placement [n], background included, into ret [m]; a bin of -1 counts nowhere. */
void balance_loads(const struct balance *balance, const int *bin_of, int64_t *ret);
/* The same of what the cut takes. */
void balance_excesses(const struct balance *balance, const int *bin_of, int64_t *ret);

#endif
