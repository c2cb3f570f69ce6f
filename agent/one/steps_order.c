/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/one/steps.h"

struct turn {
    size_t move, turn; /* it is the turn-th that comes to its target */
};

static int by_turn(const void *a, const void *b)
{
    const struct turn *left = a, *right = b;

    if (left->turn != right->turn)
        return left->turn < right->turn ? -1 : 1;
    return (left->move > right->move) - (left->move < right->move);
}

int one_steps_order(const struct fleet *fleet, const struct fleet_plan *plan, size_t *order)
{
    struct turn *turns = calloc(plan->n_moves + 1, sizeof(*turns));
    size_t *comes = calloc(fleet->n_hosts + 1, sizeof(*comes));
    int r = turns && comes ? 0 : -ENOMEM;

    for (size_t k = 0; r == 0 && k < plan->n_moves; k++)
        turns[k] = (struct turn){k, comes[plan->moves[k].to]++};
    if (r == 0 && plan->n_moves > 0)
        qsort(turns, plan->n_moves, sizeof(*turns), by_turn);
    for (size_t k = 0; r == 0 && k < plan->n_moves; k++)
        order[k] = turns[k].move;
    free(turns);
    free(comes);
    return r;
}

static int check_move(const struct fleet *fleet, const struct fleet_move *move, struct err *err)
{
    const struct fleet_guest *guest = &fleet->guests[move->guest];

    if (move->from != guest->home || move->to == guest->home || move->to < 0 ||
        move->to >= (int)fleet->n_hosts || !fleet->hosts[move->to].is_open ||
        (guest->allowed && !guest->allowed[move->to]) || guest->is_fixed)
        return err_set(err, -EINVAL, "VM '%s' would move where it may not", guest->name);
    return 0;
}

/* Everybody where he was, and those who have come so far. */
static int check_rooms(const struct fleet *fleet, const struct fleet_plan *plan,
                       const size_t *order, struct err *err)
{
    int64_t *used = calloc(fleet->n_hosts * fleet->n_resources + 1, sizeof(*used));
    int r = used ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < fleet->n_guests; i++)
        for (size_t d = 0; d < fleet->n_resources && fleet->guests[i].home >= 0; d++)
            used[(size_t)fleet->guests[i].home * fleet->n_resources + d] +=
                fleet->guests[i].size[d];
    for (size_t k = 0; r == 0 && k < plan->n_moves; k++) {
        const struct fleet_move *move = &plan->moves[order[k]];
        const struct fleet_host *host = &fleet->hosts[move->to];

        for (size_t d = 0; d < fleet->n_resources && r == 0; d++) {
            int64_t *of = &used[(size_t)move->to * fleet->n_resources + d];

            *of += fleet->guests[move->guest].size[d];
            if (*of > host->room[d] && fleet->guests[move->guest].size[d] > 0)
                r = err_set(err, -EINVAL,
                            "host '%s' has room for %" PRId64 " of %s and would hold %" PRId64
                            " while VM '%s' comes",
                            host->name, host->room[d], fleet->resource[d], *of,
                            fleet->guests[move->guest].name);
        }
    }
    free(used);
    return r;
}

/* For one set: who was on each host, or has come. */
static int check_set(const struct fleet *fleet, const struct fleet_plan *plan, size_t set, int *who,
                     struct err *err)
{
    const int *guests = fleet->apart_guest;
    int first = fleet->apart_first[set], last = fleet->apart_first[set + 1], r = 0;

    for (int k = first; k < last; k++)
        if (fleet->guests[guests[k]].home >= 0)
            who[fleet->guests[guests[k]].home] = guests[k] + 1;
    for (int k = first; k < last && r == 0; k++) {
        int to = plan->host_of[guests[k]];

        if (to < 0 || to == fleet->guests[guests[k]].home)
            continue;
        if (who[to] > 0 && who[to] != guests[k] + 1)
            r = err_set(err, -EINVAL, "VMs '%s' and '%s' are to be apart, both on '%s' for a while",
                        fleet->guests[who[to] - 1].name, fleet->guests[guests[k]].name,
                        fleet->hosts[to].name);
        who[to] = guests[k] + 1;
    }
    for (int k = first; k < last; k++) {
        if (fleet->guests[guests[k]].home >= 0)
            who[fleet->guests[guests[k]].home] = 0;
        if (plan->host_of[guests[k]] >= 0)
            who[plan->host_of[guests[k]]] = 0;
    }
    return r;
}

static int check_apart(const struct fleet *fleet, const struct fleet_plan *plan, struct err *err)
{
    int *who = calloc(fleet->n_hosts + 1, sizeof(*who)), r = who ? 0 : -ENOMEM;

    for (size_t s = 0; r == 0 && s < fleet->n_apart; s++)
        r = check_set(fleet, plan, s, who, err);
    free(who);
    return r;
}

/* Beyond a limit are only guests of one set. */
static int check_limits(const struct fleet *fleet, const struct fleet_plan *plan,
                        const struct one_limits *limits, struct err *err)
{
    size_t *comes = calloc(fleet->n_hosts + 1, sizeof(*comes));
    int *set =
        calloc(fleet->n_hosts + 2, sizeof(*set)); /* of those who come, 1 + number; -1: several */
    int r = comes && set ? 0 : -ENOMEM;

    for (size_t k = 0; r == 0 && k < plan->n_moves; k++) {
        size_t at[] = {(size_t)plan->moves[k].to, fleet->n_hosts};
        int of = 1 + fleet->guests[plan->moves[k].guest].together;

        for (size_t j = 0; j < 2; j++) {
            set[at[j]] = comes[at[j]] == 0 ? of : set[at[j]] == of && of > 0 ? of : -1;
            comes[at[j]]++;
        }
    }
    if (r == 0 && plan->n_moves > limits->per_plan)
        r = err_set(err, -EINVAL, "%zu migrations are more than the limit of a plan",
                    plan->n_moves);
    for (size_t p = 0; r == 0 && p <= fleet->n_hosts; p++)
        if (comes[p] > (p < fleet->n_hosts ? limits->per_host : limits->per_cluster) && set[p] <= 0)
            r = err_set(err, -EINVAL, "%zu actions %s'%s' are more than the engine's limit",
                        comes[p], p < fleet->n_hosts ? "for host " : "of one ",
                        p < fleet->n_hosts ? fleet->hosts[p].name : "cluster");
    free(comes);
    free(set);
    return r;
}

int one_steps_check(const struct fleet *fleet, const struct fleet_plan *plan, const size_t *order,
                    const struct one_limits *limits, struct err *err)
{
    bool *seen = calloc(fleet->n_guests + 1, sizeof(*seen));
    int r = seen ? 0 : -ENOMEM;

    for (size_t k = 0; r == 0 && k < plan->n_moves; k++) {
        size_t guest = order[k] < plan->n_moves ? plan->moves[order[k]].guest : fleet->n_guests;

        if (guest >= fleet->n_guests || seen[guest])
            r = err_set(err, -EINVAL, "the order of moves is none");
        else
            r = check_move(fleet, &plan->moves[order[k]], err);
        if (r == 0)
            seen[guest] = true;
    }
    free(seen);
    if (r == 0)
        r = check_rooms(fleet, plan, order, err);
    if (r == 0)
        r = check_apart(fleet, plan, err);
    return r == 0 && limits ? check_limits(fleet, plan, limits, err) : r;
}
