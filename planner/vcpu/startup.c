/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/startup.h"

#include <math.h>
#include <string.h>

/* From this part of all demand on, what settles decides the plan. */
#define SURGE (1.0 / 3.0)

struct sums {
    double settling, woke, settled_busy;
    size_t n_settling, n_settled_busy;
};

static bool busy(const struct vcpu_track *track)
{
    return track->activity >= VCPU_IDLE;
}

/* Pinned vCPUs: floating ones that are placed now have waited for themselves. */
static bool counts(const struct vcpu_tracks *tracks, const enum vcpu_role *roles, size_t i)
{
    return vcpu_role_plays(roles[i]) && roles[i] != VCPU_PLACED && tracks->track[i].known;
}

/* Those that began together are believed together: as long as one is restless, none is. */
static bool any_restless(const struct vcpu_tracks *tracks, const enum vcpu_role *roles)
{
    for (size_t i = 0; i < tracks->n; i++)
        if (counts(tracks, roles, i) && busy(&tracks->track[i]) && vcpu_track_restless(tracks, i))
            return true;
    return false;
}

static bool settles(const struct vcpu_tracks *tracks, const struct vcpu_settle *settle, size_t i)
{
    return settle->restless && vcpu_track_settles(tracks, i) && busy(&tracks->track[i]);
}

static void add(const struct vcpu_tracks *tracks, const struct vcpu_settle *settle, size_t i,
                struct sums *sums)
{
    const struct vcpu_track *track = &tracks->track[i];

    if (settles(tracks, settle, i)) {
        sums->settling += track->demand;
        sums->woke += track->settling == VCPU_WOKE ? track->demand : 0.0;
        sums->n_settling++;
    } else if (track->demand >= VCPU_IDLE) {
        sums->settled_busy += track->demand;
        sums->n_settled_busy++;
    }
}

static void judge(const struct vcpu_tracks *tracks, const enum vcpu_role *roles, struct sums *sums,
                  struct vcpu_settle *ret)
{
    double total;

    ret->restless = any_restless(tracks, roles);
    for (size_t i = 0; i < tracks->n; i++) {
        bool waits = roles[i] == VCPU_WAITS;

        if (counts(tracks, roles, i))
            add(tracks, ret, i, sums);
        if (waits || (counts(tracks, roles, i) && settles(tracks, ret, i))) {
            int64_t left_ns = (int64_t)(tracks->track[i].settles_ns - tracks->began_ns);

            ret->left_s = fmax(ret->left_s, (double)left_ns / 1e9);
            ret->n_waiting += waits;
            ret->n++;
        }
    }
    total = sums->settling + sums->settled_busy;
    ret->surge = sums->n_settling > 0 && sums->settling >= SURGE * total;
    ret->waking = ret->surge && sums->woke >= SURGE * total;
}

/* See the header; what a vCPU is planned with that would be planned with its forecast otherwise. */
static double plan_with(const struct vcpu_tracks *tracks, const enum vcpu_role *roles, size_t i,
                        const struct sums *sums, const struct vcpu_settle *settle)
{
    const struct vcpu_track *track = &tracks->track[i];
    double mean = sums->n_settling ? sums->settling / (double)sums->n_settling : 0.0;
    bool idle = track->demand < VCPU_IDLE && !busy(track);

    if (roles[i] == VCPU_ABSENT)
        return 0.0;
    if (!counts(tracks, roles, i))
        return track->demand;
    if (settles(tracks, settle, i) && settle->surge)
        return mean;
    if (settles(tracks, settle, i) && track->settling == VCPU_WOKE)
        return fmin(track->demand, sums->settled_busy / (double)sums->n_settled_busy);
    return idle && settle->waking ? mean : track->demand;
}

void vcpu_settle(const struct vcpu_tracks *tracks, const enum vcpu_role *roles, double *demand,
                 struct vcpu_settle *ret)
{
    struct sums sums = {0};

    memset(ret, 0, sizeof(*ret));
    judge(tracks, roles, &sums, ret);
    for (size_t i = 0; i < tracks->n; i++)
        demand[i] = plan_with(tracks, roles, i, &sums, ret);
}
