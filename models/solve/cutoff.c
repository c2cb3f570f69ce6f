/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/cutoff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/search/local_search.h"
#include "models/solve/enumeration.h"
#include "models/solve/fixing.h"
#include "models/solve/plan_search.h"

enum {
    MAX_PATTERNS = 20000,
    FEW_PATTERNS = 1500,
    MAX_STEPS = 4 * 1000 * 1000,
    CHUNK_NODES = 300,
    FEW_NODES = 3000,
    SAMPLE = 64, /* patterns per bin, where all are too many */
    MAX_SAMPLE = 1024,
    LARGE_SAMPLE = 4000,
    SAMPLE_STEPS = 12 * 1000,
    SAMPLE_NODES = 100,
    MAX_FILTERS = 8,
    FILTER_SLACK = 3, /* cost units */
};
/* How much wider (in cost units) a chunk's narrowest window may gape than its widest. */
static const double CHUNK_START = 0.6, CHUNK_MIN = 0.1, CHUNK_MAX = 1e6;

/* One cutoff to be reached or refuted, chunk of windows by chunk of windows. */
struct question {
    struct workspace *ws;
    int64_t cutoff;
    bool samples; /* whether a sample may be searched */
    int effort;
    double chunk_width;
    bool *open;             /* [windows] still to be looked at */
    int from, to;           /* the chunk */
    int vector;             /* the duals that prove most there */
    int64_t *bound, *limit; /* scratch of the enumeration */
    int32_t *values;
    int *duals, *plan;
    bool *may_leave; /* [n] */
    struct enumeration_filter filters[MAX_FILTERS];
};

enum verdict { CLOSED, TOO_MANY, NOT_DECIDED };

static int64_t slack(const struct question *q, int vector, int t)
{
    return windows_budget(&q->ws->windows, t, q->cutoff) - q->ws->bounds.profile[vector][t];
}

/* At duals from a formula many patterns tie, so a climbed vector with the same slack is better. */
static int64_t handicap(const struct question *q, int vector)
{
    return q->ws->bounds.climbed[vector] ? 0 : q->ws->in->price_scale;
}

static int tightest_vector(const struct question *q, int t)
{
    int best = -1;

    for (int k = 0; k < BOUNDS_VECTORS; k++)
        if (q->ws->bounds.duals[k] &&
            (best < 0 || slack(q, k, t) + handicap(q, k) < slack(q, best, t) + handicap(q, best)))
            best = k;
    return best;
}

/* The chunk is the widest open window with as many narrower ones as one vector serves about as
 * well. */
static bool next_chunk(struct question *q)
{
    int scale = q->ws->in->price_scale;
    int64_t most;

    q->to = q->ws->bounds.top;
    while (q->to >= 0 && !q->open[q->to])
        q->to--;
    if (q->to < 0)
        return false;
    q->from = q->to;
    q->vector = tightest_vector(q, q->to);
    if (q->vector < 0)
        return true;
    most = slack(q, q->vector, q->to) + (int64_t)(scale * q->chunk_width);
    if (most < scale)
        most = scale;
    while (q->from > 0 && q->open[q->from - 1] && slack(q, q->vector, q->from - 1) <= most)
        q->from--;
    return true;
}

/* A plan within the cutoff whose largest window is t spends no more than the slack of t over the
 * bins' least values, so no single pattern does; and a pattern's own window is no wider than t. */
static void fill_limits(struct question *q, int64_t *limit)
{
    const struct windows *windows = &q->ws->windows;
    int width = q->to + 1;

    for (int p = 0; p < windows->in->m; p++) {
        int64_t most = INT64_MIN;

        for (int t = q->to; t >= 0; t--) {
            if (t >= q->from && q->bound[t] < WINDOWS_IMPOSSIBLE) {
                int64_t here = q->values[(int64_t)p * width + t] +
                               windows_budget(windows, t, q->cutoff) - q->bound[t];
                most = here > most ? here : most;
            }
            limit[(int64_t)p * width + t] = most;
        }
    }
}

/* Evaluates one vector of duals and fills in its limits. */
static void look_through(struct question *q, int vector, int *duals, int64_t *limit)
{
    struct pricing *pricing = &q->ws->pricing;
    struct evaluation ev = {.bound = q->bound, .bin_value = q->values};
    int top = pricing->top;

    memcpy(duals, q->ws->bounds.duals[vector], (size_t)pricing->in->n * sizeof(int));
    pricing->top = q->to;
    pricing_evaluate(pricing, duals, &ev);
    pricing->top = top;
    fill_limits(q, limit);
    fixing_leavers(pricing, duals, q->to, limit, q->may_leave);
}

/* Taken from the values just looked through; the remembered ones may come from a sharper pricing. */
static int64_t most_slack(const struct question *q)
{
    int64_t most = 0;

    for (int t = q->from; t <= q->to; t++) {
        int64_t here = windows_budget(&q->ws->windows, t, q->cutoff) - q->bound[t];

        most = here > most ? here : most;
    }
    return most;
}

