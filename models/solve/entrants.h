/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_ENTRANTS_H
#define EVENKEEL_MODELS_SOLVE_ENTRANTS_H

#include "models/bound/pricing.h"

/* Who may enter the bins of a class, for enumeration. Prices as in pricing.h. */

/* The vCPUs that can enter in a pattern that costs no more than this slack above the cheapest of its
 * load, into ret [n]; how many. may_leave [n]: others are none; NULL: all may. */
int entrants_find(struct pricing *pricing, const int *prices, int kind, int cells, int64_t slack,
                  const bool *may_leave, int *ret);
/* The pool of these vCPUs as a table [n_items + 1][cells] of all prefixes. */
void entrants_prefixes(const struct pricing *pricing, const int *prices, int kind, const int *items,
                       int n_items, int cells, int32_t *ret);

#endif
