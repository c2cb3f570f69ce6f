/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_RESTART_H
#define EVENKEEL_MODELS_PACKING_RESTART_H

#include <stdbool.h>
#include <stddef.h>

#include "models/packing/packing.h"

/* A bin is lost: can all that ran in it start again in the others? Asked for each bin alone, with
 * everybody else where he is (current), whoever is stopped staying so. */
enum restart_answer { RESTART_YES, RESTART_NO, RESTART_UNKNOWN };
const char *restart_answer_text(enum restart_answer answer);

struct restart_bin {
    enum restart_answer still; /* nobody else moves */
    enum restart_answer moved; /* with at most max_moves of others; YES where `still` is */
    size_t n_lost;             /* that ran in it */
    /* Without moves: the fewest found that find no place, and the fewest possible. Equal: exact. */
    size_t n_unprotected, least_unprotected;
    int *unprotected; /* [n_unprotected] owned; items, ascending */
    size_t n_moves;   /* where `moved` is YES: moves of its plan */
    int *
        bin_of; /* [n_items] owned; the plan of `moved`, else of the fewest unprotected; -1: none */
};

struct restart_solution {
    struct restart_bin *bins; /* [n_bins] owned */
    size_t n_bins;
    struct work work; /* the caller's limits with the counts filled in */
};

/* For every bin. max_moves 0: `moved` is `still`. 0, -ENOMEM or -EINVAL; *ret is set only on 0. */
int restart_solve(const struct packing_problem *problem, size_t max_moves,
                  const struct work *limits, struct restart_solution *ret);
void restart_solution_done(struct restart_solution *solution);

#endif
