/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_COMPACT_RULES_H
#define EVENKEEL_MODELS_PLACEMENT_COMPACT_RULES_H

#include "models/placement/problem.h"

/* The hard rules' rows of the compact model (compact.h): fits_<resource>_<p>, sizes in the bin's room, and
 * one_of_<set>_<p>. They have no columns of their own. 0 or -ENOMEM. */
int compact_rules_add(const struct placement_problem *problem, struct lp *lp);
/* How many rows. */
int compact_rules_rows(const struct placement_problem *problem);

#endif