/* A second vector of duals with almost as good a bound rejects other patterns than the first does.
 * So a pattern must pass at all of them. */
static int choose_filters(struct question *q)
{
    int scale = q->ws->in->price_scale, n = 0;
    int64_t most = slack(q, q->vector, q->to) + FILTER_SLACK * scale;

    for (int k = 0; k < BOUNDS_VECTORS && n < MAX_FILTERS; k++) {
        if (k == q->vector || !q->ws->bounds.duals[k] || slack(q, k, q->to) > most)
            continue;
        look_through(q, k, q->filters[n].duals, q->filters[n].limit);
        n++;
    }
    return n;
}

static int enumerate_chunk(struct question *q, int max_per_bin, struct pattern_store *store,
                           bool *ret_complete)
{
    struct enumeration enumeration = {.pricing = &q->ws->pricing,
                                      .may_leave = q->may_leave,
                                      .duals = q->duals,
                                      .top = q->to,
                                      .limit = q->limit,
                                      .filters = q->filters,
                                      .max_patterns = MAX_PATTERNS << q->effort,
                                      .max_per_bin = max_per_bin,
                                      .seed = (uint64_t)q->effort,
                                      .max_steps = max_per_bin ? SAMPLE_STEPS : MAX_STEPS};

    for (int i = 0; i < q->ws->in->n; i++)
        q->may_leave[i] = true;
    enumeration.n_filters = choose_filters(q);
    look_through(q, q->vector, q->duals, q->limit);
    enumeration.slack = most_slack(q);
    return enumeration_run(&enumeration, store, ret_complete);
}

/* What each pattern costs more than the bin's cheapest in the chunk's widest window. */
static int64_t *excesses(const struct question *q, const struct pattern_store *store)
{
    const struct instance *in = q->ws->in;
    int64_t *excess = malloc(((size_t)store->n + 1) * sizeof(*excess));

    for (int k = 0; excess && k < store->n; k++) {
        const struct pattern *pattern = &store->patterns[k];
        int p = pattern->bin;

        excess[k] = pattern->cost - q->values[(int64_t)p * (q->to + 1) + q->to];
        for (int z = 0; z < pattern->n_items; z++)
            excess[k] -= q->duals[pattern->items[z]];
        for (int z = in->own_first[p]; z < in->own_first[p + 1]; z++)
            excess[k] += q->duals[in->own[z]];
    }
    return excess;
}

/* With `all` the store holds every pattern that a plan within the cutoff could use, so the answer
 * decides. Without it any plan better than the incumbent will do. */
static int search_chunk(struct question *q, const struct pattern_store *store, bool all,
                        int64_t max_nodes, struct plan_search_result *ret)
{
    const struct windows *windows = &q->ws->windows;
    struct search_state *local = &q->ws->search;
    int *chosen = malloc(((size_t)store->n + 1) * sizeof(int)), r = -ENOMEM;
    int64_t *excess = excesses(q, store);
    struct plan_search search = {.windows = windows,
                                 .patterns = store,
                                 .chosen = chosen,
                                 .n_chosen = store->n,
                                 .excess = all ? excess : NULL,
                                 .slack =
                                     windows_budget(windows, q->from, q->cutoff) - q->bound[q->to],
                                 .from = q->from,
                                 .to = q->to,
                                 .cutoff = all ? q->cutoff : local->best_objective - 1,
                                 .plan = local->best.bin,
                                 .max_nodes = max_nodes};

    for (int k = 0; chosen && k < store->n; k++)
        chosen[k] = k;
    if (chosen && excess)
        r = plan_search(&search, q->ws->work, q->plan, ret);
    free(chosen);
    free(excess);
    if (r >= 0 && ret->found)
        local_search_adopt(local, q->plan);
    return r;
}

/* The patterns that the ascent has met nearly make a plan, so they take part in every sample. */
static int add_known(const struct question *q, struct pattern_store *store)
{
    const struct pattern_store *from = &q->ws->patterns;
    int r = 0;

    for (int k = 0; k < from->n && r >= 0; k++) {
        const struct pattern *pattern = &from->patterns[k];

        if (pattern->window <= q->to && !pattern->repeats)
            r = patterns_add(store, pattern->bin, pattern->items, pattern->n_items);
        r = r == -EEXIST ? 0 : r;
    }
    return r;
}

/* Where there are too many patterns there are many plans too, and a sample may hold one. Returns the
 * number of patterns searched. */
static int search_sample(struct question *q, int max_per_bin, bool *ret_found)
{
    struct pattern_store store;
    struct plan_search_result result = {false, false};
    bool complete;
    int n, r = patterns_new(&q->ws->windows, &store);

    if (r < 0)
        return r;
    r = enumerate_chunk(q, max_per_bin, &store, &complete);
    if (r >= 0)
        r = add_known(q, &store);
    if (r >= 0)
        r = search_chunk(q, &store, false, SAMPLE_NODES << q->effort, &result);
    n = store.n;
    *ret_found = result.found;
    patterns_done(&store);
    return r < 0 ? r : n;
}

