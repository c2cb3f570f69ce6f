/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program of a plan search (models/solve/plan_search.h): which patterns partition the items at least cost.
 *
 *     min  price * deviation + sum_k cost_k * x_k
 *     s.t. each item in one chosen pattern, one chosen pattern per bin,
 *          deviation >= what pattern k stands for beyond the first window, if k is chosen.
 *
 * Propagation (models/solve/propagation.h) decides what has no choice; only the rest has rows. Not all
 * patterns are columns from the start: the cheapest are, and the relaxation asks for the others. */
#ifndef EVENKEEL_MODELS_SOLVE_PLAN_PROGRAM_H
#define EVENKEEL_MODELS_SOLVE_PLAN_PROGRAM_H

#include "models/base/arena.h"
#include "models/lp/solver.h"
#include "models/solve/plan_search.h"
#include "models/solve/propagation.h"

/* Patterns or columns, sorted by key. */
struct ranked {
    double key;
    int k;
};

/* Columns: an artificial per row, then (where the windows differ) the deviation beyond window `from`
 * in permille, then patterns, not all of them from the start. Rows: items and bins about which
 * propagation leaves a choice, and one per bin that ties the deviation to its pattern. */
struct plan_program {
    const struct plan_search *search;
    const struct instance *in;
    struct solver *solver;
    struct propagation left;
    int *kept, n_kept;       /* patterns of the store about which there is a choice */
    int64_t *excess;         /* [n_kept] */
    int *item_row, *bin_row; /* [n], [m], -1: no choice */
    int n_rows;
    bool spread; /* more than one window */
    int deviation, first_column;
    double least_beyond; /* of the patterns without a choice */
    double base; /* what window `from` costs before any price, and the prices without a choice */
    double cutoff;
    int *listed, n_listed; /* kept patterns in the program, in the order of their columns */
    int n_plan;            /* the first so many are the known plan's */
    bool *is_listed;       /* [n_kept] */
    int *wanted, n_wanted; /* scratch, all the rest */
    struct ranked *ranked;
    int *members; /* [m] of the known plan */
    int *rows;
    double *coefficients;
};

/* Sorts the patterns of program->search into those without and those with a choice, and numbers the rows.
 * The arena owns what it makes, also below. 0 or a negative errno. */
int plan_program_sort_out(struct plan_program *program, struct arena *arena);

/* The program with its first columns, at the basis of the known plan. Owned by the caller in
 * program->solver, also after an error. program->cutoff is known. 0 or a negative errno. */
int plan_program_open(struct plan_program *program, struct arena *arena);

/* The optimum of the relaxation over all kept patterns. 0 or a negative errno. */
int plan_program_solve_root(struct plan_program *program, struct work *work,
                            enum solve_status *status);

/* The kept pattern k joins the program. 0 or a negative errno. */
int plan_program_list(struct plan_program *program, int k);

/* Of the kept pattern k, at the duals of the last relaxation. */
double plan_program_reduced_cost(const struct plan_program *program, int k);

const struct pattern *plan_program_pattern(const struct plan_program *program, int k);

/* Whether the known plan uses this pattern; never without a plan. */
bool plan_program_in_plan(const struct plan_program *program, const struct pattern *pattern);

/* Deviation of a window beyond the first one, in permille. */
double plan_program_beyond(const struct plan_program *program, int window);

/* What one permille of it costs, in the columns' units. */
double plan_program_deviation_price(const struct plan_program *program);

/* An objective in units of the columns' costs. */
double plan_program_cost_units(const struct plan_program *program, int64_t objective);

#endif
