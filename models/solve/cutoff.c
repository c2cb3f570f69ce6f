/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/cutoff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/search/local_search.h"
#include "models/solve/enumeration.h"
#include "models/solve/leavers.h"
#include "models/solve/plan_search.h"

enum {
    MOST_PATTERNS = 20000,
    FEW_PATTERNS = 1500,
    MOST_STEPS = 4 * 1000 * 1000,
    CHUNK_NODES = 300,
    FEW_NODES = 3000,
    SAMPLE = 64, /* patterns per bin, where all are too many */
    MOST_SAMPLE = 1024,
    LARGE_SAMPLE = 4000,
    SAMPLE_STEPS = 12 * 1000,
    SAMPLE_NODES = 100,
    MOST_FILTERS = 8,
    FILTER_SLACK = 3, /* cost units */
};
/* How much wider (in cost units) a chunk's narrowest window may gape than its widest. */
static const double CHUNK_START = 0.6, CHUNK_LEAST = 0.1, CHUNK_MOST = 1e6;

/* One objective to be reached or refuted, chunk of windows by chunk of windows. */
struct closing {
    struct closing_how how;
    int64_t objective;
    double chunk_width;
    bool *open;             /* [windows] still to be looked at */
    int from, to;           /* the chunk */
    int vector;             /* the price vector that proves most there */
    int64_t *bound, *limit; /* scratch of the enumeration */
    int32_t *values;
    int *prices, *plan;
    bool *may_leave; /* [n] */
    struct enumeration_filter filters[MOST_FILTERS];
};

enum verdict { CLOSED, TOO_MANY, NOT_DECIDED };

static int64_t slack(const struct closing *c, int vector, int t)
{
    return windows_budget(c->how.bounds->windows, t, c->objective) -
           c->how.bounds->profile[vector][t];
}

/* A formula's vector has many patterns tie: at the same slack, a climbed one is worth more. */
static int64_t handicap(const struct closing *c, int vector)
{
    return c->how.bounds->climbed[vector] ? 0 : c->how.pricing->in->price_scale;
}

static int tightest_vector(const struct closing *c, int t)
{
    int best = -1;

    for (int k = 0; k < BOUNDS_VECTORS; k++)
        if (c->how.bounds->duals[k] &&
            (best < 0 || slack(c, k, t) + handicap(c, k) < slack(c, best, t) + handicap(c, best)))
            best = k;
    return best;
}

/* The widest open window and as many narrower ones as one price vector serves about as well. */
static bool next_chunk(struct closing *c)
{
    int scale = c->how.pricing->in->price_scale;
    int64_t most;

    c->to = c->how.bounds->top;
    while (c->to >= 0 && !c->open[c->to])
        c->to--;
    if (c->to < 0)
        return false;
    c->from = c->to;
    c->vector = tightest_vector(c, c->to);
    if (c->vector < 0)
        return true;
    most = slack(c, c->vector, c->to) + (int64_t)(scale * c->chunk_width);
    if (most < scale)
        most = scale;
    while (c->from > 0 && c->open[c->from - 1] && slack(c, c->vector, c->from - 1) <= most)
        c->from--;
    return true;
}

/* A plan within the objective whose largest window is t spends no more than the slack of t over the
 * bins' least values, so no single pattern does; and a pattern's own window is no wider than t. */
static void fill_limits(struct closing *c, int64_t *limit)
{
    const struct windows *windows = c->how.bounds->windows;
    int width = c->to + 1;

    for (int p = 0; p < windows->in->m; p++) {
        int64_t most = INT64_MIN;

        for (int t = c->to; t >= 0; t--) {
            if (t >= c->from && c->bound[t] < WINDOWS_IMPOSSIBLE) {
                int64_t here = c->values[(int64_t)p * width + t] +
                               windows_budget(windows, t, c->objective) - c->bound[t];
                most = here > most ? here : most;
            }
            limit[(int64_t)p * width + t] = most;
        }
    }
}

/* Prices and limits of one vector. */
static void look_through(struct closing *c, int vector, int *prices, int64_t *limit)
{
    struct pricing *pricing = c->how.pricing;
    struct evaluation ev = {.bound = c->bound, .bin_value = c->values};
    int top = pricing->top;

    memcpy(prices, c->how.bounds->duals[vector], (size_t)pricing->in->n * sizeof(int));
    pricing->top = c->to;
    pricing_evaluate(pricing, prices, &ev);
    pricing->top = top;
    fill_limits(c, limit);
    find_leavers(pricing, prices, c->to, limit, c->may_leave);
}

/* By the values just looked through: those remembered may be of a sharper pricing. */
static int64_t most_slack(const struct closing *c)
{
    int64_t most = 0;

    for (int t = c->from; t <= c->to; t++) {
        int64_t here = windows_budget(c->how.bounds->windows, t, c->objective) - c->bound[t];

        most = here > most ? here : most;
    }
    return most;
}

