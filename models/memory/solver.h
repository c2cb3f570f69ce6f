/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_MEMORY_SOLVER_H
#define EVENKEEL_MODELS_MEMORY_SOLVER_H

#include "models/base/work.h"
#include "models/lp/solver.h"
#include "models/memory/problem.h"

/* The program of models/README.md, "The program", solved by GLPK from the greedy fill's basis, and
 * judged by the exact bound. */

enum memory_method {
    MEMORY_METHOD_SIMPLEX, /* GLPK's optimum */
    MEMORY_METHOD_FILL,    /* GLPK had no answer: the greedy fill, judged by the same bound */
};

struct memory_solution {
    enum solve_status status; /* OPTIMAL, or FEASIBLE when the bound does not prove it */
    enum memory_method method;
    int64_t *sizes_kib; /* [n_items] owned */
    size_t n_items;
    struct memory_level level;
    int dual; /* dual of the capacity: the price of the segment that the next KiB would go to */
    /* Cost in price times MiB; hold is changing nothing. */
    double objective, bound, hold_objective;
    double gap;        /* (objective - bound) / objective; 0 when proven */
    int columns, free; /* MEMORY_METHOD_SIMPLEX: of GLPK's program, and how many have a length */
    struct work work;
};

/* Keeps GLPK and its memory warm from interval to interval. */
struct memory_solver;
struct memory_solver *memory_solver_new(void); /* NULL: out of memory */
void memory_solver_free(struct memory_solver *solver);
/* 0, -ENOMEM or -EINVAL. *ret is set only on 0. */
int memory_solve(struct memory_solver *solver, const struct memory_problem *problem,
                 const struct work *limits, struct memory_solution *ret);
void memory_solution_done(struct memory_solution *solution);

#endif
