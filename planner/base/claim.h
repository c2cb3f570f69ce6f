/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_BASE_CLAIM_H
#define EVENKEEL_PLANNER_BASE_CLAIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/sample.h"

/* What guests' own definitions claim, and how much of it counts: no guest's text is to take from the
 * others. Where all together claim too much, nobody's claim counts with more than a level that is
 * the same for all, so whoever claims little keeps it, whatever others write.
 *
 * A size claims as a floor does. One that is cut becomes a floor of what is left, and the size is
 * the ceiling. A weight of 100 or less claims nothing. */
struct claim_limits {
    double floor_pct,
        floor_sum_pct;      /* a guest's floor, and all of them: percent of the host's memory */
    double weight;          /* a guest's weight */
    double weight_sum_pct;  /* what weights have beyond 100 each, in percent of 100 each */
    double reserve_pct;     /* for each vCPU of a guest, percent of a pCPU */
    double reserve_sum_pct; /* for all that run: percent of the pCPUs that guests may use */
};
void claim_limits_default(struct claim_limits *ret);

enum claim_kind { CLAIM_FLOOR, CLAIM_SIZE, CLAIM_WEIGHT, CLAIM_RESERVE };
/* A claim of which not all counts. KiB, weights, or permille of a pCPU. */
struct claim_cut {
    struct guest_id guest;
    enum claim_kind kind;
    bool is_sum; /* because of what all claim together */
    uint64_t claimed, counted;
};
struct claim_cuts {
    struct claim_cut *list; /* owned */
    size_t n;
};
void claim_cuts_done(struct claim_cuts *cuts);

/* Cuts the claims in a sample to the limits. What has been cut once is not cut again. 0 or -ENOMEM,
 * and then the sample is as it was. */
int claim_limit_memory(const struct claim_limits *limits, struct memory_sample *sample,
                       struct claim_cuts *ret);
/* pCPUs have to have their use. */
int claim_limit_vcpus(const struct claim_limits *limits, struct vcpu_sample *sample,
                      struct claim_cuts *ret);

#endif
