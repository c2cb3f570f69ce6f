/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/chunk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"
#include "models/solve/fixing.h"
#include "models/solve/joint.h"

enum {
    /* Cost units by which another vector may prove less and still be a filter (as in gap_loop.c:
     * 4022, 873, 3871; 4128, 882, 3858). Without filters one problem of 70 stays open at 32x8. */
    FILTER_SLACK = 3,
    ROOM_PART = 4, /* a set is tight where it has room for no more than this part beside its own */
};

int chunk_new(struct workspace *ws, int64_t cutoff, struct arena *arena, struct chunk *ret)
{
    size_t n = (size_t)ws->in->n, m = (size_t)ws->in->m, width = (size_t)ws->bounds.top + 1;
    struct chunk chunk = {.ws = ws, .cutoff = cutoff};

    chunk.duals = arena_take(arena, n, sizeof(int));
    chunk.values = arena_take(arena, m * width, sizeof(int32_t));
    chunk.by_load = arena_take(arena, m * width, sizeof(int32_t));
    chunk.bound = arena_take(arena, (size_t)ws->windows.n, sizeof(int64_t));
    chunk.limit = arena_take(arena, m * width, sizeof(int64_t));
    chunk.may_leave = arena_take(arena, n, sizeof(bool));
    for (int k = 0; k < CHUNK_FILTERS; k++) {
        chunk.filters[k].limit = arena_take(arena, m * width, sizeof(int64_t));
        chunk.filters[k].duals = arena_take(arena, n, sizeof(int));
    }
    chunk.joint_of = arena_take(arena, m, sizeof(int));
    chunk.short_of = arena_take(arena, BIN_SETS * width, sizeof(int64_t));
    *ret = chunk;
    return arena_error(arena);
}

/* ---- Which windows ---- */

static int64_t budget(const struct chunk *chunk, int t)
{
    return windows_budget(&chunk->ws->windows, t, chunk->cutoff);
}

static int64_t slack(const struct chunk *chunk, int vector, int t)
{
    return budget(chunk, t) - chunk->ws->bounds.profile[vector][t];
}

/* At duals from a formula many patterns tie, so a climbed vector with the same slack is better. */
static int64_t handicap(const struct chunk *chunk, int vector)
{
    return chunk->ws->bounds.climbed[vector] ? 0 : chunk->ws->in->price_scale;
}

static int tightest_vector(const struct chunk *chunk, int t)
{
    int64_t least = INT64_MAX;
    int best = -1;

    for (int k = 0; k < BOUNDS_VECTORS; k++) {
        int64_t here = INT64_MAX;

        if (chunk->ws->bounds.duals[k])
            here = slack(chunk, k, t) + handicap(chunk, k);
        if (here < least) {
            least = here;
            best = k;
        }
    }
    return best;
}

bool chunk_choose(struct chunk *chunk, const bool *open, double width)
{
    int scale = chunk->ws->in->price_scale;
    int64_t most;

    chunk->to = chunk->ws->bounds.top;
    while (chunk->to >= 0 && !open[chunk->to])
        chunk->to--;
    if (chunk->to < 0)
        return false;
    chunk->from = chunk->to;
    chunk->vector = tightest_vector(chunk, chunk->to);
    if (chunk->vector < 0)
        return true;
    most = slack(chunk, chunk->vector, chunk->to) + (int64_t)(scale * width);
    most = max64(most, scale);
    while (chunk->from > 0 && open[chunk->from - 1] &&
           slack(chunk, chunk->vector, chunk->from - 1) <= most)
        chunk->from--;
    return true;
}

/* ---- Limits ---- */

static int64_t value_of(const struct chunk *chunk, int p, int t)
{
    return chunk->values[(int64_t)p * (chunk->to + 1) + t];
}

