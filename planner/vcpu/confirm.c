/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/confirm.h"

#include <errno.h>
#include <stdlib.h>

#include "models/placement/evaluate.h"

/* The present placement and another one where vCPUs want this. */
static int compare(const struct vcpu_build *build, const int *demand_permille, const int *bin_of,
                   struct placement_value *before, struct placement_value *after)
{
    struct placement_problem problem = build->problem;
    int r;

    problem.demand_permille = demand_permille;
    r = placement_evaluate(&problem, problem.current, before);
    return r < 0 ? r : placement_evaluate(&problem, bin_of, after);
}

static int flattens(const struct vcpu_build *build, const int *demand_permille, const int *bin_of,
                    bool *ret)
{
    struct placement_value before, after;
    int r = compare(build, demand_permille, bin_of, &before, &after);

    if (r == 0)
        *ret = after.deviation_scaled < before.deviation_scaled;
    return r;
}

/* Whether it flattens the number of vCPUs per pCPU as well: then no later sample takes it back,
 * whatever each of them will want. */
static int flattens_counts(const struct vcpu_build *build, const int *bin_of, bool *ret)
{
    int *same = calloc(build->problem.n_items + 1, sizeof(*same));
    int r;

    if (!same)
        return -ENOMEM;
    for (size_t i = 0; i < build->problem.n_items; i++)
        same[i] = 500;
    r = flattens(build, same, bin_of, ret);
    free(same);
    return r;
}

/* Whether it would pay as well if those that have just jumped went half the way back. */
static int pays_anyway(const struct confirm *c, bool *ret)
{
    struct placement_value before, after;
    int r = compare(c->build, c->build->if_back_permille, c->bin_of, &before, &after);

    if (r == 0)
        *ret = before.objective - after.objective >= c->gain_points;
    return r;
}

int confirm_must_wait(const struct confirm *c, bool *ret)
{
    bool waking = c->build->startup.waking;
    bool confirmed = c->plan_seen || c->tracks->elapsed_s >= c->settings->confirm_s;
    bool go = c->build->must_act || (confirmed && !waking);
    int r = 0;

    if (!go && waking)
        r = flattens(c->build, c->build->now_permille, c->bin_of, &go);
    else if (!go && c->tracks->watched_s >= VCPU_HISTORY_WATCHED_S)
        r = pays_anyway(c, &go);
    if (r == 0 && !go && !waking)
        r = flattens_counts(c->build, c->bin_of, &go);
    *ret = !go;
    return r;
}
