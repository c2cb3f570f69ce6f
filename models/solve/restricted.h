/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_RESTRICTED_H
#define EVENKEEL_MODELS_SOLVE_RESTRICTED_H

#include "models/solve/workspace.h"

/* A whole-number choice among the heaviest patterns of this window, at most so many, and the
 * incumbent's: often a better plan, never a proof. What GLPK finds is polished and becomes the
 * incumbent where it is better. 0, -ENOMEM or -EPROTO. */
int restricted_search(struct workspace *ws, int window, int max_patterns, int64_t max_nodes);

#endif
