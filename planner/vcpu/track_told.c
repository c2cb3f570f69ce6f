/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tracks hear after a sample: how it went on with the plan. */
#include <string.h>

#include "planner/vcpu/track.h"

/* A vCPU whose pins fail (its guest migrates, or the hypervisor refuses) is asked again after this;
 * where nothing was learnt of it, after twice as long, and so on. */
static const double RETRY_S = 5;

void vcpu_tracks_refuse(const struct vcpu_settings *settings, struct vcpu_tracks *tracks,
                        const struct guest_id *guest, unsigned vcpu, int pcpu)
{
    bool is_new =
        pcpu >= 0 && settings->left_out_s > 0 &&
        reach_refuse(&tracks->refused, guest, (unsigned)pcpu, tracks->at_ns, settings->left_out_s);

    for (size_t i = 0; i < tracks->n; i++) {
        struct vcpu_track *track = &tracks->track[i];

        if (track->counter.vcpu != vcpu || memcmp(track->counter.uuid, guest->uuid, 16) != 0)
            continue;
        if (is_new)
            track->refusal = (struct backoff){0};
        backoff_fail(&track->refusal, tracks->at_ns, RETRY_S);
    }
}

void vcpu_tracks_correct(struct vcpu_tracks *tracks, const struct vcpu_plan *plan)
{
    for (size_t i = 0; i < plan->n_places && i < tracks->n; i++)
        if (vcpu_plan_changes(plan, i))
            foreign_correct(&tracks->track[i].foreign);
    if (plan->n_pins + plan->n_releases)
        foreign_correct_host(tracks->at_ns, &tracks->duel);
}
