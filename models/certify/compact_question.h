/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_CERTIFY_COMPACT_QUESTION_H
#define EVENKEEL_MODELS_CERTIFY_COMPACT_QUESTION_H

#include "models/base/arena.h"
#include "models/certify/ask.h"
#include "models/placement/fair_share.h"

/* What is known about the compact model's answer, on the columns of placement_compact_lp(): the
 * placement as a point and as a basis, and the columns that are out of reach (possible [items *
 * bins], or NULL: none is). Memory of the arena. 0 or -ENOMEM. */
int compact_question(const struct balance *balance, const struct lp *lp, const int *bin_of,
                     const bool *possible, struct arena *arena, struct question *question);

/* The placement of a point. False where an item is in parts or in no bin. */
bool compact_question_read(const struct placement_problem *problem, const double *x, int *bin_of);

#endif
