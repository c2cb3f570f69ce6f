/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_FIXING_H
#define EVENKEEL_MODELS_SOLVE_FIXING_H

#include "models/bound/pricing.h"

/* Which items cannot move in any plan of interest, so that enumeration need not ask about them.
 * This is variable fixing by reduced cost. Duals are as in pricing.h. */

/* Who may leave home at all. If every pattern of a bin within the limits keeps an item, that item
 * leaves in no plan within them, and so it enters nowhere. Clears may_leave [n] for these. Floating
 * items stay as they are, and so do those of bins with many of their own where pools are not by halves.
 * The duals are those of the last evaluation, limit [m * (top + 1)] is as in enumeration.h. */
void fixing_leavers(struct pricing *pricing, const int *duals, int top, const int64_t *limit,
                    bool *may_leave);
/* Who may enter the bins of a class: the items in some pattern that costs at most this slack above
 * the cheapest of its load, into ret [n]; how many. may_leave [n] false: does not enter; NULL: all
 * may. */
int fixing_entrants(struct pricing *pricing, const int *duals, int kind, int cells, int64_t slack,
                    const bool *may_leave, int *ret);

#endif
