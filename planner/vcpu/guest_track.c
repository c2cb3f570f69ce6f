/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/guest_track.h"

#include <string.h>

#include "planner/base/units.h"
#include "planner/vcpu/forecast.h"

struct vcpu_guest_track *guest_track_find(const struct vcpu_guest_tracks *tracks,
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

bool guest_track_counts_helpers(const struct vcpu_settings *settings,
                                const struct vcpu_sample *sample)
{
    return settings->count_helpers && sample->n_helpers > 0;
}

/* What was forecast of an earlier run is no news of this one. Guests as wholes are planned with their
 * mean of a minute (guest_load.h), and what goes with them as well: else a whole guest moves for a burst of
 * one emulator. */
static void forecast(const struct vcpu_settings *settings, const struct vcpu_guest_track *old,
                     double observed, double elapsed_s, struct vcpu_guest_track *track)
{
    const struct forecast_settings news = {settings->rise_half_life_s, settings->fall_half_life_s};

    track->knows_helpers = true;
    track->helpers = observed;
    if (!old->knows_helpers || old->run != track->run) {
        vcpu_history_begin(observed, &track->history);
        return;
    }
    vcpu_history_next(&old->history, observed, elapsed_s, &track->history);
    track->helpers = settings->learn_habits
                         ? track->history.mean
                         : forecast_next(&news, old->helpers, observed, elapsed_s);
}

static bool has_ran(const struct vcpu_guest_track *old, const struct vcpu_guest_track *track)
{
    return old && old->has_helpers && track->has_helpers && track->helpers_ns >= old->helpers_ns;
}

void guest_track_next(const struct vcpu_guest_tracks *before, const struct vcpu_sample *sample,
                      double elapsed_s, struct vcpu_guest_tracks *now, double *helpers)
{
    now->n = sample->n_guests;
    for (size_t g = 0; g < sample->n_guests; g++) {
        const struct guest_reading *guest = &sample->guests[g];
        const struct vcpu_guest_track *old = guest_track_find(before, &guest->guest);
        struct vcpu_guest_track *track = &now->track[g];

        *track = (struct vcpu_guest_track){.run = guest->run,
                                           .has_helpers = guest->has_helpers,
                                           .helpers_ns = guest->helpers_ns,
                                           .helpers_speed = 1};
        memcpy(track->uuid, guest->guest.uuid, sizeof(track->uuid));
        if (old && old->run == track->run)
            track->refusal = old->refusal;
        if (old && old->run == track->run)
            track->wide = old->wide;
        if (elapsed_s > 0 && has_ran(old, track))
            helpers[g] = seconds_from_ns(guest->helpers_ns - old->helpers_ns) / elapsed_s;
    }
}

void guest_track_forecast(const struct vcpu_settings *settings,
                          const struct vcpu_guest_tracks *before, const struct vcpu_sample *sample,
                          double elapsed_s, const double *helpers, struct vcpu_guest_tracks *now)
{
    if (!guest_track_counts_helpers(settings, sample) || elapsed_s <= 0)
        return;
    for (size_t g = 0; g < now->n; g++) {
        struct vcpu_guest_track *track = &now->track[g];
        const struct vcpu_guest_track *old = guest_track_find(before, &sample->guests[g].guest);

        if (has_ran(old, track))
            forecast(settings, old, helpers[g] * track->helpers_speed, elapsed_s, track);
    }
}

bool guest_track_is_restarted(const struct vcpu_guest_tracks *before,
                              const struct vcpu_guest_tracks *now, const struct guest_id *guest)
{
    const struct vcpu_guest_track *old = guest_track_find(before, guest);
    const struct vcpu_guest_track *track = guest_track_find(now, guest);

    return old && track && old->run != track->run;
}
