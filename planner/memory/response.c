/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/track.h"

/* A guest that comes back up by itself as often as this after a release has a reason. */
enum { REVERTS_BEFORE_REFUSAL = 2, MOST_DOUBLINGS = 4 };
static const double REVERTS_FORGOTTEN_S = 600;

static double seconds(uint64_t ns)
{
    return (double)ns / 1e9;
}

static bool is_near(int64_t a, int64_t b)
{
    return a - b <= MEMORY_ARRIVED_KIB && b - a <= MEMORY_ARRIVED_KIB;
}

static double stuck_after_s(const struct memory_settings *settings)
{
    double intervals_s = 3 * settings->interval_s;

    return settings->stuck_s > intervals_s ? settings->stuck_s : intervals_s;
}

/* The guest stops here; it is asked again after a while, then after twice that, and so on. */
static void refuse(const struct memory_settings *settings, uint64_t at_ns, int64_t at_kib,
                   struct memory_refusal *refusal)
{
    unsigned doublings = refusal->times < MOST_DOUBLINGS ? refusal->times : MOST_DOUBLINGS;
    double wait_s = settings->retry_s * (double)(1u << doublings);

    *refusal = (struct memory_refusal){.at_kib = at_kib,
                                       .until_ns = at_ns + (uint64_t)(wait_s * 1e9),
                                       .times = refusal->times + 1};
}

static void expire(uint64_t at_ns, struct memory_refusal *refusal)
{
    if (refusal->until_ns && at_ns >= refusal->until_ns)
        refusal->until_ns = 0;
}

static void end_request(struct memory_obedience *obedience)
{
    obedience->asked_kib = 0;
    obedience->asked_again = false;
}

/* Somebody else set the balloon, the guest took memory back, or it was restarted. */
static void note_disturbance(const struct memory_settings *settings, uint64_t at_ns,
                             int64_t actual_kib, int64_t last_actual_kib,
                             struct memory_obedience *obedience)
{
    obedience->disturbed = true;
    end_request(obedience);
    if (obedience->released_kib == 0 || actual_kib < last_actual_kib)
        return;
    if (seconds(at_ns - obedience->reverted_ns) > REVERTS_FORGOTTEN_S)
        obedience->reverts = 0;
    obedience->reverted_ns = at_ns;
    obedience->released_kib = 0;
    if (++obedience->reverts >= REVERTS_BEFORE_REFUSAL &&
        !memory_is_without(settings, MEMORY_WITHOUT_OBEDIENCE))
        refuse(settings, at_ns, actual_kib, &obedience->down);
}

static void note_arrival(struct memory_obedience *obedience, int64_t actual_kib, bool is_down)
{
    if (is_down)
        obedience->released_kib = actual_kib;
    if (is_down)
        obedience->down.times = 0;
    else
        obedience->up.times = 0;
    end_request(obedience);
}

static void note_delay(const struct memory_settings *settings, uint64_t at_ns, int64_t actual_kib,
                       bool is_down, struct memory_obedience *obedience)
{
    double still_s = seconds(at_ns - obedience->moved_ns);

    if (still_s >= stuck_after_s(settings)) {
        refuse(settings, at_ns, actual_kib, is_down ? &obedience->down : &obedience->up);
        obedience->withdraw = true;
    } else if (still_s >= stuck_after_s(settings) / 2 && !obedience->asked_again) {
        obedience->asked_again = obedience->repeat = true;
    }
}

static void follow(const struct memory_settings *settings, uint64_t at_ns, int64_t actual_kib,
                   int64_t last_actual_kib, struct memory_obedience *obedience)
{
    bool is_down = obedience->asked_kib < last_actual_kib;
    int64_t left = is_down ? actual_kib - obedience->asked_kib : obedience->asked_kib - actual_kib;
    int64_t moved = is_down ? obedience->moved_kib - actual_kib : actual_kib - obedience->moved_kib;

    if (left < -MEMORY_ARRIVED_KIB || moved < -MEMORY_ARRIVED_KIB) {
        note_disturbance(settings, at_ns, actual_kib, last_actual_kib, obedience);
        return;
    }
    if (left <= MEMORY_ARRIVED_KIB) {
        note_arrival(obedience, actual_kib, is_down);
        return;
    }
    if (moved >= MEMORY_ARRIVED_KIB && !memory_is_without(settings, MEMORY_WITHOUT_PROGRESS)) {
        obedience->moved_ns = at_ns;
        obedience->moved_kib = actual_kib;
        obedience->asked_again = false;
        if (is_down)
            obedience->released_kib = actual_kib;
    }
    if (!memory_is_without(settings, MEMORY_WITHOUT_OBEDIENCE))
        note_delay(settings, at_ns, actual_kib, is_down, obedience);
}

void memory_obedience_next(const struct memory_settings *settings, uint64_t at_ns,
                           int64_t actual_kib, int64_t last_actual_kib, bool may_move,
                           const struct memory_obedience *old, struct memory_obedience *ret)
{
    struct memory_obedience obedience = *old;

    obedience.disturbed = obedience.withdraw = obedience.repeat = false;
    expire(at_ns, &obedience.down);
    expire(at_ns, &obedience.up);
    if (!may_move)
        obedience.moved_ns = at_ns; /* a paused guest is not stuck */
    if (last_actual_kib == 0) {
        *ret = obedience;
        return;
    }
    if (obedience.asked_kib)
        follow(settings, at_ns, actual_kib, last_actual_kib, &obedience);
    else if (!is_near(actual_kib, last_actual_kib))
        note_disturbance(settings, at_ns, actual_kib, last_actual_kib, &obedience);
    *ret = obedience;
}

void memory_obedience_ask(struct memory_obedience *obedience, uint64_t at_ns, int64_t actual_kib,
                          int64_t to_kib)
{
    bool was_down = obedience->asked_kib < actual_kib;
    bool is_down = to_kib < actual_kib;

    obedience->before_kib = obedience->asked_kib;
    obedience->last_ask_ns = at_ns;
    if (is_near(to_kib, actual_kib)) {
        end_request(obedience);
        return;
    }
    if (obedience->asked_kib == 0 || was_down != is_down) {
        obedience->asked_ns = obedience->moved_ns = at_ns;
        obedience->moved_kib = actual_kib;
        obedience->asked_again = false;
    }
    obedience->asked_kib = to_kib;
}

void memory_obedience_retract(struct memory_obedience *obedience, uint64_t at_ns)
{
    if (obedience->last_ask_ns == at_ns)
        obedience->asked_kib = obedience->before_kib;
}