/* Vectors that prove nearly as much let pass what they do not tell apart, and not the same. */
static int choose_filters(struct closing *c)
{
    int scale = c->how.pricing->in->price_scale, n = 0;
    int64_t most = slack(c, c->vector, c->to) + FILTER_SLACK * scale;

    for (int k = 0; k < BOUNDS_VECTORS && n < MOST_FILTERS; k++) {
        if (k == c->vector || !c->how.bounds->duals[k] || slack(c, k, c->to) > most)
            continue;
        look_through(c, k, c->filters[n].prices, c->filters[n].limit);
        n++;
    }
    return n;
}

static int enumerate_chunk(struct closing *c, int most_per_bin, struct pattern_store *store,
                           bool *ret_complete)
{
    struct enumeration enumeration = {.pricing = c->how.pricing,
                                      .may_leave = c->may_leave,
                                      .prices = c->prices,
                                      .top = c->to,
                                      .limit = c->limit,
                                      .filters = c->filters,
                                      .most_patterns = MOST_PATTERNS << c->how.effort,
                                      .most_per_bin = most_per_bin,
                                      .seed = (uint64_t)c->how.effort,
                                      .most_steps = most_per_bin ? SAMPLE_STEPS : MOST_STEPS};

    for (int i = 0; i < c->how.pricing->in->n; i++)
        c->may_leave[i] = true;
    enumeration.n_filters = choose_filters(c);
    look_through(c, c->vector, c->prices, c->limit);
    enumeration.slack = most_slack(c);
    return enumerate_patterns(&enumeration, store, ret_complete);
}

/* What each pattern costs more than the bin's cheapest in the chunk's widest window. */
static int64_t *excesses(const struct closing *c, const struct pattern_store *store)
{
    const struct instance *in = c->how.pricing->in;
    int64_t *excess = malloc(((size_t)store->n + 1) * sizeof(*excess));

    for (int k = 0; excess && k < store->n; k++) {
        const struct pattern *pattern = &store->patterns[k];
        int p = pattern->bin;

        excess[k] = pattern->cost - c->values[(int64_t)p * (c->to + 1) + c->to];
        for (int z = 0; z < pattern->n_items; z++)
            excess[k] -= c->prices[pattern->items[z]];
        for (int z = in->own_first[p]; z < in->own_first[p + 1]; z++)
            excess[k] += c->prices[in->own[z]];
    }
    return excess;
}

/* All: the patterns are all that a plan within the objective could use; else any better plan will
 * do. */
static int search_chunk(struct closing *c, const struct pattern_store *store, bool all,
                        int64_t max_nodes, struct plan_search_result *ret)
{
    const struct windows *windows = c->how.bounds->windows;
    struct search_state *local = c->how.search;
    int *chosen = malloc(((size_t)store->n + 1) * sizeof(int)), r = -ENOMEM;
    int64_t *excess = excesses(c, store);
    struct plan_search search = {.windows = windows,
                                 .patterns = store,
                                 .chosen = chosen,
                                 .n_chosen = store->n,
                                 .excess = all ? excess : NULL,
                                 .slack = windows_budget(windows, c->from, c->objective) -
                                          c->bound[c->to],
                                 .from = c->from,
                                 .to = c->to,
                                 .objective = all ? c->objective : local->best_objective - 1,
                                 .plan = local->best.bin,
                                 .max_nodes = max_nodes};

    for (int k = 0; chosen && k < store->n; k++)
        chosen[k] = k;
    if (chosen && excess)
        r = plan_search(&search, c->how.pricing->work, c->plan, ret);
    free(chosen);
    free(excess);
    if (r >= 0 && ret->found)
        local_search_adopt(local, c->plan);
    return r;
}

/* Patterns that were met before take part in every sample: they nearly make a plan. */
static int add_known(const struct closing *c, struct pattern_store *store)
{
    const struct pattern_store *from = c->how.patterns;
    int r = 0;

    for (int k = 0; k < from->n && r >= 0; k++) {
        const struct pattern *pattern = &from->patterns[k];

        if (pattern->window <= c->to && !pattern->repeats)
            r = patterns_add(store, pattern->bin, pattern->items, pattern->n_items);
        r = r == -EEXIST ? 0 : r;
    }
    return r;
}

/* Where the patterns are too many, so are the plans: some of them may do. How many they were. */
static int search_sample(struct closing *c, int most_per_bin, bool *ret_found)
{
    struct pattern_store store;
    struct plan_search_result result = {false, false};
    bool complete;
    int n, r = patterns_new(c->how.bounds->windows, &store);

    if (r < 0)
        return r;
    r = enumerate_chunk(c, most_per_bin, &store, &complete);
    if (r >= 0)
        r = add_known(c, &store);
    if (r >= 0)
        r = search_chunk(c, &store, false, SAMPLE_NODES << c->how.effort, &result);
    n = store.n;
    *ret_found = result.found;
    patterns_done(&store);
    return r < 0 ? r : n;
}

