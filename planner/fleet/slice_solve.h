/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_SLICE_SOLVE_H
#define EVENKEEL_PLANNER_FLEET_SLICE_SOLVE_H

#include "models/certify/certify.h"
#include "planner/fleet/slice.h"

/* The search's plan, and GLPK's word on it. */
struct slice_answer {
    int *bin_of;  /* [slice.n] owned, bins of the slice; the start where nothing better is known */
    double bound; /* in price units; 0 where nothing is proven */
    bool is_proven, is_contradicted;
    enum placement_method method;
    char why[160]; /* of the contradiction */
    struct lp *lp; /* owned, or NULL */
};

/* work: the limits with the counts so far, to which this one's are added. 0 or -ENOMEM. */
int slice_solve(const struct slice *slice, bool keep_lp, struct work *work,
                struct slice_answer *ret);
/* GLPK's word on what is in the answer, which keeps its model. Where both do not fit together one of them is wrong: the
 * start is kept, and nothing is known of its value. */
void slice_take_answer(const struct slice *slice, struct placement_answer *given,
                       struct slice_answer *answer);
void slice_answer_done(struct slice_answer *answer);

#endif
