/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu_settle.h"

#include <math.h>
#include <string.h>

/* From this part of all demand on, what settles decides the plan. */
#define SURGE (1.0 / 3.0)

struct sums {
    double settling, woke, settled_busy;
    size_t n_settling, n_settled_busy;
};

static bool settles(const struct vcpu_tracks *tracks, size_t i)
{
    const struct vcpu_track *track = &tracks->track[i];

    return track->settles_ns > tracks->at_ns && track->activity >= VCPU_IDLE;
}

static void add(const struct vcpu_tracks *tracks, size_t i, struct sums *sums)
{
    const struct vcpu_track *track = &tracks->track[i];

    if (settles(tracks, i)) {
        sums->settling += track->demand;
        sums->woke += track->settling == VCPU_WOKE ? track->demand : 0.0;
        sums->n_settling++;
    } else if (track->demand >= VCPU_IDLE) {
        sums->settled_busy += track->demand;
        sums->n_settled_busy++;
    }
}

void vcpu_settle(const struct vcpu_tracks *tracks, const enum vcpu_role *roles, double *demand,
                 struct vcpu_settle *ret)
{
    struct sums sums = {0};
    double total;

    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < tracks->n; i++)
        if (vcpu_role_plays(roles[i]))
            add(tracks, i, &sums);
    total = sums.settling + sums.settled_busy;
    ret->n = sums.n_settling;
    ret->surge = sums.n_settling > 0 && sums.settling >= SURGE * total;
    ret->waking = ret->surge && sums.woke >= SURGE * total;
    for (size_t i = 0; i < tracks->n; i++) {
        const struct vcpu_track *track = &tracks->track[i];

        demand[i] = roles[i] == VCPU_ABSENT ? 0.0 : track->demand;
        if (!vcpu_role_plays(roles[i]) || !settles(tracks, i))
            continue;
        ret->left_s = fmax(ret->left_s, (double)(track->settles_ns - tracks->at_ns) / 1e9);
        if (ret->surge)
            demand[i] = sums.settling / (double)sums.n_settling;
        else if (track->settling == VCPU_WOKE)
            demand[i] = fmin(demand[i], sums.settled_busy / (double)sums.n_settled_busy);
    }
}
