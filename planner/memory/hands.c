/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/hands.h"

#include "planner/base/units.h"

/* Whoever sets sizes before each of his tests, minutes apart, is no rival; his guests grow in between. */
static const double WINDOW_S = 120;
static const double WAIT_S = 900;

static void see(const struct memory_settings *settings, uint64_t at_ns, bool is_touched,
                struct memory_hand *hand)
{
    if (hand->touched_ns && at_ns - hand->touched_ns > ns_from_seconds(WINDOW_S))
        *hand = (struct memory_hand){.backoff = hand->backoff};
    if (!is_touched)
        return;
    hand->touched_ns = at_ns;
    hand->is_answered = false;
    if (hand->corrections >= settings->corrections && !backoff_is_waiting(&hand->backoff, at_ns))
        backoff_fail(&hand->backoff, at_ns, WAIT_S);
}

void memory_hands_see(const struct memory_settings *settings, uint64_t at_ns, int64_t actual_kib,
                      int64_t last_actual_kib, bool is_disturbed, bool was_short,
                      const struct memory_hands *old, struct memory_hands *ret)
{
    struct memory_hands hands = *old;
    bool is_lowered = is_disturbed && actual_kib < last_actual_kib;
    bool is_raised = is_disturbed && actual_kib > last_actual_kib && !was_short;

    hands.is_changed = is_lowered || is_raised;
    see(settings, at_ns, is_lowered, &hands.lowered);
    see(settings, at_ns, is_raised, &hands.raised);
    *ret = hands;
}

static void limit(const struct memory_hand *hand, uint64_t at_ns, int64_t actual_kib,
                  struct memory_refusal *refusal)
{
    bool is_new = refusal->until_ns < hand->backoff.until_ns;

    if (!backoff_is_waiting(&hand->backoff, at_ns) || (!is_new && hand->touched_ns != at_ns))
        return;
    refusal->at_kib = actual_kib;
    if (is_new)
        refusal->until_ns = hand->backoff.until_ns;
}

void memory_hands_limit(const struct memory_hands *hands, uint64_t at_ns, int64_t actual_kib,
                        struct memory_response *response)
{
    limit(&hands->lowered, at_ns, actual_kib, &response->up);
    limit(&hands->raised, at_ns, actual_kib, &response->down);
}

bool memory_hands_are_left(const struct memory_hands *hands, uint64_t at_ns)
{
    return backoff_is_waiting(&hands->lowered.backoff, at_ns) ||
           backoff_is_waiting(&hands->raised.backoff, at_ns);
}

void memory_hands_answer(struct memory_hands *hands, uint64_t at_ns, bool is_down)
{
    struct memory_hand *hand = is_down ? &hands->raised : &hands->lowered;

    hands->before_lowered = hands->lowered;
    hands->before_raised = hands->raised;
    hands->answered_ns = at_ns;
    if (!hand->touched_ns || hand->is_answered)
        return;
    hand->is_answered = true;
    hand->corrections++;
}

void memory_hands_retract(struct memory_hands *hands, uint64_t at_ns)
{
    if (hands->answered_ns != at_ns)
        return;
    hands->lowered = hands->before_lowered;
    hands->raised = hands->before_raised;
}
