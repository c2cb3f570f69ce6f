/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_PLAN_SEARCH_H
#define EVENKEEL_MODELS_SOLVE_PLAN_SEARCH_H

#include <stdbool.h>

#include "models/base/work.h"
#include "models/bound/patterns.h"
#include "models/bound/windows.h"

/* A whole-number question over some of a store's patterns: is there a plan with F <= cutoff and
 * D among windows from .. to? */
struct plan_search {
    const struct windows *windows;
    const struct pattern_store *patterns;
    const int *chosen; /* [n_chosen] patterns */
    int n_chosen;
    const int64_t *excess; /* NULL, or [n_chosen] and slack as in propagation.h */
    int64_t slack;
    int from, to;
    int64_t cutoff;  /* in F */
    const int *plan; /* [n] a plan whose patterns may serve as a start, or NULL */
    int64_t max_nodes;
};
struct plan_search_result {
    bool found;    /* *bin_of [n] holds a plan; its F is for the caller to judge */
    bool complete; /* apart from that plan, no other has F <= cutoff: proven */
};
/* 0, -ENOMEM or -EPROTO (GLPK gave up). */
int plan_search(const struct plan_search *search, struct work *work, int *bin_of,
                struct plan_search_result *ret);

#endif