/* What is lost in window t because sets of bins pay more than their values, beside bin p's own. */
static int64_t lost_elsewhere(const struct chunk *chunk, int p, int t)
{
    int64_t lost = 0;

    for (int k = 0; k < chunk->n_joints; k++)
        if (p < 0 || chunk->joint_of[p] != k)
            lost += chunk->short_of[(int64_t)k * (chunk->to + 1) + t];
    return lost;
}

/* A plan within the cutoff whose largest window is t spends no more than the slack of t over the
 * bins' least values, so no single pattern does; and a pattern's own window is no wider than t. */
static void fill_limits(const struct chunk *chunk, int64_t *limit)
{
    int width = chunk->to + 1;

    for (int p = 0; p < chunk->ws->in->m; p++) {
        int64_t most = INT64_MIN;

        for (int t = chunk->to; t >= 0; t--) {
            if (t >= chunk->from && chunk->bound[t] < WINDOWS_IMPOSSIBLE)
                most = max64(most, value_of(chunk, p, t) + budget(chunk, t) - chunk->bound[t] -
                                       lost_elsewhere(chunk, p, t));
            limit[(int64_t)p * width + t] = most;
        }
    }
}

/* Evaluates one vector of duals and fills in its limits. */
static void look_through(struct chunk *chunk, int vector, int *duals, int64_t *limit)
{
    struct pricing *pricing = &chunk->ws->pricing;
    struct evaluation ev = {
        .bound = chunk->bound, .bin_value = chunk->values, .load_value = chunk->by_load};
    int bottom = pricing->bottom, top = pricing->top;

    memcpy(duals, chunk->ws->bounds.duals[vector], (size_t)pricing->in->n * sizeof(int));
    pricing_narrow(pricing, chunk->from, chunk->to);
    pricing_evaluate(pricing, duals, &ev);
    pricing_narrow(pricing, bottom, top);
    fill_limits(chunk, limit);
    fixing_leavers(pricing, duals, chunk->to, limit, chunk->may_leave);
}

/* A second vector of duals with almost as good a bound rejects other patterns than the first does.
 * So a pattern must pass at all of them. */
static void choose_filters(struct chunk *chunk)
{
    const struct bounds *bounds = &chunk->ws->bounds;
    int64_t most =
        slack(chunk, chunk->vector, chunk->to) + (int64_t)FILTER_SLACK * chunk->ws->in->price_scale;

    chunk->n_filters = 0;
    for (int k = 0; k < BOUNDS_VECTORS && chunk->n_filters < CHUNK_FILTERS; k++) {
        struct enumeration_filter *filter = &chunk->filters[chunk->n_filters];

        if (k == chunk->vector || !bounds->duals[k] || slack(chunk, k, chunk->to) > most)
            continue;
        look_through(chunk, k, filter->duals, filter->limit);
        chunk->n_filters++;
    }
}

/* The knapsack that the slack is for is the one by load, so it counts from what that says, whatever the
 * limits come from. */
static int64_t slack_by_load(const struct chunk *chunk, int p, int t)
{
    int64_t at = (int64_t)p * (chunk->to + 1) + t;

    return chunk->limit[at] == INT64_MIN ? 0 : chunk->limit[at] - chunk->by_load[at];
}

struct enumeration chunk_enumeration(const struct chunk *chunk)
{
    struct enumeration enumeration = {.pricing = &chunk->ws->pricing,
                                      .duals = chunk->duals,
                                      .top = chunk->to,
                                      .limit = chunk->limit,
                                      .may_leave = chunk->may_leave,
                                      .filters = chunk->filters,
                                      .n_filters = chunk->n_filters};

    for (int p = 0; p < chunk->ws->in->m; p++)
        for (int t = chunk->from; t <= chunk->to; t++)
            enumeration.slack = max64(enumeration.slack, slack_by_load(chunk, p, t));
    return enumeration;
}

/* ---- Sets of bins together ---- */

