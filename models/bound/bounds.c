/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/bounds.h"

#include <errno.h>
#include <string.h>

/* Whether plans that cost nothing may have to be listed. */
static bool starts_below(const struct instance *in)
{
    return in->has_dear_homes || !rules_are_none(&in->rules);
}

int bounds_new(const struct windows *windows, struct arena *arena, struct bounds *ret)
{
    struct bounds bounds = {.windows = windows, .top = windows->n - 1, .arena = arena};

    bounds.least_cost = arena_take(arena, (size_t)windows->n, sizeof(int64_t));
    bounds.proven_by = arena_take(arena, (size_t)windows->n, sizeof(int));
    if (!bounds.least_cost || !bounds.proven_by)
        return -ENOMEM;
    for (int t = 0; t < windows->n; t++) {
        bounds.proven_by[t] = -1;
        bounds.least_cost[t] = starts_below(windows->in) ? -1 : 0;
    }
    *ret = bounds;
    return 0;
}

int64_t bounds_objective(const struct bounds *bounds, int t)
{
    return windows_objective(bounds->windows, t, bounds->least_cost[t]);
}

int bounds_weakest(const struct bounds *bounds)
{
    int weakest = 0;
    int64_t least = INT64_MAX;

    for (int t = 0; t <= bounds->top; t++) {
        int64_t objective = bounds_objective(bounds, t);

        if (objective < least) {
            least = objective;
            weakest = t;
        }
    }
    return weakest;
}

int64_t bounds_least(const struct bounds *bounds)
{
    return bounds_objective(bounds, bounds_weakest(bounds));
}

/* A slot whose vector is behind no open window, or the first. */
static int free_slot(const struct bounds *bounds, int64_t objective)
{
    bool used[BOUNDS_VECTORS] = {false};

    for (int t = 0; t <= bounds->top; t++)
        if (bounds->proven_by[t] >= 0 && bounds_objective(bounds, t) < objective)
            used[bounds->proven_by[t]] = true;
    for (int k = 0; k < BOUNDS_VECTORS; k++)
        if (!used[k])
            return k;
    return 0;
}

static int keep(struct bounds *bounds, int slot, const int *duals, const int64_t *profile)
{
    size_t n = (size_t)bounds->windows->in->n, t = (size_t)bounds->windows->n;

    if (!bounds->duals[slot]) {
        int *room = arena_take(bounds->arena, n, sizeof(int));

        bounds->profile[slot] = arena_take(bounds->arena, t, sizeof(int64_t));
        if (!room || !bounds->profile[slot])
            return -ENOMEM;
        bounds->duals[slot] = room;
    }
    bounds->climbed[slot] = bounds->climbing;
    memcpy(bounds->duals[slot], duals, n * sizeof(int));
    memcpy(bounds->profile[slot], profile, ((size_t)bounds->top + 1) * sizeof(int64_t));
    return 0;
}

int bounds_learn(struct bounds *bounds, const int *duals, const int64_t *profile, int64_t objective)
{
    bool better = false;
    int slot;

    for (int t = 0; t <= bounds->top && !better; t++)
        better = profile[t] > bounds->least_cost[t] && bounds_objective(bounds, t) < objective;
    if (!better)
        return 0;
    slot = free_slot(bounds, objective);
    if (keep(bounds, slot, duals, profile) < 0)
        return -ENOMEM;
    for (int t = 0; t <= bounds->top; t++)
        if (bounds->proven_by[t] == slot) /* the bound stands, its vector is gone */
            bounds->proven_by[t] = -1;
    for (int t = bounds->top; t >= 0; t--) {
        if (profile[t] > bounds->least_cost[t]) {
            bounds->least_cost[t] = profile[t];
            bounds->proven_by[t] = slot;
        }
        if (t < bounds->top && bounds->least_cost[t] < bounds->least_cost[t + 1]) {
            bounds->least_cost[t] = bounds->least_cost[t + 1];
            bounds->proven_by[t] = bounds->proven_by[t + 1];
        }
    }
    return 0;
}

void bounds_raise(struct bounds *bounds, int t, int64_t cost)
{
    for (; t >= 0 && bounds->least_cost[t] < cost; t--)
        bounds->least_cost[t] = cost;
}

void bounds_trim(struct bounds *bounds, int64_t objective)
{
    while (bounds->top > bounds->bottom && bounds_objective(bounds, bounds->top) >= objective)
        bounds->top--;
    while (bounds->bottom < bounds->top && bounds_objective(bounds, bounds->bottom) >= objective)
        bounds->bottom++;
}

int bounds_climbed(const struct bounds *bounds, int t)
{
    int best = -1;

    for (int k = 0; k < BOUNDS_VECTORS; k++)
        if (bounds->climbed[k] && (best < 0 || bounds->profile[k][t] > bounds->profile[best][t]))
            best = k;
    return best;
}
