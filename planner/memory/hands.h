/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_HANDS_H
#define EVENKEEL_PLANNER_MEMORY_HANDS_H

#include "planner/base/backoff.h"
#include "planner/memory/response.h"

/* Other hands on a guest's balloon: an operator, a script, MOM. Nobody gains by a duel (as about pins,
 * planner/vcpu/foreign.h). So what somebody else has set is planned like anything else, and may be set
 * anew, settings->corrections times. If it is changed again then, the guest is left to them: for 15
 * minutes it is brought no further from the size that they set last in the direction that they do not
 * want, the next time for twice as long.
 * No guest gets smaller by itself. One that gets larger may have run out of memory and taken some back,
 * which is its right; one that had enough was raised by somebody else, or booted, which looks the same. */
struct memory_hand {
    uint64_t touched_ns;  /* when somebody else changed the size last; 0: never, or long ago */
    bool is_answered;     /* that one; several steps after one change are one answer */
    unsigned corrections; /* by us since */
    struct backoff backoff;
};
struct memory_hands {
    bool is_changed; /* since the sample before, by somebody else */
    struct memory_hand lowered, raised;
    struct memory_hand before_lowered, before_raised; /* the last answer */
    uint64_t answered_ns;
};

/* After a sample. was_short: the guest had little unused memory before. */
void memory_hands_see(const struct memory_settings *settings, uint64_t at_ns, int64_t actual_kib,
                      int64_t last_actual_kib, bool is_disturbed, bool was_short,
                      const struct memory_hands *old, struct memory_hands *ret);
/* Until when the response has to take the guest at their word, and at which size. */
void memory_hands_limit(const struct memory_hands *hands, uint64_t at_ns, int64_t actual_kib,
                        struct memory_response *response);
bool memory_hands_are_left(const struct memory_hands *hands, uint64_t at_ns);
/* The plan asks for more, or for less. That request was never made. */
void memory_hands_answer(struct memory_hands *hands, uint64_t at_ns, bool is_down);
void memory_hands_retract(struct memory_hands *hands, uint64_t at_ns);

#endif
