/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/set_demands.h"

#include <math.h>

#include "planner/vcpu/core_speed.h"

/* What each vCPU counts with where none is measured. */
static const double ALIKE = 0.5;

bool set_demands_are_guests(const struct vcpu_settings *settings, enum topology_level level)
{
    return settings->learn_habits && level > TOPOLOGY_LEVEL_CORE;
}

/* What it wants of the fastest pCPU. */
static double work_of(const struct vcpu_track *track)
{
    return demand_at_full_rate(track->demand, track->speed);
}

/* Each vCPU's part of what its guest as a whole is expected to want. */
static void fill_guest(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                       const struct vcpu_tracks *tracks, struct vcpu_build *build, size_t first,
                       size_t n)
{
    const struct guest_load *load = &tracks->track[first].guest;
    double sum = 0, n_running = 0;

    for (size_t i = first; i < first + n; i++)
        if (sample->vcpus[i].running) {
            sum += work_of(&tracks->track[i]);
            n_running++;
        }
    for (size_t i = first; i < first + n; i++) {
        double own = work_of(&tracks->track[i]);

        if (!sample->vcpus[i].running)
            continue;
        if (set_demands_are_guests(settings, build->level) && load->n > 0)
            own = sum > 0 ? own * load->demand / sum : load->demand / n_running;
        if (!settings->use_demands)
            own = ALIKE;
        build->demand_permille[i] = (int)lround(1000 * fmin(1, own));
        build->charge_permille[i] =
            (int)lround(1000 * fmax(fmin(1, own), tracks->track[i].reserve));
    }
}

void set_demands_fill(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                      const struct vcpu_tracks *tracks, struct vcpu_build *build)
{
    size_t n;

    for (size_t i = 0; i < sample->n_vcpus; i += n) {
        n = vcpu_sample_guest_size(sample, i);
        fill_guest(settings, sample, tracks, build, i, n);
    }
    for (size_t i = 0; i < sample->n_vcpus; i++)
        build->item_of[i] = build->wide_of[i] = -1;
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        const struct background *background = &tracks->background[p];

        build->cost[p] = 1 / core_speed(&sample->pcpus[p]);
        build->background_permille[p] =
            (int)lround(1000 * background_share(background, &sample->pcpus[p]));
        if (background->known)
            build->error_permille[p] = (int)lround(1000 * fmin(1, background->error));
    }
}
