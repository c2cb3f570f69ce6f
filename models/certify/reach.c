/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/certify/reach.h"

#include <errno.h>
#include <string.h>

#include "models/bound/kernels.h"
#include "models/bound/profile.h"
#include "models/solve/enumeration.h"
#include "models/solve/fixing.h"

/* Of the depth-first walk, per pattern asked for; of a sample, per bin. */
enum { STEPS_PER_PATTERN = 20, SAMPLE_STEPS = 2000 };

/* ---- The windows that such a plan may have ---- */

static bool is_open(const struct windows *windows, int t, int64_t prices, int64_t objective)
{
    return windows_objective(windows, t, prices) <= objective;
}

/* The widest window that holds such a plan, or -1. */
static int widest_open(const struct instance *in, const struct placement_proof *proof,
                       int64_t objective)
{
    struct windows view = {.in = in, .n = proof->n_windows, .least = proof->least};
    int t = proof->n_windows - 1;

    while (t >= 0 && !is_open(&view, t, proof->bound[t], objective))
        t--;
    return t;
}

/* The same windows as the search had, up to the widest that matters. */
static int rebuild_windows(struct reach *reach, const struct placement_proof *proof,
                           int64_t objective)
{
    const struct instance *in = reach->in;
    int64_t most = in->problem->objective == PLACEMENT_VARIANCE ? windows_reach(in, objective)
                                                                : proof->least[reach->top];
    int r = windows_new(in, most, &reach->arena, &reach->windows);

    if (r < 0)
        return r;
    if (reach->windows.n <= reach->top)
        return -ENOENT;
    for (int t = 0; t <= reach->top; t++)
        if (reach->windows.least[t] != proof->least[t])
            return -ENOENT;
    return 0;
}

/* ---- Limits ---- */

/* A plan whose largest window is t spends no more than the slack of t over the bins' least values,
 * so no single pattern does; and a pattern's own window is no wider than t. */
static void fill_limits(struct reach *reach, const struct placement_proof *proof,
                        const struct evaluation *ev, int64_t objective, int64_t *limit)
{
    int width = reach->top + 1;

    for (int p = 0; p < reach->in->m; p++) {
        int64_t most = INT64_MIN;

        for (int t = reach->top; t >= 0; t--) {
            int64_t slack = windows_budget(&reach->windows, t, objective) - ev->bound[t];

            if (slack >= 0 && is_open(&reach->windows, t, proof->bound[t], objective)) {
                int64_t here = ev->bin_value[(int64_t)p * width + t] + slack;

                most = here > most ? here : most;
            }
            limit[(int64_t)p * width + t] = most;
        }
    }
}

static int64_t most_slack(const struct reach *reach, const struct placement_proof *proof,
                          const struct evaluation *ev, int64_t objective)
{
    int64_t most = 0;

    for (int t = 0; t <= reach->top; t++) {
        int64_t slack = windows_budget(&reach->windows, t, objective) - ev->bound[t];

        if (is_open(&reach->windows, t, proof->bound[t], objective) && slack > most)
            most = slack;
    }
    return most;
}

/* What vector k proves; the pricing's tables are its afterwards. Returns its slack. */
static int64_t evaluate(struct reach *reach, const struct placement_proof *proof, int k,
                        int64_t objective, struct evaluation *ev)
{
    pricing_evaluate(&reach->pricing, reach->prices[k], ev);
    fill_limits(reach, proof, ev, objective, reach->limit[k]);
    return most_slack(reach, proof, ev, objective);
}

static void swap_vectors(struct reach *reach, int k)
{
    int *prices = reach->prices[0];
    int64_t *limit = reach->limit[0];

    reach->prices[0] = reach->prices[k];
    reach->limit[0] = reach->limit[k];
    reach->prices[k] = prices;
    reach->limit[k] = limit;
}

/* The sharpest becomes the first, and is evaluated last. */
static int evaluate_all(struct reach *reach, const struct placement_proof *proof, int64_t objective)
{
    size_t width = (size_t)reach->top + 1, cells = width * (size_t)reach->in->m;
    size_t n = (size_t)reach->in->n;
    struct evaluation ev = {.bound = arena_take(&reach->arena, width, sizeof(int64_t)),
                            .bin_value = arena_take(&reach->arena, cells, sizeof(int32_t))};
    int best = 0;

    if (!ev.bound || !ev.bin_value)
        return -ENOMEM;
    for (int k = 0; k < proof->n_vectors; k++) {
        int64_t slack;

        reach->prices[k] = arena_take(&reach->arena, n, sizeof(int));
        reach->limit[k] = arena_take(&reach->arena, cells, sizeof(int64_t));
        if (!reach->prices[k] || !reach->limit[k])
            return -ENOMEM;
        memcpy(reach->prices[k], proof->prices + (size_t)k * n, n * sizeof(int));
        slack = evaluate(reach, proof, k, objective, &ev);
        if (k == 0 || slack < reach->slack) {
            best = k;
            reach->slack = slack;
        }
    }
    reach->n_vectors = proof->n_vectors;
    swap_vectors(reach, best);
    if (best != proof->n_vectors - 1)
        reach->slack = evaluate(reach, proof, 0, objective, &ev);
    fixing_leavers(&reach->pricing, reach->prices[0], reach->top, reach->limit[0],
                   reach->may_leave);
    return 0;
}

