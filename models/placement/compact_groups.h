/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_COMPACT_GROUPS_H
#define EVENKEEL_MODELS_PLACEMENT_COMPACT_GROUPS_H

#include "models/lp/lp.h"
#include "models/placement/fair_share.h"

/* What groups cost in the compact model (compact.c): a column together_<group>_<p> and a row
 * apart_<group>_<p> for each bin that can be charged for a group, by bin and then by group. */

size_t compact_groups_columns(const struct balance *balance);
/* After all other columns. 0 or -ENOMEM. */
int compact_groups_add(const struct balance *balance, struct lp *lp);
/* The columns' values for a placement. */
void compact_groups_point(const struct balance *balance, const int *bin_of, double *x);

#endif
