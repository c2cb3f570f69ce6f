/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ONE_DECIDE_H
#define EVENKEEL_AGENT_ONE_DECIDE_H

#include "agent/one/limits.h"
#include "agent/one/picture.h"

/* What is handed back: a plan all of whose moves can be made in this round, in order (steps.h), and how far
 * that is from the best plan that knows no rounds. */
struct one_decision {
    struct fleet_plan plan;
    size_t *order; /* [plan.n_moves] owned, indices into plan.moves */
    /* Of the best plan without rounds: its moves, and what no plan undercuts. */
    size_t whole_moves;
    double whole_objective, bound;
    size_t n_no_room, n_limited; /* moves of it that were left for later rounds */
    size_t rounds;               /* 0, or the plan is the first of so many rounds */
    double last_objective;       /* after the last round */
};

/* Optimising, moves whose target has no room yet make way for others that the planner finds without them; the
 * best that was met counts, and changing nothing is met always. A plan that can be made in several rounds, none
 * of which leaves hosts more uneven, counts by what the last one leads to, and its first round is handed back,
 * though that may not be worth its migrations by itself: those of rounds that were made cost nothing in the
 * next, so the best plan from there is no dearer than the rest of this one. The picture's rows of allowed hosts may get
 * narrower. Placing knows no limits. 0, -ENOMEM, or -EINVAL with a sentence. */
int one_decide(const struct one_picture *picture, enum one_job job, const struct one_limits *limits,
               struct one_decision *ret, struct err *err);
void one_decision_done(struct one_decision *decision);

#endif