/* Small samples first. */
static int search_samples(struct closing *c)
{
    bool found = false;
    int r = 0;

    for (int most = SAMPLE; most <= MOST_SAMPLE && !found && r >= 0; most *= 4) {
        r = search_sample(c, most, &found);
        if (r > LARGE_SAMPLE || work_exhausted(c->how.pricing->work))
            break;
    }
    return r < 0 ? r : 0;
}

static int close_chunk(struct closing *c, enum verdict *ret_verdict)
{
    struct pattern_store store;
    struct plan_search_result result = {false, false};
    bool complete = false;
    int r = patterns_new(c->how.bounds->windows, &store);

    if (r < 0)
        return r;
    r = enumerate_chunk(c, 0, &store, &complete);
    if (r >= 0 && complete) {
        if (store.n < FEW_PATTERNS && c->chunk_width < CHUNK_MOST)
            c->chunk_width *= 2;
        else if (c->chunk_width > CHUNK_START)
            c->chunk_width /= 4;
        r = search_chunk(c, &store, true,
                         (store.n < FEW_PATTERNS ? FEW_NODES : CHUNK_NODES) << c->how.effort,
                         &result);
    }
    *ret_verdict = !complete ? TOO_MANY : result.complete ? CLOSED : NOT_DECIDED;
    if (result.found && c->how.search->best_objective > c->objective)
        *ret_verdict = NOT_DECIDED; /* in windows merged to one, which hid what the plan costs */
    patterns_done(&store);
    return r;
}

/* Nothing within the objective is left in the chunk: its windows cost more than their budgets. */
static void raise_chunk(struct closing *c)
{
    struct bounds *bounds = c->how.bounds;
    int64_t beyond = bounds->windows->in->problem->objective == PLACEMENT_VARIANCE
                         ? 1
                         : bounds->windows->in->price_scale;

    if (c->objective >= c->how.search->best_objective)
        c->objective = c->how.search->best_objective - 1;
    for (int t = c->from; t <= c->to; t++) {
        int64_t budget = windows_budget(bounds->windows, t, c->objective);

        c->open[t] = false;
        if (budget + beyond > bounds->least_cost[t])
            bounds->least_cost[t] = budget + beyond;
    }
    for (int t = 0; t <= bounds->top; t++)
        c->open[t] = c->open[t] && bounds_objective(bounds, t) <= c->objective;
}

static int refute(struct closing *c, enum verdict *ret_verdict)
{
    struct bounds *bounds = c->how.bounds;
    int r = 0;

    *ret_verdict = CLOSED;
    for (int t = 0; t <= bounds->top; t++)
        c->open[t] = bounds_objective(bounds, t) <= c->objective;
    while (r >= 0 && next_chunk(c)) {
        if (c->vector < 0 || work_exhausted(c->how.pricing->work)) {
            *ret_verdict = NOT_DECIDED;
            return 0;
        }
        r = close_chunk(c, ret_verdict);
        if (r < 0)
            return r;
        if (*ret_verdict == TOO_MANY && c->chunk_width > CHUNK_LEAST && c->from < c->to)
            c->chunk_width = c->chunk_width > CHUNK_START ? CHUNK_START : CHUNK_LEAST;
        else if (*ret_verdict == TOO_MANY && c->how.samples)
            return search_samples(c);
        else if (*ret_verdict != CLOSED)
            return 0;
        else
            raise_chunk(c);
    }
    return r;
}

int close_below(const struct closing_how *how)
{
    size_t windows = (size_t)how->bounds->windows->n, m = (size_t)how->pricing->in->m;
    size_t n = (size_t)how->pricing->in->n, width = (size_t)how->bounds->top + 1;
    struct closing c = {.how = *how, .objective = how->objective, .chunk_width = CHUNK_START};
    struct arena arena = {0};
    enum verdict verdict;
    int r = 0;

    c.open = arena_take(&arena, windows, sizeof(bool));
    c.bound = arena_take(&arena, windows, sizeof(int64_t));
    c.limit = arena_take(&arena, m * width, sizeof(int64_t));
    c.values = arena_take(&arena, m * width, sizeof(int32_t));
    c.plan = arena_take(&arena, n, sizeof(int));
    c.prices = arena_take(&arena, n, sizeof(int));
    c.may_leave = arena_take(&arena, n, sizeof(bool));
    for (int k = 0; k < MOST_FILTERS && r >= 0; k++) {
        c.filters[k].limit = arena_take(&arena, m * width, sizeof(int64_t));
        c.filters[k].prices = arena_take(&arena, n, sizeof(int));
        r = c.filters[k].limit && c.filters[k].prices ? 0 : -ENOMEM;
    }
    if (!c.open || !c.bound || !c.limit || !c.values || !c.plan || !c.prices || !c.may_leave)
        r = -ENOMEM;
    if (r >= 0)
        r = refute(&c, &verdict);
    arena_done(&arena);
    if (r < 0)
        return r;
    return verdict == CLOSED || how->search->best_objective <= how->objective;
}