/* Small samples first. */
static int search_samples(struct question *q)
{
    bool found = false;
    int r = 0;

    for (int most = SAMPLE; most <= MAX_SAMPLE && !found && r >= 0; most *= 4) {
        r = search_sample(q, most, &found);
        if (r > LARGE_SAMPLE || work_exhausted(q->ws->work))
            break;
    }
    return r < 0 ? r : 0;
}

static int close_chunk(struct question *q, enum verdict *ret_verdict)
{
    struct pattern_store store;
    struct plan_search_result result = {false, false};
    bool complete = false;
    int r = patterns_new(&q->ws->windows, &store);

    if (r < 0)
        return r;
    r = enumerate_chunk(q, 0, &store, &complete);
    if (r >= 0 && complete) {
        if (store.n < FEW_PATTERNS && q->chunk_width < CHUNK_MAX)
            q->chunk_width *= 2;
        else if (q->chunk_width > CHUNK_START)
            q->chunk_width /= 4;
        r = search_chunk(q, &store, true,
                         (store.n < FEW_PATTERNS ? FEW_NODES : CHUNK_NODES) << q->effort, &result);
    }
    *ret_verdict = !complete ? TOO_MANY : result.complete ? CLOSED : NOT_DECIDED;
    if (result.found && q->ws->search.best_objective > q->cutoff)
        *ret_verdict = NOT_DECIDED; /* in windows merged to one, which hid what the plan costs */
    patterns_done(&store);
    return r;
}

/* Nothing within the cutoff is left in the chunk: its windows cost more than their budgets. */
static void raise_chunk(struct question *q)
{
    struct bounds *bounds = &q->ws->bounds;
    int64_t beyond =
        q->ws->in->problem->objective == PLACEMENT_VARIANCE ? 1 : q->ws->in->price_scale;

    if (q->cutoff >= q->ws->search.best_objective)
        q->cutoff = q->ws->search.best_objective - 1;
    for (int t = q->from; t <= q->to; t++) {
        q->open[t] = false;
        bounds_raise(bounds, t, windows_budget(bounds->windows, t, q->cutoff) + beyond);
    }
    for (int t = 0; t <= bounds->top; t++)
        q->open[t] = q->open[t] && bounds_objective(bounds, t) <= q->cutoff;
}

static int refute(struct question *q, enum verdict *ret_verdict)
{
    struct bounds *bounds = &q->ws->bounds;
    int r = 0;

    *ret_verdict = CLOSED;
    for (int t = 0; t <= bounds->top; t++)
        q->open[t] = bounds_objective(bounds, t) <= q->cutoff;
    while (r >= 0 && next_chunk(q)) {
        if (q->vector < 0 || work_exhausted(q->ws->work)) {
            *ret_verdict = NOT_DECIDED;
            return 0;
        }
        r = close_chunk(q, ret_verdict);
        if (r < 0)
            return r;
        if (*ret_verdict == TOO_MANY && q->chunk_width > CHUNK_MIN && q->from < q->to)
            q->chunk_width = q->chunk_width > CHUNK_START ? CHUNK_START : CHUNK_MIN;
        else if (*ret_verdict == TOO_MANY && q->samples)
            return search_samples(q);
        else if (*ret_verdict != CLOSED)
            return 0;
        else
            raise_chunk(q);
    }
    return r;
}

static int take_room(struct question *q, struct arena *arena)
{
    size_t n = (size_t)q->ws->in->n, width = (size_t)q->ws->bounds.top + 1;
    size_t cells = (size_t)q->ws->in->m * width;

    q->open = arena_take(arena, (size_t)q->ws->windows.n, sizeof(bool));
    q->bound = arena_take(arena, (size_t)q->ws->windows.n, sizeof(int64_t));
    q->limit = arena_take(arena, cells, sizeof(int64_t));
    q->values = arena_take(arena, cells, sizeof(int32_t));
    q->plan = arena_take(arena, n, sizeof(int));
    q->duals = arena_take(arena, n, sizeof(int));
    q->may_leave = arena_take(arena, n, sizeof(bool));
    for (int k = 0; k < MAX_FILTERS; k++) {
        q->filters[k].limit = arena_take(arena, cells, sizeof(int64_t));
        q->filters[k].duals = arena_take(arena, n, sizeof(int));
    }
    return arena_error(arena);
}

int cutoff_decide(struct workspace *ws, int64_t cutoff, bool samples, int effort)
{
    struct question q = {.ws = ws,
                         .cutoff = cutoff,
                         .samples = samples,
                         .effort = effort,
                         .chunk_width = CHUNK_START};
    struct arena arena = {0};
    enum verdict verdict;
    int r = take_room(&q, &arena);

    if (r >= 0)
        r = refute(&q, &verdict);
    arena_done(&arena);
    if (r < 0)
        return r;
    return verdict == CLOSED || ws->search.best_objective <= cutoff;
}
