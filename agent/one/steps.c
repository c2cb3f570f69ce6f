/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/one/steps.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* While moves are chosen: what hosts would hold if nobody had left yet, and loads as if all taken moves were
 * done. A unit is a guest, or all guests of a set that move. */
struct choosing {
    const struct fleet *fleet;
    const struct fleet_plan *plan;
    const struct one_limits *limits;
    int64_t *used;                /* [n_hosts * n_resources] */
    double *load;                 /* [n_hosts] */
    size_t *comes;                /* [n_hosts] actions taken */
    int *unit;                    /* [n_moves] the first move of its unit */
    int *apart_first, *apart_set; /* sets that a guest is in: [n_guests + 1], [] */
    bool *is_out;                 /* [n_moves] refused */
    bool *waits;                  /* [n_moves] until others have gone */
    double fair, most_pct;        /* the share that all have, and how far from it a host may be */
    struct one_steps *steps;
};

static int list_sets(const struct fleet *fleet, struct choosing *choosing)
{
    size_t n = fleet->n_apart ? (size_t)fleet->apart_first[fleet->n_apart] : 0;
    int *first = calloc(fleet->n_guests + 2, sizeof(*first));

    choosing->apart_first = first;
    choosing->apart_set = calloc(n + 1, sizeof(*choosing->apart_set));
    if (!first || !choosing->apart_set)
        return -ENOMEM;
    for (size_t k = 0; k < n; k++)
        first[fleet->apart_guest[k] + 2]++;
    for (size_t i = 2; i < fleet->n_guests + 2; i++)
        first[i] += first[i - 1];
    for (size_t s = 0; s < fleet->n_apart; s++)
        for (int k = fleet->apart_first[s]; k < fleet->apart_first[s + 1]; k++)
            choosing->apart_set[first[fleet->apart_guest[k] + 1]++] = (int)s;
    return 0;
}

static int list_units(struct choosing *choosing)
{
    const struct fleet *fleet = choosing->fleet;
    int *first = calloc(fleet->n_guests + 1, sizeof(*first));

    if (!first)
        return -ENOMEM;
    for (size_t i = 0; i < fleet->n_guests; i++)
        first[i] = -1;
    for (size_t k = 0; k < choosing->plan->n_moves; k++) {
        int set = fleet->guests[choosing->plan->moves[k].guest].together;

        if (set >= 0 && first[set] < 0)
            first[set] = (int)k;
        choosing->unit[k] = set >= 0 ? first[set] : (int)k;
    }
    free(first);
    return 0;
}

static double off_pct(const struct choosing *choosing, int host, double more)
{
    double cpu = (double)choosing->fleet->hosts[host].cpu_milli;

    return 100 * fabs((choosing->load[host] + more) / cpu - choosing->fair);
}

static int begin(struct choosing *choosing)
{
    const struct fleet *fleet = choosing->fleet;
    size_t n_moves = choosing->plan->n_moves, n_rooms = fleet->n_hosts * fleet->n_resources;
    double load = 0, cpu = 0;

    choosing->used = calloc(n_rooms + 1, sizeof(*choosing->used));
    choosing->load = calloc(fleet->n_hosts + 1, sizeof(*choosing->load));
    choosing->comes = calloc(fleet->n_hosts + 1, sizeof(*choosing->comes));
    choosing->unit = calloc(n_moves + 1, sizeof(*choosing->unit));
    choosing->is_out = calloc(n_moves + 1, sizeof(*choosing->is_out));
    choosing->waits = calloc(n_moves + 1, sizeof(*choosing->waits));
    choosing->steps->is_taken = calloc(n_moves + 1, sizeof(*choosing->steps->is_taken));
    if (!choosing->used || !choosing->load || !choosing->comes || !choosing->unit ||
        !choosing->is_out || !choosing->waits || !choosing->steps->is_taken ||
        list_sets(fleet, choosing) < 0 || list_units(choosing) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < fleet->n_guests; i++) {
        const struct fleet_guest *guest = &fleet->guests[i];

        if (guest->home < 0)
            continue;
        choosing->load[guest->home] += (double)guest->load_milli;
        load += fleet->hosts[guest->home].is_open ? (double)guest->load_milli : 0;
        for (size_t r = 0; r < fleet->n_resources; r++)
            choosing->used[(size_t)guest->home * fleet->n_resources + r] += guest->size[r];
    }
    for (size_t p = 0; p < fleet->n_hosts; p++)
        cpu += fleet->hosts[p].is_open ? (double)fleet->hosts[p].cpu_milli : 0;
    choosing->fair = cpu > 0 ? load / cpu : 0;
    return 0;
}

