/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_WHAT_IF_H
#define EVENKEEL_PLANNER_VCPU_WHAT_IF_H

#include "planner/vcpu/planner.h"

/* What would be decided if things were otherwise than in the last sample. */
struct vcpu_what_if {
    const struct guest_id *without; /* [n_without] guests that are not there */
    size_t n_without;
    struct cpuset
        reserve; /* pCPUs that guests may not use, beside those that they may not anyhow */
    struct work limits;
};

/* A copy, with all that it remembers; NULL without memory. */
struct vcpu_planner *vcpu_planner_copy(const struct vcpu_planner *planner);

/* Makes a planner, a copy for this alone, one that has seen the other host, and *ret that host's
 * sample. sample is the one of its last step; where a mask in it was changed since, that is what
 * holds. 0, or -ENOMEM: the planner is of no use then. */
int vcpu_planner_suppose(struct vcpu_planner *planner, const struct vcpu_what_if *what_if,
                         const struct vcpu_sample *sample, struct vcpu_sample *ret);

#endif
