/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "planner/fleet/check_limit.h"
#include "planner/fleet/check_n1.h"
#include "planner/fleet/check_value.h"

static bool is_open(const struct fleet *fleet, int host)
{
    return host >= 0 && host < (int)fleet->n_hosts && fleet->hosts[host].is_open;
}

static bool may_be(const struct fleet_guest *guest, int host)
{
    return !guest->allowed || guest->allowed[host];
}

static bool is_in_rule(const struct fleet *fleet, int guest)
{
    bool is_found = fleet->guests[guest].together >= 0;
    int n = fleet->n_apart > 0 ? fleet->apart_first[fleet->n_apart] : 0;

    for (int k = 0; k < n && !is_found; k++)
        is_found = fleet->apart_guest[k] == guest;
    return is_found;
}

static int check_odds(const struct fleet *fleet, const struct fleet_plan *plan, int guest,
                      struct err *err)
{
    const struct fleet_guest *of = &fleet->guests[guest];
    int host = plan->host_of[guest];

    if (host != of->home && host != FLEET_NOWHERE)
        return err_set(err, -EINVAL, "the rules of '%s' cannot be kept, and it would be moved",
                       of->name);
    if (!is_in_rule(fleet, guest))
        return err_set(err, -EINVAL, "guest '%s' has no rules that could contradict each other",
                       of->name);
    return 0;
}

static int check_place(const struct fleet *fleet, const struct fleet_guest *guest, int host,
                       struct err *err)
{
    if (guest->is_fixed && host != guest->home)
        return err_set(err, -EINVAL, "guest '%s' is fixed and would change its place", guest->name);
    if (guest->is_fixed)
        return 0;
    if (host == FLEET_NOWHERE) {
        if (is_open(fleet, guest->home) && may_be(guest, guest->home))
            return err_set(err, -EINVAL, "guest '%s' runs where it may and would be stopped",
                           guest->name);
        return 0;
    }
    if (!is_open(fleet, host))
        return err_set(err, -EINVAL, "guest '%s' would be on a host that is not open", guest->name);
    if (!may_be(guest, host))
        return err_set(err, -EINVAL, "guest '%s' may not be on host '%s'", guest->name,
                       fleet->hosts[host].name);
    return 0;
}

static int check_places(const struct fleet *fleet, const struct fleet_plan *plan, struct err *err)
{
    int r = 0;

    if (plan->n_guests != fleet->n_guests)
        return err_set(err, -EINVAL, "the plan has %zu guests, the picture %zu", plan->n_guests,
                       fleet->n_guests);
    for (size_t i = 0; r == 0 && i < fleet->n_guests; i++)
        r = check_place(fleet, &fleet->guests[i], plan->host_of[i], err);
    for (size_t i = 0; r == 0 && i < fleet->n_guests; i++)
        if (plan->is_at_odds[i])
            r = check_odds(fleet, plan, (int)i, err);
    return r;
}

/* What guests take of a resource on each host, before and after. */
static void sum_sizes(const struct fleet *fleet, const struct fleet_plan *plan, size_t resource,
                      int64_t *before, int64_t *after)
{
    memset(before, 0, fleet->n_hosts * sizeof(*before));
    memset(after, 0, fleet->n_hosts * sizeof(*after));
    for (size_t i = 0; i < fleet->n_guests; i++) {
        const struct fleet_guest *guest = &fleet->guests[i];

        if (guest->home >= 0)
            before[guest->home] += guest->size[resource];
        if (plan->host_of[i] >= 0)
            after[plan->host_of[i]] += guest->size[resource];
    }
}

static int check_rooms(const struct fleet *fleet, const struct fleet_plan *plan, struct err *err)
{
    int64_t *before = calloc(fleet->n_hosts + 1, sizeof(*before));
    int64_t *after = calloc(fleet->n_hosts + 1, sizeof(*after));
    int r = before && after ? 0 : -ENOMEM;

    for (size_t k = 0; r == 0 && k < fleet->n_resources; k++) {
        sum_sizes(fleet, plan, k, before, after);
        for (size_t p = 0; r == 0 && p < fleet->n_hosts; p++)
            if (after[p] > fleet->hosts[p].room[k] && after[p] > before[p])
                r = err_set(err, -EINVAL,
                            "host '%s' has room for %" PRId64 " of %s, and its guests would take "
                            "%" PRId64,
                            fleet->hosts[p].name, fleet->hosts[p].room[k], fleet->resource[k],
                            after[p]);
    }
    free(before);
    free(after);
    return r;
}

static bool stays(const struct fleet *fleet, const struct fleet_plan *plan, int guest)
{
    return fleet->guests[guest].is_fixed || plan->is_at_odds[guest];
}

static int check_apart(const struct fleet *fleet, const struct fleet_plan *plan, struct err *err)
{
    int *who = calloc(fleet->n_hosts + 1, sizeof(*who)), r = who ? 0 : -ENOMEM;

    for (size_t s = 0; r == 0 && s < fleet->n_apart; s++) {
        memset(who, -1, fleet->n_hosts * sizeof(*who));
        for (int k = fleet->apart_first[s]; r == 0 && k < fleet->apart_first[s + 1]; k++) {
            int guest = fleet->apart_guest[k], host = plan->host_of[guest];

            if (host < 0)
                continue;
            if (who[host] >= 0 && who[host] != guest &&
                !(stays(fleet, plan, who[host]) && stays(fleet, plan, guest)))
                r = err_set(err, -EINVAL, "guests '%s' and '%s' are to be apart, both on '%s'",
                            fleet->guests[who[host]].name, fleet->guests[guest].name,
                            fleet->hosts[host].name);
            who[host] = guest;
        }
    }
    free(who);
    return r;
}

