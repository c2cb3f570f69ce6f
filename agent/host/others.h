/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_OTHERS_H
#define EVENKEEL_AGENT_HOST_OTHERS_H

#include <stddef.h>
#include <stdint.h>

#include "planner/base/sample.h"

/* The load of guests that are not ours, from their own CPU times between two samples, for hosts
 * whose busy times nobody tells. A pinned vCPU loads its pCPU; a floating one each pCPU that it may
 * run on in equal shares, because where it ran is not known. */
struct others {
    struct other_vcpu *now, *before; /* owned */
    size_t n_now, room_now, n_before, room_before;
    uint64_t before_ns; /* time of the sample before */
    double *load;       /* [n of the sample's pCPUs] permille, owned */
    bool is_full;       /* out of memory */
};

/* One of their vCPUs, in any order. */
void others_add(struct others *others, const struct vcpu_sample *sample,
                const unsigned char uuid[16], unsigned vcpu, uint64_t time_ns,
                const struct cpuset *affinity);
/* Sets the pCPUs' background_permille where others have been added. 0 or -ENOMEM. */
int others_end(struct others *others, struct vcpu_sample *sample);
void others_done(struct others *others);

#endif
