/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_SOLVE_CERTIFIED_H
#define EVENKEEL_TESTS_BENCH_SOLVE_CERTIFIED_H

#include "models/placement/problem.h"

/* Solves as the scheduler does, the search and GLPK's word on it. Returns NULL, or what is wrong
 * with the solution, which is the caller's in either case. *ret_glpk_ms: CPU time of that word. */
const char *solve_certified(const struct placement_problem *problem, const struct work *limits,
                            struct placement_solution *ret, double *ret_glpk_ms);

#endif
