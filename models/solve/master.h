/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_MASTER_H
#define EVENKEEL_MODELS_SOLVE_MASTER_H

#include <stdbool.h>

#include "models/base/work.h"
#include "models/bound/patterns.h"
#include "models/bound/windows.h"
#include "models/lp/solver.h"

/* Set partitioning over patterns (README.md, "Pattern master"): one row per vCPU and one per bin,
 * all coefficients 1, costs in cost units. Rows 0 .. n-1 are the vCPUs, n .. n+m-1 the bins. */

/* The linear program of column generation, aimed at one window at a time: patterns that do not fit
 * into it are fixed at 0. Artificial columns, one per row, keep every aim feasible. */
struct master {
    const struct windows *windows;
    struct work *work;
    struct solver *solver;
    struct pattern_store patterns; /* pattern k is column n + m + k */
    int target;
};

/* 0, -ENOMEM or -EPROTO (GLPK gave up) here and below. */
int master_new(const struct windows *windows, struct work *work, struct master *ret);
void master_done(struct master *master);
/* 1: added, 0: already there. */
int master_add(struct master *master, int bin, const int *items, int n_items);
/* Adds a plan and makes it the basis, from which the simplex starts. */
int master_start(struct master *master, const int *bin_of);
int master_aim(struct master *master, int target);
int master_solve(struct master *master, enum solve_status *ret);
/* Of the last optimum: value in cost units, vCPU prices rounded to 1 / price_scale, and the reduced
 * cost of any pattern. */
double master_value(const struct master *master);
void master_prices(const struct master *master, int *ret);
/* The patterns weigh what they are worth there. */
void master_weigh(struct master *master);
double master_reduced_cost(const struct master *master, const struct pattern *pattern);

/* A whole-number question over some of a store's patterns: is there a plan with F <= objective and
 * D among windows from .. to? */
struct plan_search {
    const struct windows *windows;
    const struct pattern_store *patterns;
    const int *chosen; /* [n_chosen] patterns */
    int n_chosen;
    const int64_t *excess; /* NULL, or [n_chosen] and slack as in propagation.h */
    int64_t slack;
    int from, to;
    int64_t objective;
    const int *plan; /* [n] a plan whose patterns may serve as a start, or NULL */
    int64_t max_nodes;
};
struct plan_search_result {
    bool found;    /* *bin_of [n] holds a plan; its F is for the caller to judge */
    bool complete; /* apart from that plan, no other has F <= objective: proven */
};
int plan_search(const struct plan_search *search, struct work *work, int *bin_of,
                struct plan_search_result *ret);

#endif
