/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ONE_STEPS_H
#define EVENKEEL_AGENT_ONE_STEPS_H

#include "agent/one/limits.h"
#include "planner/fleet/fleet.h"

/* Which moves of a plan are made in this round, and in which order.
 *
 * oned begins an action as soon as fewer than its limits are under way, whether those before it have ended or
 * not; one that fails or lasts too long counts as ended; and it moves a VM without asking whether the host has
 * room (PlanManager.cc). So a move may not count on what another one is going to free: it is safe if its
 * target has room for it beside all who are there now and all who come, and if nobody is there from whom it
 * is to be apart. What needs more than that waits for a later round. */
struct one_steps {
    bool *is_taken; /* [n_moves of the plan] owned */
    size_t n_taken;
    /* Left: no room yet; limits of actions; hosts would be more uneven before others have gone. */
    size_t n_no_room, n_limited, n_uneven;
};

/* Best ones first: those that have to leave, then those that even out most, as long as no host is further from
 * the fair share of CPU than `most_pct` points. Guests that are together move together or not at all. 0 or
 * -ENOMEM; one_steps_done() is due in any case. */
int one_steps_choose(const struct fleet *fleet, const struct fleet_plan *plan,
                     const struct one_limits *limits, double most_pct, struct one_steps *ret);
void one_steps_done(struct one_steps *steps);

/* Which moves of the plan are made in the end, in how many rounds, each one as above and with everybody where
 * those before it put him. What is left waits for one another. 0 or -ENOMEM; one_steps_done() is due in any
 * case. */
int one_steps_rounds(const struct fleet *fleet, const struct fleet_plan *plan,
                     const struct one_limits *limits, double most_pct, struct one_steps *ret_made,
                     size_t *ret);

/* The plan's moves in the order in which they are to begin, each target in turn, so that the engine, which
 * stops at the first one whose target is busy, waits as late as can be. order [n_moves]. 0 or -ENOMEM. */
int one_steps_order(const struct fleet *fleet, const struct fleet_plan *plan, size_t *order);

/* The gate before a plan is told, which uses nothing of what made it: each move from where the guest is to an
 * open host that it may use; with it, and with everybody still where he was, no host is beyond its room and
 * no two are beside each other that are to be apart; and no limit is passed, except by guests that have to
 * move together. limits NULL: none. 0, -ENOMEM, or -EINVAL with a sentence. */
int one_steps_check(const struct fleet *fleet, const struct fleet_plan *plan, const size_t *order,
                    const struct one_limits *limits, struct err *err);

#endif
