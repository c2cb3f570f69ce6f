/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_REACH_H
#define EVENKEEL_PLANNER_VCPU_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/backoff.h"
#include "planner/base/sample.h"

/* Where a vCPU may be planned: on online pCPUs that guests may use at all, inside what its owner's
 * definitions permit, inside the mask that somebody else gave it, and not where its guest was
 * refused of late. */

/* The live mask that somebody else gave a vCPU. Many limits show nowhere else: slices, containers,
 * isolated pCPUs, placement by numad. A mask that we set
 * ourselves is marked as ours. One that held every online pCPU when it was seen limits nothing. Start from {0}. */
struct vcpu_mask {
    bool known, confines;
    struct cpuset set;
};

/* What is known after one more reading. before: NULL where the guest was started since. */
void reach_see_mask(const struct vcpu_mask *before, const struct vcpu_sample *sample,
                    const struct vcpu_reading *reading, struct vcpu_mask *ret);

/* A pCPU onto which a pin of this guest was refused. */
struct vcpu_refused_pcpu {
    unsigned char uuid[16];
    unsigned pcpu;
    struct backoff backoff;
};
struct vcpu_refused_pcpus {
    struct vcpu_refused_pcpu *list; /* owned, in the order of refusals */
    size_t n;
};

/* The pCPU is left out for the guest for left_out_s, then for twice that, and so on. Without memory
 * it is not. Whether that is news. */
bool reach_refuse(struct vcpu_refused_pcpus *refused, const struct guest_id *guest, unsigned pcpu,
                  uint64_t now_ns, double left_out_s);
/* A copy without what is long over. 0 or -ENOMEM. */
int reach_keep_refused(const struct vcpu_refused_pcpus *before, uint64_t now_ns, double left_out_s,
                       struct vcpu_refused_pcpus *ret);

/* Fills may [n_pcpus] for one reading. A mask without a pCPU that the definition permits is not
 * followed, and neither are refusals that leave nothing. mask may be NULL. */
void reach_of(const struct vcpu_sample *sample, const struct vcpu_reading *reading,
              const struct vcpu_mask *mask, const struct vcpu_refused_pcpus *refused, bool *may);

#endif