static int look(struct reach *reach, const struct placement_proof *proof, int64_t objective)
{
    size_t n = (size_t)reach->in->n, vectors = (size_t)proof->n_vectors;
    int r = rebuild_windows(reach, proof, objective);

    if (r < 0)
        return r;
    reach->prices = arena_take(&reach->arena, vectors, sizeof(int *));
    reach->limit = arena_take(&reach->arena, vectors, sizeof(int64_t *));
    reach->may_leave = arena_take(&reach->arena, n, sizeof(bool));
    if (!reach->prices || !reach->limit || !reach->may_leave)
        return -ENOMEM;
    memset(reach->may_leave, true, n * sizeof(bool));
    r = pricing_new(&reach->windows, &reach->work, &reach->arena, &reach->pricing);
    if (r < 0)
        return r;
    reach->pricing.top = reach->top;
    return evaluate_all(reach, proof, objective);
}

int reach_new(const struct instance *in, const struct placement_proof *proof, int64_t objective,
              struct reach *reach)
{
    int r;

    *reach = (struct reach){.in = in, .top = -1};
    if (proof && proof->n == in->n && proof->n_vectors > 0)
        reach->top = widest_open(in, proof, objective);
    if (reach->top < 0)
        return windows_new(in, 0, &reach->arena, &reach->windows);
    r = look(reach, proof, objective);
    return r == -ENOENT ? 0 : r;
}

void reach_done(struct reach *reach)
{
    arena_done(&reach->arena);
}

/* ---- Items and bins ---- */

/* profile[x]: what the bin pays at least for items of weight x, whoever they are. */
static void fill_profile(struct reach *reach, int k, int p, int high, int32_t *profile)
{
    struct pricing *pricing = &reach->pricing;
    const int32_t *pool = pricing->pool + (int64_t)reach->in->class_of[p] * pricing->max_cells;

    for (int x = 0; x <= high; x++)
        profile[x] = KERNEL_INFINITE;
    kept_sets_fill(&pricing->own, p, reach->prices[k], high);
    for (int z = 0; z < pricing->own.n; z++) {
        int s = pricing->own.weight[z];

        kernel_least(profile + s, pool, pricing->own.cost[z], high - s + 1);
    }
}

/* Whether the item enters the bin in some pattern within the limits. The others may have it among
 * them once more: that excludes less, never more. */
static bool assignment_may_enter(const struct reach *reach, int k, int p, int i,
                                 const int64_t *limit_at, const int32_t *profile)
{
    const struct windows *windows = &reach->windows;
    int low = windows_low(windows, p, reach->top), high = windows_high(windows, p, reach->top);
    int w = reach->in->weight[i];
    int64_t enter = pool_entering_cost(reach->in, reach->in->class_of[p], reach->prices[k], i);

    for (int x = low > w ? low : w; x <= high; x++)
        if (profile[x - w] < KERNEL_REACHED && enter + profile[x - w] <= limit_at[x - low])
            return true;
    return false;
}

/* The bin's limit for every load of its widest window, without what the load is charged. */
static void spread_limits(const struct reach *reach, int k, int p, int64_t *limit_at)
{
    const struct windows *windows = &reach->windows;
    const struct pricing *pricing = &reach->pricing;
    int low = windows_low(windows, p, reach->top), high = windows_high(windows, p, reach->top);

    for (int x = low; x <= high; x++) {
        int t = windows_index(windows, p, x);
        int64_t limit = reach->limit[k][(int64_t)p * (reach->top + 1) + t];

        if (limit != INT64_MIN)
            limit -= profile_charge(pricing, p, x, 0);
        limit_at[x - low] = limit;
    }
}

static void exclude_from_bin(struct reach *reach, int k, int p, int64_t *limit_at, int32_t *profile,
                             bool *possible)
{
    const struct instance *in = reach->in;
    int high = windows_high(&reach->windows, p, reach->top);

    if (high >= 0) {
        fill_profile(reach, k, p, high, profile);
        spread_limits(reach, k, p, limit_at);
    }
    for (int i = 0; i < in->n; i++) {
        bool *here = &possible[(int64_t)i * in->m + p];

        if (in->home[i] != p && *here)
            *here = reach->may_leave[i] && high >= 0 && pool_may_enter(in, in->class_of[p], i) &&
                    assignment_may_enter(reach, k, p, i, limit_at, profile);
    }
}

int reach_exclude(struct reach *reach, bool *possible)
{
    struct arena arena = {0};
    int32_t *profile;
    int64_t *limit_at;

    if (reach->n_vectors == 0)
        return 0;
    profile = arena_take(&arena, (size_t)reach->pricing.max_cells, sizeof(*profile));
    limit_at = arena_take(&arena, (size_t)reach->pricing.max_cells, sizeof(*limit_at));
    if (!profile || !limit_at) {
        arena_done(&arena);
        return -ENOMEM;
    }
    /* The pricing's tables are those of the first vector; it is the sharpest. */
    for (int p = 0; p < reach->in->m; p++)
        exclude_from_bin(reach, 0, p, limit_at, profile, possible);
    arena_done(&arena);
    return 0;
}

/* ---- Patterns ---- */

int reach_patterns(struct reach *reach, int most, int max_per_bin, struct pattern_store *store,
                   bool *ret_complete)
{
    struct enumeration_filter filters[8];
    struct enumeration enumeration = {.pricing = &reach->pricing,
                                      .duals = reach->prices[0],
                                      .top = reach->top,
                                      .slack = reach->slack,
                                      .limit = reach->limit[0],
                                      .may_leave = reach->may_leave,
                                      .filters = filters,
                                      .max_patterns = most,
                                      .max_per_bin = max_per_bin,
                                      .max_steps = max_per_bin ? SAMPLE_STEPS
                                                               : (int64_t)STEPS_PER_PATTERN * most};

    for (int k = 1; k < reach->n_vectors && enumeration.n_filters < 8; k++)
        filters[enumeration.n_filters++] =
            (struct enumeration_filter){.duals = reach->prices[k], .limit = reach->limit[k]};
    return enumeration_run(&enumeration, store, ret_complete);
}