static int check_together(const struct fleet *fleet, const struct fleet_plan *plan, struct err *err)
{
    int *who = calloc(fleet->n_guests + 1, sizeof(*who)), r = who ? 0 : -ENOMEM;

    for (size_t i = 0; who && i < fleet->n_guests; i++)
        who[i] = -1;
    for (size_t i = 0; r == 0 && i < fleet->n_guests; i++) {
        int set = fleet->guests[i].together, host = plan->host_of[i];

        if (set < 0 || host < 0 || !is_open(fleet, host) || plan->is_at_odds[i])
            continue;
        if (who[set] >= 0 && plan->host_of[who[set]] != host)
            r = err_set(err, -EINVAL, "guests '%s' and '%s' are to be together, on '%s' and '%s'",
                        fleet->guests[who[set]].name, fleet->guests[i].name,
                        fleet->hosts[plan->host_of[who[set]]].name, fleet->hosts[host].name);
        who[set] = (int)i;
    }
    free(who);
    return r;
}

static int check_moves(const struct fleet *fleet, const struct fleet_plan *plan, struct err *err)
{
    size_t changes = 0, starts = 0;
    int64_t price = 0;

    for (size_t i = 0; i < fleet->n_guests; i++)
        changes += plan->host_of[i] >= 0 && plan->host_of[i] != fleet->guests[i].home;
    for (size_t k = 0; k < plan->n_moves; k++) {
        const struct fleet_move *move = &plan->moves[k];
        const struct fleet_guest *guest = &fleet->guests[move->guest];

        if (k > 0 && strcmp(fleet->guests[plan->moves[k - 1].guest].name, guest->name) >= 0)
            return err_set(err, -EINVAL, "guest '%s' is out of order among the moves", guest->name);
        if (move->from != guest->home || move->to != plan->host_of[move->guest] ||
            move->to == move->from || move->to < 0)
            return err_set(err, -EINVAL, "guest '%s': its move is not where it goes", guest->name);
        if (move->cost != (guest->home < 0 ? 0 : guest->price))
            return err_set(err, -EINVAL, "guest '%s': its move costs %d, the plan says %d",
                           guest->name, guest->price, move->cost);
        starts += guest->home < 0;
        price += move->cost;
    }
    if (changes != plan->n_moves || starts != plan->n_starts || price != plan->price)
        return err_set(err, -EINVAL,
                       "%zu changes, %zu starts and a price of %" PRId64 "; the plan says %zu, %zu "
                       "and %" PRId64,
                       changes, starts, price, plan->n_moves, plan->n_starts, plan->price);
    if ((plan->verdict == FLEET_PLAN_MOVES) != (changes > 0))
        return err_set(err, -EINVAL, "verdict %s with %zu changes",
                       fleet_verdict_text(plan->verdict), changes);
    return 0;
}

static int check_stopped(const struct fleet *fleet, const struct fleet_plan *plan, struct err *err)
{
    size_t n = 0;

    for (size_t i = 0; i < fleet->n_guests; i++)
        n += plan->host_of[i] < 0 && !fleet->guests[i].is_fixed;
    if (n != plan->n_stopped || plan->least_stopped > n)
        return err_set(err, -EINVAL, "%zu guests are stopped; the plan says %zu, and at least %zu",
                       n, plan->n_stopped, plan->least_stopped);
    for (size_t k = 0; k < plan->n_stopped; k++) {
        const struct fleet_stopped *stopped = &plan->stopped[k];
        const struct fleet_guest *guest = &fleet->guests[stopped->guest];

        if (k > 0 && strcmp(fleet->guests[plan->stopped[k - 1].guest].name, guest->name) >= 0)
            return err_set(err, -EINVAL, "guest '%s' is out of order among those stopped",
                           guest->name);
        if (plan->host_of[stopped->guest] >= 0 || guest->is_fixed ||
            stopped->must_leave != (guest->home >= 0))
            return err_set(err, -EINVAL, "guest '%s' is told to be stopped", guest->name);
    }
    return 0;
}

int fleet_check(const struct fleet *fleet, const struct fleet_settings *settings,
                const struct fleet_plan *plan, struct err *err)
{
    int r = check_places(fleet, plan, err);

    if (r == 0)
        r = check_rooms(fleet, plan, err);
    if (r == 0)
        r = check_apart(fleet, plan, err);
    if (r == 0)
        r = check_together(fleet, plan, err);
    if (r == 0)
        r = check_moves(fleet, plan, err);
    if (r == 0)
        r = check_limit(fleet, settings, plan, err);
    if (r == 0)
        r = check_stopped(fleet, plan, err);
    if (r == 0)
        r = check_value(fleet, settings, plan, err);
    return r == 0 ? check_n1(fleet, plan, err) : r;
}
