/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/one/steps.h"

/* The fleet as rounds leave it, and the moves that are still to be made. */
struct ahead {
    struct fleet fleet;
    struct fleet_plan rest;
};

static int ahead_new(const struct fleet *fleet, const struct fleet_plan *plan, struct ahead *ret)
{
    struct fleet_guest *guests = calloc(fleet->n_guests + 1, sizeof(*guests));
    struct fleet_move *moves = calloc(plan->n_moves + 1, sizeof(*moves));

    *ret = (struct ahead){.fleet = *fleet, .rest = *plan};
    ret->fleet.guests = guests;
    ret->rest.moves = moves;
    if (!guests || !moves)
        return -ENOMEM;
    memcpy(guests, fleet->guests, fleet->n_guests * sizeof(*guests));
    memcpy(moves, plan->moves, plan->n_moves * sizeof(*moves));
    return 0;
}

static void ahead_done(struct ahead *ahead)
{
    free(ahead->fleet.guests);
    free(ahead->rest.moves);
}

/* The taken ones are made, the others come up. */
static void make(struct ahead *ahead, const struct one_steps *steps)
{
    struct fleet_plan *rest = &ahead->rest;
    size_t n = 0;

    for (size_t k = 0; k < rest->n_moves; k++) {
        const struct fleet_move *move = &rest->moves[k];

        if (steps->is_taken[k])
            ahead->fleet.guests[move->guest].home = move->to;
        else
            rest->moves[n++] = *move;
    }
    rest->n_moves = n;
}

/* *ret: how many it moves. */
static int go_on(struct ahead *ahead, const struct one_limits *limits, double most_pct, size_t *ret)
{
    struct one_steps steps;
    int r = one_steps_choose(&ahead->fleet, &ahead->rest, limits, most_pct, &steps);

    *ret = r == 0 ? steps.n_taken : 0;
    if (*ret > 0)
        make(ahead, &steps);
    one_steps_done(&steps);
    return r;
}

int one_steps_rounds(const struct fleet *fleet, const struct fleet_plan *plan,
                     const struct one_limits *limits, double most_pct, struct one_steps *ret_made,
                     size_t *ret)
{
    bool *is_made = calloc(plan->n_moves + 1, sizeof(*is_made));
    struct ahead ahead;
    size_t moved = 1;
    int r = ahead_new(fleet, plan, &ahead);

    *ret_made = (struct one_steps){.is_taken = is_made};
    *ret = 0;
    if (!is_made)
        r = -ENOMEM;
    while (r == 0 && moved > 0 && ahead.rest.n_moves > 0) {
        r = go_on(&ahead, limits, most_pct, &moved);
        ret_made->n_taken += moved;
        *ret += moved > 0;
    }
    for (size_t k = 0; r == 0 && k < plan->n_moves; k++)
        is_made[k] = ahead.fleet.guests[plan->moves[k].guest].home == plan->moves[k].to;
    ahead_done(&ahead);
    return r;
}
