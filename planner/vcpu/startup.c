/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/startup.h"

#include <math.h>
#include <string.h>

/* From this part of all demand on, what settles decides the plan. */
static const double SURGE = 1.0 / 3.0;

struct sums {
    double settling, woke, settled_busy;
    size_t n_settling, n_settled_busy;
};

static bool is_busy(const struct vcpu_track *track)
{
    return track->activity >= VCPU_IDLE;
}

/* Pinned vCPUs: floating ones that are placed now have waited for themselves. */
static bool is_counted(const struct vcpu_tracks *tracks, const enum vcpu_role *roles, size_t i)
{
    return vcpu_role_is_in_problem(roles[i]) && roles[i] != VCPU_PLACED && tracks->track[i].known;
}

/* Those that began together are believed together: as long as one is restless, none is. */
static bool has_restless(const struct vcpu_tracks *tracks, const enum vcpu_role *roles)
{
    for (size_t i = 0; i < tracks->n; i++)
        if (is_counted(tracks, roles, i) && is_busy(&tracks->track[i]) &&
            vcpu_track_is_restless(tracks, i))
            return true;
    return false;
}

static bool is_settling(const struct vcpu_tracks *tracks, const struct vcpu_startup *startup,
                        size_t i)
{
    return startup->restless && vcpu_track_is_settling(tracks, i) && is_busy(&tracks->track[i]);
}

static void add(const struct vcpu_tracks *tracks, const struct vcpu_startup *startup, size_t i,
                struct sums *sums)
{
    const struct vcpu_track *track = &tracks->track[i];

    if (is_settling(tracks, startup, i)) {
        sums->settling += track->demand;
        sums->woke += track->settling == VCPU_WOKE ? track->demand : 0;
        sums->n_settling++;
    } else if (track->demand >= VCPU_IDLE) {
        sums->settled_busy += track->demand;
        sums->n_settled_busy++;
    }
}

static void judge(const struct vcpu_tracks *tracks, const enum vcpu_role *roles, struct sums *sums,
                  struct vcpu_startup *ret)
{
    double total;

    ret->restless = has_restless(tracks, roles);
    for (size_t i = 0; i < tracks->n; i++) {
        bool waits = roles[i] == VCPU_WAITS;

        if (is_counted(tracks, roles, i))
            add(tracks, ret, i, sums);
        if (waits || (is_counted(tracks, roles, i) && is_settling(tracks, ret, i))) {
            double left_s = (double)(int64_t)(tracks->track[i].settles_ns - tracks->began_ns) / 1e9;

            ret->left_s = fmax(ret->left_s, left_s);
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
                        const struct sums *sums, const struct vcpu_startup *startup)
{
    const struct vcpu_track *track = &tracks->track[i];
    double mean = sums->n_settling ? sums->settling / (double)sums->n_settling : 0;
    bool is_idle = track->demand < VCPU_IDLE && !is_busy(track);

    if (roles[i] == VCPU_ABSENT)
        return 0;
    if (!is_counted(tracks, roles, i))
        return track->demand;
    if (is_settling(tracks, startup, i) && startup->surge)
        return mean;
    if (is_settling(tracks, startup, i) && track->settling == VCPU_WOKE)
        return fmin(track->demand, sums->settled_busy / (double)sums->n_settled_busy);
    return is_idle && startup->waking ? mean : track->demand;
}

void vcpu_startup_judge(const struct vcpu_tracks *tracks, const enum vcpu_role *roles,
                        double *demand, struct vcpu_startup *ret)
{
    struct sums sums = {0};

    memset(ret, 0, sizeof(*ret));
    judge(tracks, roles, &sums, ret);
    for (size_t i = 0; i < tracks->n; i++)
        demand[i] = plan_with(tracks, roles, i, &sums, ret);
}