static void end(struct choosing *choosing)
{
    free(choosing->used);
    free(choosing->load);
    free(choosing->comes);
    free(choosing->unit);
    free(choosing->is_out);
    free(choosing->waits);
    free(choosing->apart_first);
    free(choosing->apart_set);
}

static bool has_to_move(const struct fleet *fleet, const struct fleet_guest *guest)
{
    return guest->home < 0 || !fleet->hosts[guest->home].is_open ||
           (guest->allowed && !guest->allowed[guest->home]);
}

/* How much it evens out: what squares of shares lose, weighed by the hosts' CPUs. */
static double relief(const struct choosing *choosing, const struct fleet_move *move)
{
    const struct fleet *fleet = choosing->fleet;
    const struct fleet_guest *guest = &fleet->guests[move->guest];
    double load = (double)guest->load_milli, from, to;

    if (has_to_move(fleet, guest))
        return DBL_MAX / 4;
    from = choosing->load[move->from] / (double)fleet->hosts[move->from].cpu_milli;
    to = choosing->load[move->to] / (double)fleet->hosts[move->to].cpu_milli;
    return load * (from - to) - load * load / 2 *
                                    (1 / (double)fleet->hosts[move->from].cpu_milli +
                                     1 / (double)fleet->hosts[move->to].cpu_milli);
}

/* Somebody is there already, or comes, from whom it is to be apart. */
static bool clashes(const struct choosing *choosing, size_t guest, int host)
{
    const struct fleet *fleet = choosing->fleet;

    for (int s = choosing->apart_first[guest]; s < choosing->apart_first[guest + 1]; s++) {
        int set = choosing->apart_set[s];

        for (int k = fleet->apart_first[set]; k < fleet->apart_first[set + 1]; k++) {
            size_t other = (size_t)fleet->apart_guest[k];

            if (other != guest &&
                (fleet->guests[other].home == host || choosing->plan->host_of[other] == host))
                return true;
        }
    }
    return false;
}

static bool has_room(const struct choosing *choosing, int unit)
{
    const struct fleet *fleet = choosing->fleet;
    const struct fleet_plan *plan = choosing->plan;
    size_t host = (size_t)plan->moves[unit].to;

    for (size_t r = 0; r < fleet->n_resources; r++) {
        int64_t used = choosing->used[host * fleet->n_resources + r];

        for (size_t k = (size_t)unit; k < plan->n_moves; k++)
            if (choosing->unit[k] == unit)
                used += fleet->guests[plan->moves[k].guest].size[r];
            else if (fleet->guests[plan->moves[unit].guest].together < 0)
                break;
        if (used > fleet->hosts[host].room[r])
            return false;
    }
    for (size_t k = (size_t)unit; k < plan->n_moves; k++) {
        if (choosing->unit[k] == unit && clashes(choosing, plan->moves[k].guest, plan->moves[k].to))
            return false;
        if (fleet->guests[plan->moves[unit].guest].together < 0)
            break;
    }
    return true;
}

