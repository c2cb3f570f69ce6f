/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/track.h"

#include <string.h>

#include "planner/base/units.h"

bool memory_track_is_movable(const struct memory_reading *reading)
{
    return reading->has_balloon && !reading->locked && !reading->policy.excluded &&
           reading->run == GUEST_RUNNING && reading->actual_kib > 0;
}

bool memory_track_is_plannable(const struct memory_reading *reading,
                               const struct memory_track *track)
{
    bool is_known = track->belief.known && !track->belief.silent;

    return memory_track_is_movable(reading) && (is_known || reading->policy.has_pin);
}

int64_t memory_track_current_kib(const struct memory_track *track)
{
    int64_t asked = track->response.asked_kib;

    return asked > track->actual_kib ? asked : track->actual_kib;
}

static bool is_late(const struct memory_settings *settings, uint64_t at_ns,
                    const struct memory_response *response)
{
    double limit_s = settings->stuck_s;

    if (limit_s < 3 * settings->interval_s)
        limit_s = 3 * settings->interval_s;
    return response->asked_kib && seconds_of(at_ns - response->asked_ns) >= limit_s;
}

static enum guest_state state_of(const struct memory_settings *settings, uint64_t at_ns,
                                 const struct memory_reading *reading,
                                 const struct memory_track *track)
{
    if (!memory_track_is_movable(reading))
        return GUEST_FIXED;
    if (track->belief.silent)
        return GUEST_SILENT;
    if (track->response.down.until_ns || track->response.up.until_ns)
        return GUEST_STUCK;
    if (track->belief.good < settings->min_readings)
        return GUEST_LEARNING;
    return is_late(settings, at_ns, &track->response) ? GUEST_SLOW : GUEST_OK;
}

/* A guest's process needs more than the guest's memory, and only a guest that has touched all of
 * its memory shows how much. While the balloon moves, the two numbers do not belong together. */
static int64_t learn_overhead(const struct memory_settings *settings,
                              const struct memory_reading *reading, const struct memory_track *old)
{
    int64_t least = (int64_t)settings->guest_overhead_kib;
    int64_t beside = (int64_t)reading->rss_kib - (int64_t)reading->actual_kib;
    bool is_steady = old->actual_kib == (int64_t)reading->actual_kib;

    if ((reading->has & MEMORY_HAS_RSS) && is_steady && beside >= 0)
        return beside > least ? beside : least;
    return old->overhead_kib > least ? old->overhead_kib : least;
}

void memory_track_follow(const struct memory_settings *settings, uint64_t at_ns,
                         const struct memory_reading *reading, const struct memory_track *old,
                         struct memory_track *ret)
{
    struct memory_track track = {.seen_ns = at_ns, .actual_kib = (int64_t)reading->actual_kib};

    memcpy(track.uuid, reading->guest.uuid, sizeof(track.uuid));
    track.overhead_kib = learn_overhead(settings, reading, old);
    memory_response_next(settings, at_ns, track.actual_kib, old->actual_kib,
                         memory_track_is_movable(reading), &old->response, &track.response);
    *ret = track;
}

void memory_track_next(const struct memory_settings *settings, uint64_t at_ns,
                       const struct memory_reading *reading, const struct memory_track *old,
                       bool is_bulk, struct memory_track *track)
{
    memory_belief_next(settings, at_ns, reading, old->actual_kib, old->seen_ns, &old->belief,
                       &track->belief);
    memory_demand_next(settings, at_ns, reading, &old->belief, &track->belief,
                       track->response.disturbed || is_bulk, &old->demand, &track->demand);
    track->state = state_of(settings, at_ns, reading, track);
    track->since_ns = old->seen_ns && old->state == track->state ? old->since_ns : at_ns;
}
