/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_GUEST_TRACK_H
#define EVENKEEL_PLANNER_VCPU_GUEST_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/backoff.h"
#include "planner/base/sample.h"
#include "planner/vcpu/history.h"
#include "planner/vcpu/settings.h"

/* What is remembered of guests as wholes from sample to sample, sorted by UUID. */
struct vcpu_guest_track {
    unsigned char uuid[16];
    int run; /* which of its starts */
    bool has_helpers;
    uint64_t helpers_ns;
    bool knows_helpers; /* the following was observed */
    double
        helpers_speed; /* of what its other threads run on (core_speed.h); 1: all pCPUs are alike */
    double helpers;    /* forecast of what they want, in pCPUs of the fastest kind; 0 where nothing
                             depends on it */
    struct vcpu_history history; /* of that */
    struct backoff refusal;      /* a pin of them failed: they are left alone */
    bool
        is_widened; /* the last plan moves it from a set to a node; whether that was done is not told yet */
    struct backoff wide; /* it outgrew a set: it stays on a node */
};
struct vcpu_guest_tracks {
    struct vcpu_guest_track *track; /* owned */
    size_t n;
};

/* Whether what other threads than vCPUs want counts by itself: where anything depends on where they run. */
bool guest_track_counts_helpers(const struct vcpu_settings *settings,
                                const struct vcpu_sample *sample);
/* Fills now, whose room is for every guest of the sample. helpers [n_guests]: what the other
 * threads of each ran since the sample before, as a share of a pCPU. */
void guest_track_next(const struct vcpu_guest_tracks *before, const struct vcpu_sample *sample,
                      double elapsed_s, struct vcpu_guest_tracks *now, double *helpers);
/* What they want, once the speeds are known on which they ran that. */
void guest_track_forecast(const struct vcpu_settings *settings,
                          const struct vcpu_guest_tracks *before, const struct vcpu_sample *sample,
                          double elapsed_s, const double *helpers, struct vcpu_guest_tracks *now);
/* NULL: nothing is known of the guest. */
struct vcpu_guest_track *guest_track_find(const struct vcpu_guest_tracks *tracks,
                                          const struct guest_id *guest);

/* Whether a guest was started since the sample before, as far as that is told. */
bool guest_track_is_restarted(const struct vcpu_guest_tracks *before,
                              const struct vcpu_guest_tracks *now, const struct guest_id *guest);

#endif
