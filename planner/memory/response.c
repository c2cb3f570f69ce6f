/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/response.h"

#include "planner/base/units.h"

enum { MAX_DOUBLINGS = 4 };
static const double REVERTS_FORGOTTEN_S = 600;

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
    unsigned doublings = refusal->times < MAX_DOUBLINGS ? refusal->times : MAX_DOUBLINGS;
    double wait_s = settings->retry_s * (double)(1u << doublings);

    *refusal = (struct memory_refusal){
        .at_kib = at_kib, .until_ns = at_ns + ns_from_seconds(wait_s), .times = refusal->times + 1};
}

static void expire(uint64_t at_ns, struct memory_refusal *refusal)
{
    if (refusal->until_ns && at_ns >= refusal->until_ns)
        refusal->until_ns = 0;
}

static void end_request(struct memory_response *response)
{
    response->asked_kib = 0;
    response->asked_again = false;
}

/* Somebody else set the balloon, the guest took memory back, or it was restarted. */
static void note_disturbance(const struct memory_settings *settings, uint64_t at_ns,
                             int64_t actual_kib, int64_t last_actual_kib,
                             struct memory_response *response)
{
    response->disturbed = true;
    end_request(response);
    if (response->released_kib == 0 || actual_kib < last_actual_kib)
        return;
    if (seconds_from_ns(at_ns - response->reverted_ns) > REVERTS_FORGOTTEN_S)
        response->reverts = 0;
    response->reverted_ns = at_ns;
    response->released_kib = 0;
    if (++response->reverts >= settings->max_reverts)
        refuse(settings, at_ns, actual_kib, &response->down);
}

static void note_arrival(struct memory_response *response, int64_t actual_kib, bool is_down)
{
    if (is_down)
        response->released_kib = actual_kib;
    if (is_down)
        response->down.times = 0;
    else
        response->up.times = 0;
    end_request(response);
}

static void note_delay(const struct memory_settings *settings, uint64_t at_ns, int64_t actual_kib,
                       bool is_down, struct memory_response *response)
{
    double still_s = seconds_from_ns(at_ns - response->moved_ns);

    if (still_s >= stuck_after_s(settings)) {
        refuse(settings, at_ns, actual_kib, is_down ? &response->down : &response->up);
        response->withdraw = true;
    } else if (still_s >= stuck_after_s(settings) / 2 && !response->asked_again) {
        response->asked_again = response->repeat = true;
    }
}

static void follow(const struct memory_settings *settings, uint64_t at_ns, int64_t actual_kib,
                   int64_t last_actual_kib, struct memory_response *response)
{
    bool is_down = response->asked_kib < last_actual_kib;
    int64_t left = is_down ? actual_kib - response->asked_kib : response->asked_kib - actual_kib;
    int64_t moved = is_down ? response->moved_kib - actual_kib : actual_kib - response->moved_kib;

    if (left < -MEMORY_ARRIVED_KIB || moved < -MEMORY_ARRIVED_KIB) {
        note_disturbance(settings, at_ns, actual_kib, last_actual_kib, response);
        return;
    }
    if (left <= MEMORY_ARRIVED_KIB) {
        note_arrival(response, actual_kib, is_down);
        return;
    }
    if (moved >= (int64_t)settings->progress_kib) {
        response->moved_ns = at_ns;
        response->moved_kib = actual_kib;
        response->asked_again = false;
        if (is_down)
            response->released_kib = actual_kib;
    }
    note_delay(settings, at_ns, actual_kib, is_down, response);
}

void memory_response_next(const struct memory_settings *settings, uint64_t at_ns,
                          int64_t actual_kib, int64_t last_actual_kib, bool may_move,
                          const struct memory_response *old, struct memory_response *ret)
{
    struct memory_response response = *old;

    response.disturbed = response.withdraw = response.repeat = false;
    expire(at_ns, &response.down);
    expire(at_ns, &response.up);
    if (!may_move)
        response.moved_ns = at_ns; /* a paused guest is not stuck */
    if (last_actual_kib == 0) {
        *ret = response;
        return;
    }
    if (response.asked_kib)
        follow(settings, at_ns, actual_kib, last_actual_kib, &response);
    else if (!is_near(actual_kib, last_actual_kib))
        note_disturbance(settings, at_ns, actual_kib, last_actual_kib, &response);
    *ret = response;
}

void memory_response_ask(struct memory_response *response, uint64_t at_ns, int64_t actual_kib,
                         int64_t to_kib)
{
    bool was_down = response->asked_kib < actual_kib;
    bool is_down = to_kib < actual_kib;

    response->before_kib = response->asked_kib;
    response->last_ask_ns = at_ns;
    if (is_near(to_kib, actual_kib)) {
        end_request(response);
        return;
    }
    if (response->asked_kib == 0 || was_down != is_down) {
        response->asked_ns = response->moved_ns = at_ns;
        response->moved_kib = actual_kib;
        response->asked_again = false;
    }
    response->asked_kib = to_kib;
}

void memory_response_retract(struct memory_response *response, uint64_t at_ns)
{
    if (response->last_ask_ns == at_ns)
        response->asked_kib = response->before_kib;
}
