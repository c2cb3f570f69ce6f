/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/cutoff.h"

#include <errno.h>
#include <stdlib.h>

#include "models/base/whole.h"
#include "models/search/local_search.h"
#include "models/solve/chunk.h"
#include "models/solve/plan_search.h"

/* Figures as in gap_loop.c: bounds, million cells and pivots at half and double (as it is: 4063,
 * 878 and 3858). Each unit of effort doubles patterns and nodes. */
enum {
    MAX_PATTERNS = 20000,        /* of one chunk; a pattern takes some 100 bytes (no change) */
    MAX_STEPS = 4 * 1000 * 1000, /* of the enumeration in one bin, some 20 ms (no change) */
    FEW_PATTERNS = 1500, /* fewer: the next chunk is wider (4073, 878, 4074; 4060, 878, 3739) */
    CHUNK_NODES = 300,   /* of the tree over many patterns (no change) */
    FEW_NODES = 3000,    /* of the tree over few (no change) */
    /* Samples, where all are too many: patterns per bin at first and at most, patterns after which
     * no larger sample is drawn, steps per bin, nodes. Up to 128x32 none is drawn; without them two
     * problems more of 28 stay open at 512x128. */
    SAMPLE = 64,
    MAX_SAMPLE = 1024,
    LARGE_SAMPLE = 4000,
    SAMPLE_STEPS = 12 * 1000,
    SAMPLE_NODES = 100,
    ENTRY_BYTES = 160,
};
/* How much wider (in cost units) a chunk's narrowest window may gape than its widest: at first
 * (4087, 879, 4106; 4050, 877, 3782), at least and at most (no change). */
static const double CHUNK_START = 0.6, CHUNK_MIN = 0.1, CHUNK_MAX = 1e6;

/* One cutoff to be reached or refuted, chunk of windows by chunk of windows. */
struct question {
    struct workspace *ws;
    bool samples; /* whether a sample may be searched */
    int effort;
    double chunk_width;
    bool *open;         /* [windows] still to be looked at */
    struct chunk chunk; /* under way */
    int *plan;
};

enum verdict { CLOSED, TOO_MANY, NOT_DECIDED };

/* As many as memory has room for: 160 bytes for each entry of a model (pattern_model.c). */
static int most_patterns(const struct question *q)
{
    const struct instance *in = q->ws->in;
    int64_t most = MAX_PATTERNS << q->effort, entries = in->n / in->m + 3;

    return (int)min64(most, work_bytes_left(q->ws->work) / (ENTRY_BYTES * entries));
}

static int enumerate_chunk(struct question *q, int max_per_bin, struct pattern_store *store,
                           bool *ret_complete)
{
    struct enumeration enumeration = chunk_enumeration(&q->chunk);

    enumeration.max_patterns = most_patterns(q);
    enumeration.max_per_bin = max_per_bin;
    enumeration.seed = (uint64_t)q->effort;
    enumeration.max_steps = max_per_bin ? SAMPLE_STEPS : MAX_STEPS;
    return enumeration_run(&enumeration, store, ret_complete);
}

/* With `all` the store holds every pattern that a plan within the cutoff could use, so the answer
 * decides. Without it any plan better than the incumbent will do. */
static int search_chunk(struct question *q, const struct pattern_store *store, bool all,
                        int64_t max_nodes, struct plan_search_result *ret)
{
    const struct windows *windows = &q->ws->windows;
    struct search_state *local = &q->ws->search;
    int *chosen = malloc(((size_t)store->n + 1) * sizeof(int)), r = -ENOMEM;
    int64_t *excess = chunk_excesses(&q->chunk, store);
    struct plan_search search = {.windows = windows,
                                 .patterns = store,
                                 .chosen = chosen,
                                 .n_chosen = store->n,
                                 .excess = all ? excess : NULL,
                                 .slack = windows_budget(windows, q->chunk.from, q->chunk.cutoff) -
                                          q->chunk.bound[q->chunk.to],
                                 .from = q->chunk.from,
                                 .to = q->chunk.to,
                                 .cutoff = all ? q->chunk.cutoff : local->best_objective - 1,
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

        if (pattern->window <= q->chunk.to && !pattern->is_relaxed)
            r = patterns_add(store, pattern->bin, pattern->items, pattern->n_items);
        r = r == -EEXIST ? 0 : r;
    }
    return r;
}

