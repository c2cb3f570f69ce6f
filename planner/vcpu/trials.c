/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/trials.h"

#include <errno.h>
#include <stdlib.h>

/* Run delay beyond this share of the time may have changed what a vCPU seemed to want. */
static const double WAITED = 0.05;

/* What a vCPU wants, where it was seen and not guessed, and does not settle; otherwise 0. */
static double compared(const struct vcpu_track *track, uint64_t began_ns)
{
    return track->known && !track->censored && track->cap.until_ns == 0 &&
                   track->settles_ns <= began_ns
               ? track->level
               : 0;
}

/* Who wanders, or has just changed, is moved for that, and wants something else wherever it goes. */
static double before_move(const struct vcpu_track *track, uint64_t began_ns)
{
    bool is_calm = track->steady > 1 && !vcpu_history_wanders(&track->history);

    return is_calm ? compared(track, began_ns) : 0;
}

int trials_next(const struct vcpu_tracks *before, const struct vcpu_sample *sample,
                const struct vcpu_usage *usage, struct vcpu_tracks *now)
{
    size_t n = sample->n_vcpus, at = 0;
    bool any_moved = vcpu_usage_is_any_moved(usage, n);
    struct vcpu_trial *trials = calloc(n + 1, sizeof(*trials));
    double *after = calloc(n + 1, sizeof(*after));
    int r = trials && after ? 0 : -ENOMEM;

    speed_carry(before->speed, before->n_pcpus, sample, now->speed);
    for (size_t i = 0; r == 0 && i < n; i++) {
        const struct vcpu_track *old = vcpu_tracks_find(before, &at, &sample->vcpus[i]);
        struct vcpu_track *track = &now->track[i];

        if (!old)
            continue;
        trials[i] = old->trial;
        after[i] = usage[i].moved || track->censored ? 0 : track->observed;
        if (any_moved)
            track->trial = (struct vcpu_trial){.from = usage[i].was_pcpu,
                                               .to = sample->vcpus[i].pcpu,
                                               .before = before_move(old, before->began_ns),
                                               .waited = old->activity > old->observed + WAITED};
    }
    if (r == 0) {
        speed_learn(now->speed, now->n_pcpus, trials, after, n);
        for (size_t i = 0; i < n; i++)
            after[i] = compared(&now->track[i], now->began_ns);
        speed_compare(now->speed, sample, after, now->elapsed_s);
    }
    free(trials);
    free(after);
    return r;
}
