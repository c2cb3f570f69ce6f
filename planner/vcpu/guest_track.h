/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_GUEST_TRACK_H
#define EVENKEEL_PLANNER_VCPU_GUEST_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/sample.h"

/* What is remembered of guests as wholes from sample to sample, sorted by UUID. */
struct vcpu_guest_track {
    unsigned char uuid[16];
    int run; /* which of its starts */
    bool has_helpers;
    uint64_t helpers_ns;
};
struct vcpu_guest_tracks {
    struct vcpu_guest_track *track; /* owned */
    size_t n;
};

/* Fills now, whose room is for every guest of the sample. helpers [n_guests]: what the other
 * threads of each ran since the sample before, as a share of a pCPU. */
void guest_track_next(const struct vcpu_guest_tracks *before, const struct vcpu_sample *sample,
                      double elapsed_s, struct vcpu_guest_tracks *now, double *helpers);

/* Whether a guest was started since the sample before, as far as that is told. */
bool guest_track_is_restarted(const struct vcpu_guest_tracks *before,
                              const struct vcpu_guest_tracks *now, const struct guest_id *guest);

#endif
