/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_FAIR_SHARE_H
#define EVENKEEL_MODELS_PLACEMENT_FAIR_SHARE_H

#include <stdint.h>

#include "models/base/arena.h"
#include "models/base/whole.h"
#include "models/placement/problem.h"

/* What every bin should carry, in integers. Demands and backgrounds are cut (water_level.h), and
 *
 *   error(p, load) = parts * load - target(p),    deviation = |error| / (10 parts) points
 *
 * where share(p) is the bin's capacity over the greatest common divisor of all, parts is the sum of
 * the shares, and target(p) = share(p) * total is the bin's fair share times parts. */
struct balance {
    const struct placement_problem *problem;
    int n, m;
    int *weight;     /* [n] cut demand, permille */
    int *background; /* [m] cut background, permille */
    int *share;      /* [m] */
    int64_t *target; /* [m] */
    int64_t total;   /* all weights and backgrounds, permille */
    int64_t parts;
    struct arena arena;
};

/* 0 or -ENOMEM. The problem has been checked and must outlive the balance. */
int balance_new(const struct placement_problem *problem, struct balance *ret);
void balance_done(struct balance *balance);

static inline int64_t balance_error(const struct balance *balance, int p, int64_t load)
{
    return balance->parts * load - balance->target[p];
}
static inline int64_t balance_deviation(const struct balance *balance, int p, int64_t load)
{
    return abs64(balance_error(balance, p, load));
}

/* Loads of a placement [n], background included, into ret [m]; a bin of -1 counts nowhere. */
void balance_loads(const struct balance *balance, const int *bin_of, int64_t *ret);

#endif
