/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/fleet.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "planner/fleet/n1.h"

static void lose(struct fleet_guest *guest)
{
    guest->home = FLEET_NOWHERE;
    guest->is_fixed &= !guest->may_restart;
    if (guest->restart)
        guest->allowed = guest->restart;
    if (!guest->why_unjudged || guest->is_fixed)
        return;
    guest->is_fixed = true;
    guest->why_fixed = guest->why_unjudged;
}

void fleet_close_host(struct fleet *fleet, size_t host, enum fleet_closing how)
{
    assert(host < fleet->n_hosts);
    fleet->hosts[host].is_open = false;
    fleet->hosts[host].why_closed = how == FLEET_LOST ? "lost" : "maintenance";
    for (size_t i = 0; how == FLEET_LOST && i < fleet->n_guests; i++)
        if (fleet->guests[i].home == (int)host)
            lose(&fleet->guests[i]);
}

void fleet_settings_default(struct fleet_settings *settings)
{
    *settings = (struct fleet_settings){
        .point_prices = 0.04,
        .whole_hosts = 32,
        .group_hosts = 16,
        .restart_moves = 2,
        .limits = {.max_kcells = INT64_C(18) * 1000 * 1000,
                   .max_pivots = 200 * 1000,
                   .max_nodes = 50 * 1000,
                   .max_bytes = INT64_C(1) << 30},
    };
}

const char *fleet_n1_text(enum fleet_n1_answer answer)
{
    static const char *const text[] = {[FLEET_SAFE] = "safe",
                                       [FLEET_WITH_MOVES] = "with-moves",
                                       [FLEET_UNPROTECTED] = "unprotected",
                                       [FLEET_UNKNOWN] = "unknown",
                                       [FLEET_NOT_JUDGED] = "not-judged"};

    return text[answer];
}

const char *fleet_verdict_text(enum fleet_verdict verdict)
{
    static const char *const text[] = {[FLEET_PLAN_MOVES] = "moves",
                                       [FLEET_PLAN_NOTHING] = "nothing",
                                       [FLEET_PLAN_CONFLICT] = "conflict",
                                       [FLEET_PLAN_UNSAFE] = "unsafe"};

    return text[verdict];
}

void fleet_plan_done(struct fleet_plan *plan)
{
    free(plan->host_of);
    free(plan->moves);
    free(plan->stopped);
    free(plan->conflicts);
    free(plan->is_at_odds);
    n1_free(plan->n1_before, plan->n_n1);
    n1_free(plan->n1, plan->n_n1);
    lp_free(plan->lp);
    memset(plan, 0, sizeof(*plan));
}
