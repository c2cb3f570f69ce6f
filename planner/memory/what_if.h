/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_WHAT_IF_H
#define EVENKEEL_PLANNER_MEMORY_WHAT_IF_H

#include "planner/memory/planner.h"

/* What would be decided if things were otherwise than in the last sample. */
struct memory_floor {
    struct guest_id guest;
    uint64_t floor_kib; /* never less than this, as the guest's own policy could say */
};
struct memory_what_if {
    const struct guest_id *without; /* [n_without] guests that are not there */
    size_t n_without;
    const struct memory_floor *floors; /* [n_floors] */
    size_t n_floors;
    struct work limits;
};

/* A copy, with all that it remembers; NULL without memory. */
struct memory_planner *memory_planner_copy(const struct memory_planner *planner);

/* Makes a planner, a copy for this alone, one that has seen the other host, and *ret that host's
 * sample: what guests held that are not there is free. sample is the one of its last step. 0, or
 * -ENOMEM: the planner is of no use then. */
int memory_planner_suppose(struct memory_planner *planner, const struct memory_what_if *what_if,
                           const struct memory_sample *sample, struct memory_sample *ret);

/* What would be decided now on the sample that was seen last. As memory_planner_step(), but that nothing
 * is remembered. */
int memory_planner_answer(struct memory_planner *planner, const struct memory_sample *sample,
                          struct memory_plan *ret, struct err *err);

#endif
