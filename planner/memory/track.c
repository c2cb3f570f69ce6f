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

    return memory_track_is_movable(reading) && !memory_track_is_refused(track) &&
           (is_known || reading->policy.has_pin);
}

bool memory_track_is_refused(const struct memory_track *track)
{
    return backoff_is_waiting(&track->refused, track->seen_ns);
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
    return response->asked_kib && seconds_from_ns(at_ns - response->asked_ns) >= limit_s;
}

static enum guest_state state_of(const struct memory_settings *settings, uint64_t at_ns,
                                 const struct memory_reading *reading,
                                 const struct memory_track *track)
{
    if (!memory_track_is_movable(reading))
        return reading->locked && reading->lock == MEMORY_LOCK_UNREAD ? GUEST_LEARNING
                                                                      : GUEST_FIXED;
    if (memory_track_is_refused(track))
        return GUEST_REFUSED;
    if (memory_yield_is_keeping(&track->yield, at_ns))
        return GUEST_KEEPING;
    if (track->belief.silent)
        return GUEST_SILENT;
    if (memory_hands_are_left(&track->hands, at_ns))
        return GUEST_LEFT;
    if (track->response.down.until_ns || track->response.up.until_ns)
        return GUEST_STUCK;
    if (track->belief.good < settings->min_readings)
        return GUEST_LEARNING;
    return is_late(settings, at_ns, &track->response) ? GUEST_SLOW : GUEST_OK;
}

/* A guest's process needs more than the guest's memory, and only a guest that has touched all of
 * its memory shows how much. While the balloon moves, the two numbers do not belong together; and
 * what a guest keeps of what its balloon took is no need. */
static int64_t learn_overhead(const struct memory_settings *settings,
                              const struct memory_reading *reading, const struct memory_track *old,
                              bool is_kept)
{
    int64_t least = (int64_t)settings->guest_overhead_kib;
    int64_t over = (int64_t)reading->rss_kib - (int64_t)reading->actual_kib;
    bool is_steady = old->actual_kib == (int64_t)reading->actual_kib;

    if ((reading->has & MEMORY_HAS_RSS) && is_steady && !is_kept && over >= 0)
        return over > least ? over : least;
    return old->overhead_kib > least ? old->overhead_kib : least;
}

static void follow_yield(const struct memory_settings *settings, uint64_t at_ns,
                         const struct memory_reading *reading, int64_t host_kib,
                         const struct memory_track *old, struct memory_track *track)
{
    int64_t least = (int64_t)settings->guest_overhead_kib;
    struct memory_yield_now now = {.at_ns = at_ns,
                                   .actual_kib = track->actual_kib,
                                   .rss_kib = -1,
                                   .overhead_kib =
                                       old->overhead_kib > least ? old->overhead_kib : least,
                                   .host_kib = host_kib};
    bool is_kept;

    if ((reading->has & MEMORY_HAS_RSS) && memory_track_is_movable(reading))
        now.rss_kib = (int64_t)reading->rss_kib;
    memory_yield_next(settings, &now, &old->yield, &track->yield);
    is_kept = track->yield.since_ns || memory_yield_is_keeping(&track->yield, at_ns);
    track->overhead_kib = learn_overhead(settings, reading, old, is_kept);
}

/* What no balloon governs was plugged or unplugged: sizes that were noted move with it. */
static void shift(int64_t by_kib, struct memory_response *response)
{
    int64_t *const sizes[] = {&response->asked_kib,   &response->before_kib,
                              &response->moved_kib,   &response->released_kib,
                              &response->down.at_kib, &response->up.at_kib};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (*sizes[i])
            *sizes[i] += by_kib;
    }
}

static bool is_short(const struct memory_settings *settings, const struct memory_belief *belief)
{
    return !belief->known || belief->unused_kib < (int64_t)settings->guest_unused_kib / 2;
}

void memory_track_follow(const struct memory_settings *settings, uint64_t at_ns,
                         const struct memory_reading *reading, int64_t host_kib,
                         const struct memory_track *old, struct memory_track *ret)
{
    struct memory_track track = {.seen_ns = at_ns,
                                 .actual_kib = (int64_t)reading->actual_kib,
                                 .beside_kib = (int64_t)reading->beside_kib,
                                 .refused = old->refused};
    struct memory_response response = old->response;
    int64_t plugged = old->seen_ns ? track.beside_kib - old->beside_kib : 0;
    int64_t last = old->actual_kib ? old->actual_kib + plugged : 0;

    memcpy(track.uuid, reading->guest.uuid, sizeof(track.uuid));
    follow_yield(settings, at_ns, reading, host_kib, old, &track);
    shift(plugged, &response);
    memory_response_next(settings, at_ns, track.actual_kib, last, memory_track_is_movable(reading),
                         &response, &track.response);
    memory_hands_see(settings, at_ns, track.actual_kib, last, track.response.disturbed,
                     is_short(settings, &old->belief), &old->hands, &track.hands);
    memory_hands_limit(&track.hands, at_ns, track.actual_kib, &track.response);
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
