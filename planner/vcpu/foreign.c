/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/foreign.h"

#include "planner/base/units.h"

/* Long enough that a script with a timer of minutes is met, short enough that a change of this morning
 * is no reason in the evening. */
static const double WINDOW_S = 900;
/* So many answers to changes that go on, of a guest's vCPUs or of several guests, are a duel. */
static const double DUEL_CORRECTIONS = 3;
static const double HOST_WAIT_S = 3600;
/* A plan so long after a change is no answer to it. */
static const double WAKE_S = 60;

static bool is_over(uint64_t since_ns, uint64_t now_ns, double s)
{
    return now_ns - since_ns > ns_from_seconds(s);
}

void foreign_forget(uint64_t now_ns, struct vcpu_foreign *foreign)
{
    if (foreign->touched_ns && is_over(foreign->touched_ns, now_ns, WINDOW_S))
        foreign->touched_ns = foreign->corrections = 0;
    if (foreign->follows && is_over(foreign->followed_ns, now_ns, WINDOW_S))
        foreign->follows = 0;
}

bool foreign_see(double corrections, uint64_t now_ns, struct vcpu_foreign *foreign)
{
    bool is_left = backoff_is_waiting(&foreign->backoff, now_ns);

    foreign->touched_ns = now_ns;
    if (!is_left && (foreign->corrections >= corrections ||
                     foreign->of_guest >= DUEL_CORRECTIONS * corrections))
        backoff_fail(&foreign->backoff, now_ns, WINDOW_S);
    return !is_left;
}

void foreign_see_host(double corrections, bool is_any_touched, size_t n_guests, uint64_t now_ns,
                      struct vcpu_duel *duel)
{
    if (duel->touched_ns && is_over(duel->touched_ns, now_ns, WINDOW_S))
        duel->touched_ns = duel->corrected_ns = duel->corrections = 0;
    if (!is_any_touched)
        return;
    duel->touched_ns = now_ns;
    if (n_guests > 1 && duel->corrections >= DUEL_CORRECTIONS * corrections &&
        !backoff_is_waiting(&duel->backoff, now_ns))
        backoff_fail(&duel->backoff, now_ns, HOST_WAIT_S);
}

/* It was moved soon after a change of any. */
static void follow(double corrections, uint64_t now_ns, struct vcpu_foreign *foreign)
{
    foreign->followed_ns = now_ns;
    foreign->lost_s = 0;
    if (++foreign->follows >= DUEL_CORRECTIONS * corrections)
        backoff_fail(&foreign->rest, now_ns, WINDOW_S);
}

bool foreign_correct(double corrections, uint64_t now_ns, const struct vcpu_duel *duel,
                     struct vcpu_foreign *foreign)
{
    bool is_answer = foreign->is_planned && foreign->touched_ns > 0;

    if (foreign->is_planned && duel->seen_ns && !is_over(duel->seen_ns, now_ns, WAKE_S))
        follow(corrections, now_ns, foreign);
    foreign->corrections += is_answer;
    foreign->is_planned = false;
    return is_answer;
}

/* Several plans after one change are one answer. */
void foreign_correct_host(uint64_t now_ns, struct vcpu_duel *duel)
{
    bool is_planned = duel->is_planned;

    duel->is_planned = false;
    if (!is_planned || !duel->touched_ns || duel->corrected_ns >= duel->touched_ns ||
        is_over(duel->touched_ns, now_ns, WAKE_S))
        return;
    duel->corrections++;
    duel->corrected_ns = now_ns;
}
