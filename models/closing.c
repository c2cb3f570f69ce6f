/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/closing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/enumeration.h"

enum {
    ATTEMPTS = 24,
    SHRINKS = 2,
    MOST_PATTERNS = 20000,
    FEW_PATTERNS = 1500,
    MOST_STEPS = 4 * 1000 * 1000,
    CHUNK_NODES = 2000,
};
/* How much wider (in cost units) a chunk's narrowest window may gape than its widest. */
static const double CHUNK_START = 0.6, CHUNK_LEAST = 0.1;

/* One objective to be reached or refuted, chunk of windows by chunk of windows. */
struct closing {
    struct generation *gen;
    int64_t objective;
    double chunk_width;
    bool *open;             /* [windows] still to be looked at */
    int from, to;           /* the chunk */
    int vector;             /* the price vector that proves most there */
    int64_t *bound, *limit; /* scratch of the enumeration */
    int32_t *values;
    int *plan;
};

enum verdict { CLOSED, TOO_MANY, NOT_DECIDED };

static int64_t slack(const struct closing *c, int vector, int t)
{
    return windows_budget(c->gen->bounds->windows, t, c->objective) -
           c->gen->bounds->profile[vector][t];
}

static int tightest_vector(const struct closing *c, int t)
{
    int best = -1;

    for (int k = 0; k < BOUNDS_VECTORS; k++)
        if (c->gen->bounds->prices[k] && (best < 0 || slack(c, k, t) < slack(c, best, t)))
            best = k;
    return best;
}

/* The widest open window and as many narrower ones as one price vector serves about as well. */
static bool next_chunk(struct closing *c)
{
    int scale = c->gen->pricing->in->price_scale;
    int64_t most;

    c->to = c->gen->bounds->top;
    while (c->to >= 0 && !c->open[c->to])
        c->to--;
    if (c->to < 0)
        return false;
    c->vector = tightest_vector(c, c->to);
    most = slack(c, c->vector, c->to) + (int64_t)(scale * c->chunk_width);
    if (most < scale)
        most = scale;
    c->from = c->to;
    while (c->from > 0 && c->open[c->from - 1] && slack(c, c->vector, c->from - 1) <= most)
        c->from--;
    return true;
}

/* A plan within the objective whose largest window is t spends no more than the slack of t over the
 * bins' least values, so no single pattern does; and a pattern's own window is no wider than t. */
static void fill_limits(struct closing *c)
{
    const struct windows *windows = c->gen->bounds->windows;
    int width = c->to + 1;

    for (int p = 0; p < windows->in->m; p++) {
        int64_t most = INT64_MIN;

        for (int t = c->to; t >= 0; t--) {
            if (t >= c->from && c->bound[t] < WINDOWS_IMPOSSIBLE) {
                int64_t limit = c->values[(int64_t)p * width + t] +
                                windows_budget(windows, t, c->objective) - c->bound[t];
                most = limit > most ? limit : most;
            }
            c->limit[(int64_t)p * width + t] = most;
        }
    }
}

static int enumerate_chunk(struct closing *c, struct pattern_store *store, bool *ret_complete)
{
    struct pricing *pricing = c->gen->pricing;
    struct evaluation ev = {.bound = c->bound, .bin_value = c->values};
    struct enumeration enumeration = {.pricing = pricing,
                                      .prices = c->gen->prices,
                                      .top = c->to,
                                      .limit = c->limit,
                                      .most_patterns = MOST_PATTERNS,
                                      .most_steps = MOST_STEPS};
    int top = pricing->top;

    memcpy(c->gen->prices, c->gen->bounds->prices[c->vector], (size_t)pricing->in->n * sizeof(int));
    pricing->top = c->to;
    pricing_evaluate(pricing, c->gen->prices, &ev);
    pricing->top = top;
    fill_limits(c);
    return enumerate_patterns(&enumeration, store, ret_complete);
}

static int search_chunk(struct closing *c, const struct pattern_store *store,
                        enum verdict *ret_verdict)
{
    struct local_search *local = c->gen->search;
    struct plan_search_result result;
    int *chosen = malloc(((size_t)store->n + 1) * sizeof(int)), r;
    struct plan_search search = {.windows = c->gen->bounds->windows,
                                 .patterns = store,
                                 .chosen = chosen,
                                 .n_chosen = store->n,
                                 .from = c->from,
                                 .to = c->to,
                                 .objective = c->objective,
                                 .plan = local->best.bin,
                                 .max_nodes = CHUNK_NODES};

