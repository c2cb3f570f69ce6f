/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_SET_PROBLEM_H
#define EVENKEEL_PLANNER_VCPU_SET_PROBLEM_H

#include "models/placement/problem.h"
#include "planner/vcpu/set_items.h"
#include "planner/vcpu/settings.h"

/* The placement problem of items on sets. It counts in permille of the largest set: what a small error
 * of rounding is there, is noise, and the models stay within their ranges whatever a set holds. */
struct set_question {
    const struct vcpu_sample *sample;
    const struct vcpu_tracks *tracks;
    const struct vcpu_sets *sets;
    size_t first, n;                     /* the sets that are its bins */
    const struct set_item *const *items; /* [n_items] */
    size_t n_items;
    const double *background; /* [sets->n_all] pCPUs' worth that runs there beside the items */
    bool counts_promises;     /* guest_load.h */
};

/* pCPUs' worth of the largest of those sets. */
double set_question_unit(const struct set_question *question);

/* Fills in items, bins, prices, and where each item may be; the caller adds the objective. The arrays
 * belong to *ret: set_problem_done(). 0 or -ENOMEM, in both cases. */
int set_problem_new(const struct set_question *question, struct placement_problem *ret);
void set_problem_done(struct placement_problem *problem);

#endif
