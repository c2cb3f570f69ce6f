/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/guest_track.h"

#include <string.h>

#include "planner/base/units.h"

static const struct vcpu_guest_track *find(const struct vcpu_guest_tracks *tracks,
                                           const struct guest_id *guest)
{
    size_t low = 0, high = tracks->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(tracks->track[middle].uuid, guest->uuid, sizeof(guest->uuid));

        if (order == 0)
            return &tracks->track[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

void guest_track_next(const struct vcpu_guest_tracks *before, const struct vcpu_sample *sample,
                      double elapsed_s, struct vcpu_guest_tracks *now, double *helpers)
{
    now->n = sample->n_guests;
    for (size_t g = 0; g < sample->n_guests; g++) {
        const struct guest_reading *guest = &sample->guests[g];
        const struct vcpu_guest_track *old = find(before, &guest->guest);
        struct vcpu_guest_track *track = &now->track[g];

        track->run = guest->run;
        track->has_helpers = guest->has_helpers;
        track->helpers_ns = guest->helpers_ns;
        memcpy(track->uuid, guest->guest.uuid, sizeof(track->uuid));
        if (old && old->has_helpers && guest->has_helpers && elapsed_s > 0 &&
            guest->helpers_ns >= old->helpers_ns)
            helpers[g] = seconds_from_ns(guest->helpers_ns - old->helpers_ns) / elapsed_s;
    }
}

bool guest_track_is_restarted(const struct vcpu_guest_tracks *before,
                              const struct vcpu_guest_tracks *now, const struct guest_id *guest)
{
    const struct vcpu_guest_track *old = find(before, guest), *track = find(now, guest);

    return old && track && old->run != track->run;
}