    if (!chosen)
        return -ENOMEM;
    for (int k = 0; k < store->n; k++)
        chosen[k] = k;
    r = plan_search(&search, c->gen->pricing->work, c->plan, &result);
    free(chosen);
    if (r < 0)
        return r;
    if (result.found)
        local_search_adopt(local, c->plan);
    *ret_verdict = result.complete ? CLOSED : NOT_DECIDED;
    return 0;
}

static int close_chunk(struct closing *c, enum verdict *ret_verdict)
{
    struct pattern_store store;
    bool complete = false;
    int r = patterns_new(c->gen->bounds->windows, &store);

    if (r < 0)
        return r;
    *ret_verdict = TOO_MANY;
    r = enumerate_chunk(c, &store, &complete);
    if (r >= 0 && complete) {
        if (store.n < FEW_PATTERNS)
            c->chunk_width *= 2;
        else if (c->chunk_width > CHUNK_START)
            c->chunk_width /= 4;
        r = search_chunk(c, &store, ret_verdict);
    }
    patterns_done(&store);
    return r;
}

/* Nothing within the objective is left in the chunk: its windows cost more than their budgets. */
static void raise_chunk(struct closing *c)
{
    struct bounds *bounds = c->gen->bounds;
    int64_t beyond = bounds->windows->in->problem->objective == VCPU_VARIANCE
                         ? 1
                         : bounds->windows->in->price_scale;

    if (c->objective >= c->gen->search->best_objective)
        c->objective = c->gen->search->best_objective - 1;
    for (int t = c->from; t <= c->to; t++) {
        int64_t budget = windows_budget(bounds->windows, t, c->objective);

        c->open[t] = false;
        if (budget + beyond > bounds->best[t])
            bounds->best[t] = budget + beyond;
    }
    for (int t = 0; t <= bounds->top; t++)
        c->open[t] = c->open[t] && bounds_objective(bounds, t) <= c->objective;
}

static int refute(struct closing *c, enum verdict *ret_verdict)
{
    struct bounds *bounds = c->gen->bounds;
    int r = 0;

    *ret_verdict = CLOSED;
    for (int t = 0; t <= bounds->top; t++)
        c->open[t] = bounds_objective(bounds, t) <= c->objective;
    while (r >= 0 && next_chunk(c)) {
        if (c->vector < 0 || work_exhausted(c->gen->pricing->work)) {
            *ret_verdict = NOT_DECIDED;
            return 0;
        }
        r = close_chunk(c, ret_verdict);
        if (r < 0)
            return r;
        if (*ret_verdict == TOO_MANY && c->chunk_width > CHUNK_LEAST && c->from < c->to)
            c->chunk_width = c->chunk_width > CHUNK_START ? CHUNK_START : CHUNK_LEAST;
        else if (*ret_verdict != CLOSED)
            return 0;
        else
            raise_chunk(c);
    }
    return r;
}

static int raise_step_by_step(struct closing *c)
{
    struct generation *gen = c->gen;
    int64_t unit = gen->pricing->in->unit, step = unit / 2;
    int shrinks = 0, r = 0;

    for (int attempt = 0; attempt < ATTEMPTS && r >= 0; attempt++) {
        int64_t best = gen->search->best_objective;
        enum verdict verdict;

        c->objective = bounds_least(gen->bounds) + step;
        if (c->objective > best - 1)
            c->objective = best - 1;
        r = refute(c, &verdict);
        if (r < 0 || bounds_least(gen->bounds) >= gen->search->best_objective)
            break;
        if (verdict == NOT_DECIDED || work_exhausted(gen->pricing->work))
            break;
        if (verdict == TOO_MANY) {
            if (shrinks++ >= SHRINKS || step <= unit / 16)
                break;
            step /= 4;
        } else {
            step *= 2;
        }
        gen->pricing->top = bounds_trim(gen->bounds, gen->search->best_objective);
    }
    return r;
}

int close_gap(struct generation *gen)
{
    size_t windows = (size_t)gen->bounds->windows->n, m = (size_t)gen->pricing->in->m;
    size_t width = (size_t)gen->bounds->top + 1;
    struct closing c = {.gen = gen, .chunk_width = CHUNK_START};
    struct arena arena = {0};
    int r = -ENOMEM;

    c.open = arena_take(&arena, windows, sizeof(bool));
    c.bound = arena_take(&arena, windows, sizeof(int64_t));
    c.limit = arena_take(&arena, m * width, sizeof(int64_t));
    c.values = arena_take(&arena, m * width, sizeof(int32_t));
    c.plan = arena_take(&arena, (size_t)gen->pricing->in->n, sizeof(int));
    if (c.open && c.bound && c.limit && c.values && c.plan)
        r = raise_step_by_step(&c);
    arena_done(&arena);
    return r;
}
