/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/foreign.h"

#include "planner/base/units.h"

/* Long enough that a script with a timer of minutes is met, short enough that a change of this morning
 * is no reason in the evening. */
static const double WINDOW_S = 900;
/* So many answers to changes that go on are a duel, whoever is moved. */
static const double HOST_CORRECTIONS = 3;
static const double HOST_WAIT_S = 3600;
/* A plan so long after a change is no answer to it. */
static const double WAKE_S = 60;

static bool is_over(uint64_t since_ns, uint64_t now_ns, double s)
{
    return now_ns - since_ns > ns_from_seconds(s);
}

void foreign_see(double corrections, bool is_touched, uint64_t now_ns, struct vcpu_foreign *foreign)
{
    if (foreign->touched_ns && is_over(foreign->touched_ns, now_ns, WINDOW_S))
        *foreign = (struct vcpu_foreign){.backoff = foreign->backoff};
    if (!is_touched)
        return;
    foreign->touched_ns = now_ns;
    if (foreign->corrections >= corrections && !backoff_is_waiting(&foreign->backoff, now_ns))
        backoff_fail(&foreign->backoff, now_ns, WINDOW_S);
}

void foreign_see_host(double corrections, bool is_any_touched, uint64_t now_ns,
                      struct vcpu_duel *duel)
{
    if (duel->touched_ns && is_over(duel->touched_ns, now_ns, WINDOW_S))
        *duel = (struct vcpu_duel){.backoff = duel->backoff};
    if (!is_any_touched)
        return;
    duel->touched_ns = now_ns;
    if (duel->corrections >= HOST_CORRECTIONS * corrections &&
        !backoff_is_waiting(&duel->backoff, now_ns))
        backoff_fail(&duel->backoff, now_ns, HOST_WAIT_S);
}

void foreign_correct(struct vcpu_foreign *foreign)
{
    foreign->corrections += foreign->touched_ns > 0;
}

/* Several plans after one change are one answer. */
void foreign_correct_host(uint64_t now_ns, struct vcpu_duel *duel)
{
    if (!duel->touched_ns || duel->corrected_ns >= duel->touched_ns ||
        is_over(duel->touched_ns, now_ns, WAKE_S))
        return;
    duel->corrections++;
    duel->corrected_ns = now_ns;
}
