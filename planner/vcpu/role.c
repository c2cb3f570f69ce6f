/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/role.h"

#include <errno.h>
#include <stdlib.h>

#include "planner/base/units.h"

/* Above this mean load a pCPU has been full for long: what cannot be told from none is left out
 * (models/placement/fair_share.h). */
static const double FULL = 1.01;
/* Below this mean demand nobody is missed. */
static const double CRUMB = 0.001;

static bool is_busy(const struct vcpu_track *track)
{
    return track->known && (track->activity >= VCPU_IDLE || track->demand >= VCPU_IDLE ||
                            track->reserve >= VCPU_IDLE);
}

/* For a first pin a long interval counts as the first of two calm ones, unless the start filled it:
 * to wait for another is worse than a pin that may have to be changed, since the kernel moves
 * floating vCPUs about meanwhile. */
static bool has_started(const struct vcpu_tracks *tracks, size_t i)
{
    const struct vcpu_track *track = &tracks->track[i];

    return !vcpu_track_is_restless(tracks, i) || track->calm + track->long_start >= 2;
}

/* Whether the floating vCPUs that are busy are ready to be placed. */
static bool are_floats_ready(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                             const struct vcpu_tracks *tracks)
{
    uint64_t patience_ns = ns_from_seconds(settings->settle_s);
    bool all_settled = true;

    for (size_t i = 0; i < sample->n_vcpus; i++) {
        const struct vcpu_track *track = &tracks->track[i];

        if (!sample->vcpus[i].running || !is_busy(track) || sample->vcpus[i].pcpu >= 0 ||
            vcpu_track_is_refusing(tracks, i))
            continue;
        if (track->settles_ns + patience_ns <= tracks->began_ns)
            return true;
        all_settled = all_settled && has_started(tracks, i);
    }
    return all_settled;
}

bool vcpu_role_can_run(const struct vcpu_tracks *tracks, size_t i)
{
    const bool *may = vcpu_track_may(tracks, i);

    for (size_t p = 0; p < tracks->n_pcpus; p++)
        if (may[p])
            return true;
    return false;
}

/* A pin to one isolated or tickless pCPU is somebody's intention, and it is left alone. Nobody
 * intends a pin to a pCPU that the operator keeps, or that the guests' slice has lost. */
static bool is_pinned_apart(const struct vcpu_sample *sample, const struct vcpu_reading *reading)
{
    enum pcpu_use use = reading->at < 0 ? PCPU_USABLE : sample->pcpus[reading->at].use;

    return use == PCPU_ISOLATED || use == PCPU_TICKLESS;
}

bool vcpu_role_is_misplaced(const struct vcpu_sample *sample, const struct vcpu_reading *reading)
{
    return reading->at < 0 || sample->pcpus[reading->at].use != PCPU_USABLE ||
           !cpuset_has(&reading->allowed, (unsigned)reading->pcpu);
}

/* Roles of a vCPU whose pins fail at present. */
static enum vcpu_role role_when_refused(enum vcpu_role role)
{
    return role == VCPU_MUST     ? VCPU_BARRED
           : role == VCPU_MOVES  ? VCPU_STAYS
           : role == VCPU_PLACED ? VCPU_LEFT
           : role == VCPU_WAITS  ? VCPU_LEFT
                                 : role;
}

static enum vcpu_role role_of(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                              size_t i, bool floats_go)
{
    const struct vcpu_reading *reading = &sample->vcpus[i];
    const struct vcpu_track *track = &tracks->track[i];

    if (!reading->running)
        return VCPU_ABSENT;
    if (!vcpu_role_can_run(tracks, i) || is_pinned_apart(sample, reading))
        return VCPU_BARRED;
    if (reading->pcpu < 0 && !is_busy(track))
        return VCPU_LEFT;
    if (reading->pcpu < 0)
        return floats_go ? VCPU_PLACED : VCPU_WAITS;
    if (vcpu_role_is_misplaced(sample, reading))
        return VCPU_MUST;
    if (!track->known || (track->demand < VCPU_NEARLY_IDLE && track->activity < VCPU_NEARLY_IDLE &&
                          track->reserve < VCPU_NEARLY_IDLE))
        return VCPU_STAYS;
    return VCPU_MOVES;
}

void vcpu_role_assign(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                      const struct vcpu_tracks *tracks, enum vcpu_role *ret)
{
    bool floats_go = are_floats_ready(settings, sample, tracks);

    for (size_t i = 0; i < sample->n_vcpus; i++) {
        enum vcpu_role role = role_of(sample, tracks, i, floats_go);

        ret[i] = vcpu_track_is_refusing(tracks, i) ? role_when_refused(role) : role;
    }
}

bool vcpu_role_is_in_problem(enum vcpu_role role)
{
    return role == VCPU_PLACED || role == VCPU_STAYS || role == VCPU_MOVES || role == VCPU_MUST;
}

/* Whether it is on one pCPU, and is planned. */
static bool is_settled(const struct vcpu_sample *sample, const enum vcpu_role *roles, size_t i)
{
    return sample->vcpus[i].at >= 0 && (roles[i] == VCPU_STAYS || roles[i] == VCPU_MOVES);
}

static double mean_of(const struct vcpu_track *track)
{
    return track->history.seen_s >= VCPU_HISTORY_WATCHED_S ? track->history.mean : 0;
}

int vcpu_role_sweep(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                    enum vcpu_role *roles)
{
    double *load = calloc(sample->n_pcpus + 1, sizeof(*load));

    if (!load)
        return -ENOMEM;
    for (size_t i = 0; i < sample->n_vcpus; i++)
        if (is_settled(sample, roles, i))
            load[sample->vcpus[i].at] += mean_of(&tracks->track[i]);
    for (size_t i = 0; i < sample->n_vcpus; i++)
        if (is_settled(sample, roles, i) && roles[i] == VCPU_STAYS &&
            !vcpu_track_is_refusing(tracks, i) && load[sample->vcpus[i].at] > FULL &&
            mean_of(&tracks->track[i]) >= CRUMB)
            roles[i] = VCPU_MOVES;
    free(load);
    return 0;
}