/* Where there are too many patterns there are many plans too, and a sample may hold one. Returns
 * the number of patterns searched. */
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

static void widen(struct question *q)
{
    if (q->chunk_width < CHUNK_MAX)
        q->chunk_width *= 2;
}

/* Lists all patterns of the chunk and searches them for a plan. */
static int list_and_search(struct question *q, enum verdict *ret_verdict)
{
    struct pattern_store store;
    struct plan_search_result result = {false, false};
    bool complete = false;
    int r = patterns_new(&q->ws->windows, &store);

    if (r < 0)
        return r;
    r = enumerate_chunk(q, 0, &store, &complete);
    if (r >= 0 && complete) {
        if (store.n < FEW_PATTERNS)
            widen(q);
        else if (q->chunk_width > CHUNK_START)
            q->chunk_width /= 4;
        r = search_chunk(q, &store, true,
                         (store.n < FEW_PATTERNS ? FEW_NODES : CHUNK_NODES) << q->effort, &result);
    }
    *ret_verdict = !complete ? TOO_MANY : result.complete ? CLOSED : NOT_DECIDED;
    if (result.found && q->ws->search.best_objective > q->chunk.cutoff)
        *ret_verdict = NOT_DECIDED; /* in windows merged to one, which hid what the plan costs */
    patterns_done(&store);
    return r;
}

static int close_chunk(struct question *q, enum verdict *ret_verdict)
{
    int r = chunk_look(&q->chunk);

    *ret_verdict = CLOSED;
    if (r > 0)
        widen(q);
    return r == 0 ? list_and_search(q, ret_verdict) : r;
}

/* Nothing within the cutoff is left in the chunk: its windows cost more than their budgets, whatever the
 * deviation is. Only a plan that was found in merged windows may cost less than what its own value leaves:
 * what is told is no more than that value (solve.c). */
static void raise_chunk(struct question *q)
{
    struct bounds *bounds = &q->ws->bounds;
    int64_t beyond =
        q->ws->in->problem->objective == PLACEMENT_VARIANCE ? 1 : q->ws->in->price_scale;

    if (q->chunk.cutoff >= q->ws->search.best_objective)
        q->chunk.cutoff = q->ws->search.best_objective - 1;
    for (int t = q->chunk.from; t <= q->chunk.to; t++) {
        q->open[t] = false;
        bounds_raise(bounds, t, windows_budget(bounds->windows, t, q->chunk.cutoff) + beyond);
    }
    for (int t = 0; t <= bounds->top; t++)
        q->open[t] = q->open[t] && bounds_objective(bounds, t) <= q->chunk.cutoff;
}

static int refute(struct question *q, enum verdict *ret_verdict)
{
    struct bounds *bounds = &q->ws->bounds;
    int r = 0;

    *ret_verdict = CLOSED;
    for (int t = 0; t <= bounds->top; t++)
        q->open[t] = bounds_objective(bounds, t) <= q->chunk.cutoff;
    while (r >= 0 && chunk_choose(&q->chunk, q->open, q->chunk_width)) {
        if (q->chunk.vector < 0 || work_exhausted(q->ws->work)) {
            *ret_verdict = NOT_DECIDED;
            return 0;
        }
        r = close_chunk(q, ret_verdict);
        if (r < 0)
            return r;
        if (*ret_verdict == TOO_MANY && q->chunk_width > CHUNK_MIN && q->chunk.from < q->chunk.to)
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

int cutoff_decide(struct workspace *ws, int64_t cutoff, bool samples, int effort)
{
    struct question q = {
        .ws = ws, .samples = samples, .effort = effort, .chunk_width = CHUNK_START};
    struct arena arena = {0};
    enum verdict verdict;
    int r;

    q.open = arena_take(&arena, (size_t)ws->windows.n, sizeof(bool));
    q.plan = arena_take(&arena, (size_t)ws->in->n, sizeof(int));
    r = chunk_new(ws, cutoff, &arena, &q.chunk);
    if (r >= 0)
        r = refute(&q, &verdict);
    arena_done(&arena);
    if (r < 0)
        return r;
    return verdict == CLOSED || ws->search.best_objective <= cutoff;
}
