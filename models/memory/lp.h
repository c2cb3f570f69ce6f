/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_MEMORY_LP_H
#define EVENKEEL_MODELS_MEMORY_LP_H

#include "models/lp/lp.h"
#include "models/memory/solver.h"

/* The same model with names, for --emit-lp and for other solvers: q_<item>_<k> are the segments,
 * short is the shortage; its optimum is memory_solve()'s. solution may be NULL. 0 or -ENOMEM. */
int memory_lp(const struct memory_problem *problem, const struct memory_solution *solution,
              struct lp **ret);

#endif
