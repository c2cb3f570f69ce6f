/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_PROGRAM_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_PROGRAM_FIXTURE_H

#include "models/lp/solver.h"

/* Small programs for the tests of the solver. */
void assert_near(double value, double expected);

/* min costs x, lower <= x <= upper, and no row yet. */
struct lp *program(int n, const double costs[], double lower, double upper, enum lp_kind kind);
void add_row(struct lp *lp, double lower, double upper, const double coefficients[]);
/* max 5a + 4b + 3c  s.t.  2a + 3b + c <= 5,  4a + b + 2c <= 11,  3a + 4b + 2c <= 8: the optimum is
 * 13 at (2, 0, 1). */
struct lp *textbook(enum lp_kind kind);
/* Jeroslow's program: min z, 2 (x_1 + ... + x_15) + z = 15, all binary: every tree has at least 2^7
 * nodes. */
struct lp *stubborn(void);

/* Takes the program; each asserts that the call succeeds. */
struct solver *solver_of(struct lp *lp);
enum solve_status simplex(struct solver *solver, struct work *work);
enum solve_status branch(struct solver *solver, struct solver_branching how, struct work *work);

#endif
