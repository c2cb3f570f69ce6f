/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_GUEST_LOAD_H
#define EVENKEEL_PLANNER_VCPU_GUEST_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "planner/base/sample.h"
#include "planner/vcpu/history.h"

/* What a guest wants as a whole, for levels above pcpu. A set is steadier than a pCPU, its guests are
 * moved as wholes, and a burst of a second is the kernel's business: so a guest is planned there with the
 * mean of about a minute, and with what lasts of a deviation from it (history.h). Its vCPUs work
 * together, so how noisy it is shows in their sum and not in each of them. */
struct guest_load {
    size_t n;                    /* vCPUs that the history is of; 0: nothing is known */
    struct vcpu_history history; /* of one of them on average */
    double demand;               /* expected, of all of them together */
    double error;                /* standard error of that, as far as it shows */
    bool started;                /* it was not there when watching began */
};

struct vcpu_track;

/* One more observation of each guest. It is remembered at the first of its vCPUs in the sample:
 * track [n_vcpus], whose `guest` is what was known before. is_first: of all guests. */
void guest_load_next(const struct vcpu_sample *sample, double elapsed_s, bool is_first,
                     struct vcpu_track *track);

/* Whether it has just started: what it wants while it boots tells little of what it will want. */
bool guest_load_is_new(const struct guest_load *load);
/* What each vCPU of such a guest promises: the mean demand of busy ones whose guests are known, 0..1.
 * Guests that start together would all be placed where there happens to be room else, and work there
 * at once. */
double guest_load_promise(const struct vcpu_sample *sample, const struct vcpu_track *track);

/* The variance of one observation of a vCPU, as guests that were seen longer have it on average; 0:
 * nobody was. What is not known yet of a new one. */
double guest_load_usual_variance(const struct vcpu_sample *sample, const struct vcpu_track *track);
/* The variance of what a guest is expected to want. A few observations look more alike than they are, so
 * it is at least the usual one at first. */
double guest_load_variance(const struct guest_load *load, double usual);

#endif