/* One unit alone may be larger than a limit of the engine: else it would never move. */
static bool is_within(const struct choosing *choosing, int unit, size_t n)
{
    size_t at_host = choosing->comes[choosing->plan->moves[unit].to];
    size_t in_all = choosing->steps->n_taken;

    return (at_host == 0 || at_host + n <= choosing->limits->per_host) &&
           (in_all == 0 || in_all + n <= choosing->limits->per_cluster) &&
           in_all + n <= choosing->limits->per_plan;
}

/* Nobody makes hosts too uneven, unless he has to move. */
static bool is_even(const struct choosing *choosing, int unit)
{
    const struct fleet *fleet = choosing->fleet;
    const struct fleet_plan *plan = choosing->plan;
    int to = plan->moves[unit].to;
    double load = 0;

    for (size_t k = (size_t)unit; k < plan->n_moves; k++) {
        const struct fleet_guest *guest = &fleet->guests[plan->moves[k].guest];

        if (choosing->unit[k] != unit)
            continue;
        if (has_to_move(fleet, guest))
            return true;
        load += (double)guest->load_milli;
        if (off_pct(choosing, guest->home, -(double)guest->load_milli) > choosing->most_pct)
            return false;
    }
    return off_pct(choosing, to, load) <= choosing->most_pct;
}

/* The best unit that is left, or -1. */
static int best_unit(const struct choosing *choosing)
{
    double best_relief = -DBL_MAX;
    int best = -1;

    for (size_t k = 0; k < choosing->plan->n_moves; k++) {
        double gain;

        if (choosing->unit[k] != (int)k || choosing->is_out[k] || choosing->waits[k] ||
            choosing->steps->is_taken[k])
            continue;
        gain = relief(choosing, &choosing->plan->moves[k]);
        if (best < 0 || gain > best_relief) {
            best = (int)k;
            best_relief = gain;
        }
    }
    return best;
}

static size_t count(const struct choosing *choosing, int unit)
{
    size_t n = 0;

    for (size_t k = (size_t)unit; k < choosing->plan->n_moves; k++)
        n += choosing->unit[k] == unit;
    return n;
}

static void take(struct choosing *choosing, int unit)
{
    const struct fleet *fleet = choosing->fleet;

    for (size_t k = (size_t)unit; k < choosing->plan->n_moves; k++) {
        const struct fleet_move *move = &choosing->plan->moves[k];
        const struct fleet_guest *guest = &fleet->guests[move->guest];

        if (choosing->unit[k] != unit)
            continue;
        choosing->steps->is_taken[k] = true;
        choosing->steps->n_taken++;
        choosing->comes[move->to]++;
        for (size_t r = 0; r < fleet->n_resources; r++)
            choosing->used[(size_t)move->to * fleet->n_resources + r] += guest->size[r];
        choosing->load[move->to] += (double)guest->load_milli;
        if (move->from >= 0)
            choosing->load[move->from] -= (double)guest->load_milli;
    }
}

int one_steps_choose(const struct fleet *fleet, const struct fleet_plan *plan,
                     const struct one_limits *limits, double most_pct, struct one_steps *ret)
{
    struct choosing choosing = {
        .fleet = fleet, .plan = plan, .limits = limits, .most_pct = most_pct, .steps = ret};
    int r, unit;

    *ret = (struct one_steps){0};
    r = begin(&choosing);
    while (r == 0 && (unit = best_unit(&choosing)) >= 0) {
        size_t n = count(&choosing, unit);
        bool fits = has_room(&choosing, unit);

        if (fits && !is_even(&choosing, unit)) {
            choosing.waits[unit] = true;
            ret->n_uneven += n;
        } else if (fits && is_within(&choosing, unit, n)) {
            take(&choosing, unit);
            memset(choosing.waits, 0, plan->n_moves * sizeof(*choosing.waits));
            ret->n_uneven = 0;
        } else {
            choosing.is_out[unit] = true;
            *(fits ? &ret->n_limited : &ret->n_no_room) += n;
        }
    }
    end(&choosing);
    return r;
}

void one_steps_done(struct one_steps *steps)
{
    free(steps->is_taken);
    *steps = (struct one_steps){0};
}
