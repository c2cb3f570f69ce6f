/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_CERTIFY_HOLD_SOLUTION_H
#define EVENKEEL_MODELS_CERTIFY_HOLD_SOLUTION_H

#include "models/placement/problem.h"

/* Changing nothing as a solution, with the bound that is known without a search. Everybody has to be
 * in an allowed bin. 0, -ENOMEM or -EINVAL. */
int hold_solution(const struct placement_problem *problem, struct placement_solution *ret);

#endif
