/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_HOLD_BOUND_H
#define EVENKEEL_MODELS_PLACEMENT_HOLD_BOUND_H

#include <stdbool.h>

#include "models/placement/fair_share.h"

/* Changing nothing, and a closed-form bound on everything else (README.md, "Holding"). A plan whose
 * D is below the k-th largest deviation has touched k bins, and so has made at least k / 2 moves,
 * each dearer by no less than the cheapest of all than the item's cheapest bin. */
struct hold {
    bool possible; /* no item floats, each is where it may be, no hard rule is broken */
    bool optimal;  /* no placement is better, proven */
    int64_t bound; /* PLACEMENT_DEVIATION: no placement has a smaller F (instance.h, with
                    * floor_cost); else 0 */
};

/* 0 or -ENOMEM. */
int hold_bound(const struct balance *balance, struct hold *ret);

#endif
