/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "planner/fleet/explain.h"

struct shares {
    double *before, *after; /* [n_hosts] percent of its CPU */
    double fair;
};

static void fill_shares(const struct fleet *fleet, const struct fleet_plan *plan,
                        struct shares *shares)
{
    double load = 0, cpu = 0;

    for (size_t i = 0; i < fleet->n_guests; i++) {
        double milli = (double)fleet->guests[i].load_milli;
        int home = fleet->guests[i].home, to = plan->host_of[i];

        if (home >= 0)
            shares->before[home] += 100 * milli / (double)fleet->hosts[home].cpu_milli;
        if (to >= 0) {
            shares->after[to] += 100 * milli / (double)fleet->hosts[to].cpu_milli;
            load += fleet->hosts[to].is_open ? milli : 0;
        }
    }
    for (size_t p = 0; p < fleet->n_hosts; p++)
        cpu += fleet->hosts[p].is_open ? (double)fleet->hosts[p].cpu_milli : 0;
    shares->fair = cpu > 0 ? 100 * load / cpu : 0;
}

/* A guest of its set that ran on another host, or -1. */
static int parted_from(const struct fleet *fleet, size_t guest)
{
    const struct fleet_guest *me = &fleet->guests[guest];

    for (size_t i = 0; me->together >= 0 && i < fleet->n_guests; i++)
        if (i != guest && fleet->guests[i].together == me->together && fleet->guests[i].home >= 0 &&
            fleet->guests[i].home != me->home)
            return (int)i;
    return -1;
}

static bool is_in_set(const struct fleet *fleet, size_t set, size_t guest)
{
    for (int k = fleet->apart_first[set]; k < fleet->apart_first[set + 1]; k++)
        if (fleet->apart_guest[k] == (int)guest)
            return true;
    return false;
}

/* A guest beside it that it is to be apart from, or -1. */
static int clashes_with(const struct fleet *fleet, size_t guest)
{
    for (size_t s = 0; s < fleet->n_apart; s++) {
        if (!is_in_set(fleet, s, guest))
            continue;
        for (int k = fleet->apart_first[s]; k < fleet->apart_first[s + 1]; k++)
            if (fleet->apart_guest[k] != (int)guest &&
                fleet->guests[fleet->apart_guest[k]].home == fleet->guests[guest].home)
                return fleet->apart_guest[k];
    }
    return -1;
}

/* A guest that comes to a host, one that is started before one that is moved; -1: nobody does. */
static int comes_to(const struct fleet *fleet, const struct fleet_plan *plan, int host)
{
    int found = -1;

    for (size_t k = 0; k < plan->n_moves; k++) {
        const struct fleet_move *move = &plan->moves[k];

        if (move->to == host && (found < 0 || (move->from < 0 && fleet->guests[found].home >= 0)))
            found = (int)move->guest;
    }
    return found;
}

/* The resource of which a host's guests take more than there is, or -1. */
static int short_of(const struct fleet *fleet, int host)
{
    for (size_t r = 0; r < fleet->n_resources; r++) {
        int64_t used = 0;

        for (size_t i = 0; i < fleet->n_guests; i++)
            if (fleet->guests[i].home == host)
                used += fleet->guests[i].size[r];
        if (used > fleet->hosts[host].room[r])
            return (int)r;
    }
    return -1;
}

/* Why it may not stay where it is; false: it may. */
static bool says_must(const struct fleet *fleet, struct fleet_move *move)
{
    const struct fleet_guest *guest = &fleet->guests[move->guest];
    const struct fleet_host *from = &fleet->hosts[move->from];
    int other;

    if (!from->is_open)
        snprintf(move->reason, sizeof(move->reason), "'%s' is closed: %s", from->name,
                 from->why_closed ? from->why_closed : "not open");
    else if (guest->allowed && !guest->allowed[move->from])
        snprintf(move->reason, sizeof(move->reason), "it may not be on '%s'", from->name);
    else if ((other = parted_from(fleet, move->guest)) >= 0)
        snprintf(move->reason, sizeof(move->reason), "it is to be together with '%s'",
                 fleet->guests[other].name);
    else if ((other = clashes_with(fleet, move->guest)) >= 0)
        snprintf(move->reason, sizeof(move->reason), "it is to be apart from '%s'",
                 fleet->guests[other].name);
    else if ((other = short_of(fleet, move->from)) >= 0)
        snprintf(move->reason, sizeof(move->reason), "the guests of '%s' take more %s than it has",
                 from->name, fleet->resource[other]);
    else
        return false;
    return true;
}

static void say_shares(const struct shares *shares, const struct fleet *fleet, int host,
                       struct fleet_move *move)
{
    snprintf(move->reason, sizeof(move->reason),
             "'%s' carries %.0f %% of its CPU, %.0f %% after all moves; the fair share is %.0f %%",
             fleet->hosts[host].name, shares->before[host], shares->after[host], shares->fair);
}

static void say_why(const struct fleet *fleet, const struct fleet_plan *plan,
                    const struct shares *shares, struct fleet_move *move)
{
    const char *to = fleet->hosts[move->to].name, *from;
    bool fills, evens;
    int other;

    if (move->from < 0) {
        snprintf(move->reason, sizeof(move->reason), "it is stopped, and '%s' has room", to);
        return;
    }
    if (says_must(fleet, move))
        return;
    from = fleet->hosts[move->from].name;
    other = comes_to(fleet, plan, move->from);
    fills = shares->before[move->from] <= shares->fair && shares->before[move->to] < shares->fair;
    evens = fills || shares->before[move->from] > shares->fair;
    if (other >= 0 && (fleet->guests[other].home < 0 || !evens))
        snprintf(move->reason, sizeof(move->reason), "it makes room on '%s' for '%s'", from,
                 fleet->guests[other].name);
    else
        say_shares(shares, fleet, fills ? move->to : move->from, move);
}

int explain_moves(const struct start *start, struct fleet_plan *plan)
{
    const struct fleet *fleet = start->items.fleet;
    struct shares shares = {.before = calloc(fleet->n_hosts + 1, sizeof(double)),
                            .after = calloc(fleet->n_hosts + 1, sizeof(double))};
    int r = shares.before && shares.after ? 0 : -ENOMEM;

    if (r == 0) {
        fill_shares(fleet, plan, &shares);
        for (size_t k = 0; k < plan->n_moves; k++)
            say_why(fleet, plan, &shares, &plan->moves[k]);
    }
    free(shares.before);
    free(shares.after);
    return r;
}
