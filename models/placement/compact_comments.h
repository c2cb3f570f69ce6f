/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_COMPACT_COMMENTS_H
#define EVENKEEL_MODELS_PLACEMENT_COMPACT_COMMENTS_H

#include "models/placement/fair_share.h"

/* Comments at the head of the compact model's text: what the objective is, what is known (solution
 * may be NULL), and who each item is. */
void compact_comments(const struct balance *balance, const struct placement_solution *solution,
                      struct lp *lp);

#endif
