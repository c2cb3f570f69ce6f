/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_LEAVERS_H
#define EVENKEEL_MODELS_SOLVE_LEAVERS_H

#include "models/bound/pricing.h"

/* Who may leave home at all. A vCPU that each of its bin's patterns within the limits keeps does not
 * leave in any plan within them, and so enters nowhere. Clears may_leave [n] for those; floating
 * vCPUs and those of bins with very many stay as they are. prices and pricing are of the last
 * evaluation, limit [m * (top + 1)] as in enumeration.h. */
void find_leavers(struct pricing *pricing, const int *prices, int top, const int64_t *limit,
                  bool *may_leave);

#endif