/* Whether the set's bins have little room for others than those who may run nowhere else. */
static bool is_tight(const struct chunk *chunk, const struct bin_set *set)
{
    int64_t room = -set->confined_weight;

    for (int k = 0; k < set->n_bins; k++) {
        room += windows_high(&chunk->ws->windows, set->bins[k], chunk->to);
        if (chunk->joint_of[set->bins[k]] >= 0)
            return false;
    }
    return set->n_bins < chunk->ws->in->m && room <= set->confined_weight / ROOM_PART;
}

static int64_t sum_of_values(const struct chunk *chunk, const struct bin_set *set, int t)
{
    int64_t sum = 0;

    for (int k = 0; k < set->n_bins; k++)
        sum += value_of(chunk, set->bins[k], t);
    return sum;
}

/* The most that the set's bins may pay together. */
static int64_t most_together(const struct chunk *chunk, const struct bin_set *set)
{
    int64_t most = INT64_MIN;

    for (int t = chunk->from; t <= chunk->to; t++)
        if (chunk->bound[t] < WINDOWS_IMPOSSIBLE)
            most = max64(most, sum_of_values(chunk, set, t) + budget(chunk, t) - chunk->bound[t] -
                                   lost_elsewhere(chunk, -1, t));
    return most;
}

/* Whether no window has anything to spend. */
static bool is_refuted(const struct chunk *chunk)
{
    for (int t = chunk->from; t <= chunk->to; t++)
        if (budget(chunk, t) - chunk->bound[t] - lost_elsewhere(chunk, -1, t) >= 0)
            return false;
    return true;
}

static int join(struct chunk *chunk, const struct bin_set *set)
{
    struct enumeration enumeration = chunk_enumeration(chunk);
    struct joint joint = {
        .set = set, .enumeration = &enumeration, .most = most_together(chunk, set)};
    int64_t least, *short_of = chunk->short_of + (int64_t)chunk->n_joints * (chunk->to + 1);
    int r = joint_least(&joint, &least);

    if (r < 0 || least == JOINT_UNKNOWN)
        return r;
    for (int t = chunk->from; t <= chunk->to; t++)
        short_of[t] = max64(0, least - sum_of_values(chunk, set, t));
    for (int k = 0; k < set->n_bins; k++)
        chunk->joint_of[set->bins[k]] = chunk->n_joints;
    chunk->n_joints++;
    return 0;
}

/* 1: the sets leave no room for any plan, 0, or -ENOMEM. */
static int look_at_sets(struct chunk *chunk)
{
    const struct bin_sets *sets = &chunk->ws->windows.sets;
    int r = 0;

    chunk->n_joints = 0;
    for (int p = 0; p < chunk->ws->in->m; p++)
        chunk->joint_of[p] = -1;
    for (int k = 0; k < sets->n && r == 0; k++) {
        if (is_tight(chunk, &sets->set[k]))
            r = join(chunk, &sets->set[k]);
        if (is_refuted(chunk))
            return 1;
    }
    return r;
}

int chunk_look(struct chunk *chunk)
{
    int r;

    memset(chunk->may_leave, true, (size_t)chunk->ws->in->n * sizeof(bool));
    chunk->n_joints = 0;
    choose_filters(chunk);
    look_through(chunk, chunk->vector, chunk->duals, chunk->limit);
    r = look_at_sets(chunk);
    if (r == 0 && chunk->n_joints > 0) {
        fill_limits(chunk, chunk->limit);
        fixing_leavers(&chunk->ws->pricing, chunk->duals, chunk->to, chunk->limit,
                       chunk->may_leave);
    }
    return r;
}

int64_t *chunk_excesses(const struct chunk *chunk, const struct pattern_store *store)
{
    int64_t *excess = malloc(((size_t)store->n + 1) * sizeof(*excess));

    for (int k = 0; excess && k < store->n; k++) {
        const struct pattern *pattern = &store->patterns[k];

        excess[k] = patterns_value(chunk->ws->in, chunk->duals, pattern) -
                    value_of(chunk, pattern->bin, chunk->to);
    }
    return excess;
}
