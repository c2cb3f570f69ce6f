/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/gap_loop.h"

#include "models/search/local_search.h"
#include "models/solve/cutoff.h"
#include "models/solve/kicks.h"
#include "models/solve/reduce.h"
#include "models/solve/restricted.h"
#include "models/solve/rounding.h"

/* Found by trying on the families of bench_plan. Figures are bounds evaluated, million cells and
 * pivots of all solves at half and at double the value, at 64x16 and 128x32, seeds 1-3 (as it is:
 * 4063, 878 and 3858). "No change": in none of the three, and the plans are the same. */
enum {
    /* Between looks around, and between plans of weights (4027, 838, 4931; 4149, 892, 3316). Half
     * is not taken: at 512x128 and at 256x64 one problem more stays open. */
    EVALUATIONS = 60,
    PATTERNS_PER_BIN = 8, /* that a plan is chosen from (4080, 879, 3298; 4063, 876, 4433) */
    NODES = 30,           /* of that choice's tree (4063, 878, 3814; no change) */
    /* The same where the climb is stuck (no change at half and double). Without it four problems
     * more of 28 stay open at 512x128. */
    MANY_PATTERNS_PER_BIN = 40,
    MANY_NODES = 300,
    KICKS = 500,       /* where items are fine-grained (100: 400 on 24 keeps a gap of 1.3 %) */
    FIRST_KICKS = 100, /* where nobody could be left out: they take longer there */
    MAX_FAILURES = 5,  /* cutoffs in a row that neither a plan nor a proof answered (no change) */
    /* Where room is hard, on fleets of 8x60, 16x80 and 32x170: a bound by load that is this many least
     * steps too low looks at the wrong thing. Never: 13.3 s at the first two sizes, p90 0.72; at 1: 7.9
     * and 0.43, but fleets whose load decides take longer; at 4: 8.2 and 0.39. */
    EARLY_STEPS = 4,
    FEW_FAILURES = 2, /* there: at 5 no more is proven, and what stays open takes twice as long */
    MANY_ITEMS = 30,  /* with fewer, lists by load are short, and tables of 512 rows are not */
    EARLY_CELLS = 24 * 1000 * 1000, /* of one evaluation by load and size, some 10 ms */
};
struct gap_loop {
    struct workspace *ws;
    enum placement_method *method;
    int64_t step;      /* from the bound to the cutoff */
    int64_t next_plan; /* evaluations at which plans of weights are due */
    int64_t tried;     /* bound at which many patterns were last searched */
    int failures;      /* in a row: neither a plan nor a refutation */
};

static int64_t bound_of(const struct gap_loop *loop)
{
    return bounds_least(&loop->ws->bounds);
}

static bool is_over(const struct gap_loop *loop)
{
    return bound_of(loop) >= loop->ws->search.best_objective || work_exhausted(loop->ws->work);
}

static int64_t next_cutoff(const struct gap_loop *loop)
{
    int64_t cutoff = bound_of(loop) + loop->step, most = loop->ws->search.best_objective - 1;

    return cutoff < most ? cutoff : most;
}

/* Where items were evacuated all at once, the exact packing is tried again: it is cheap, and the
 * bound now tells which sets cannot win. */
static int pack_anew(struct gap_loop *loop)
{
    struct search_state *search = &loop->ws->search;
    int64_t before = search->best_objective;
    int r;

    search->lower = bound_of(loop);
    r = local_search_pack(search);
    if (search->best_objective < before)
        *loop->method = PLACEMENT_METHOD_LAGRANGIAN;
    return r;
}

/* Within one cost unit only the packing may be wrong. */
static bool is_close(const struct gap_loop *loop)
{
    return loop->ws->search.best_objective - bound_of(loop) <= loop->ws->in->unit;
}

/* Makes plans of what is known by now: another packing, a rounding of the weights at the weakest
 * window, and a whole-number choice among the heaviest patterns. */
static int plan_from_weights(struct gap_loop *loop)
{
    struct workspace *ws = loop->ws;
    int r = is_close(loop) ? pack_anew(loop) : 0, window;

    if (r < 0 || is_over(loop))
        return r;
    window = bounds_weakest(&ws->bounds);
    r = dual_ascent_weigh(&ws->ascent, window);
    if (r < 0)
        return r;
    r = rounding_run(ws, window);
    loop->next_plan = ws->work->evaluations + EVALUATIONS;
    if (r < 0 || is_over(loop))
        return r;
    return restricted_search(ws, window, PATTERNS_PER_BIN * ws->in->m, NODES);
}

/* 1 once the bound is above the cutoff or the incumbent within it. */
static int close_below(struct gap_loop *loop, int64_t cutoff, bool samples)
{
    struct workspace *ws = loop->ws;
    int64_t before = ws->search.best_objective;
    int r = dual_ascent_weigh(&ws->ascent, bounds_weakest(&ws->bounds));

    if (r >= 0)
        r = cutoff_decide(ws, cutoff, samples, loop->failures);
    if (ws->search.best_objective < before || is_over(loop))
        *loop->method = PLACEMENT_METHOD_ENUMERATION;
    return r;
}

/* The bound is stuck. Many more patterns and a larger tree may find a plan. */
static int plan_of_many_patterns(struct gap_loop *loop)
{
    int64_t before = loop->ws->search.best_objective;
    int window = bounds_weakest(&loop->ws->bounds),
        r = dual_ascent_weigh(&loop->ws->ascent, window);

    loop->tried = bound_of(loop);
    if (r >= 0)
        r = restricted_search(loop->ws, window, MANY_PATTERNS_PER_BIN * loop->ws->in->m,
                              MANY_NODES);
    if (loop->ws->search.best_objective < before || is_over(loop))
        *loop->method = PLACEMENT_METHOD_MASTER;
    return r;
}

/* Where items are fine-grained: the same question without all who stay at home in every better plan, or
 * kicks where they are left out already. 1: it has come to something, or is all that can be said. */
static int look_closer(struct gap_loop *loop)
{
    struct workspace *ws = loop->ws;
    int64_t before = ws->search.best_objective;
    enum placement_method method;
    int r = reduce_run(ws, &method);
    bool is_reduced = r > 0;

    if (r == 0 && (ws->is_reduced || 2 * ws->in->n_floating < ws->in->n))
        r = kicks_run(ws, ws->is_reduced ? KICKS : FIRST_KICKS);
    if (r < 0)
        return r;
    if (is_reduced && (ws->search.best_objective < before || is_over(loop)))
        *loop->method = method;
    else if (is_reduced)
        loop->failures = MAX_FAILURES;
    return is_reduced || is_over(loop) || ws->search.best_objective < before;
}

/* Where load alone comes to nothing, from now on by the first hard resource too. 1, 0: it did already, or
 * cannot; or -ENOMEM. */
static int look_at_rooms(struct gap_loop *loop)
{
    struct workspace *ws = loop->ws;
    int r = ws->pricing.rooms ? 0 : pricing_by_room(&ws->pricing, &ws->arena);

    if (r <= 0)
        return r;
    dual_ascent_renew(&ws->ascent);
    loop->step = ws->in->unit / 2;
    loop->failures = 0;
    return 1;
}

static bool is_fleet(const struct workspace *ws)
{
    return ws->in->rules.n_rooms > 0 && ws->in->n >= MANY_ITEMS;
}

/* Whether load alone has refuted enough to show that it is far from the optimum, where looking at room too
 * takes no longer than lists do. */
static bool is_time_for_rooms(const struct gap_loop *loop)
{
    const struct workspace *ws = loop->ws;

    return is_fleet(ws) && !ws->pricing.rooms &&
           loop->step >= EARLY_STEPS * (int64_t)(ws->in->unit / 2) &&
           room_pool_cells(ws->in, pricing_cells(&ws->pricing)) <= EARLY_CELLS;
}

/* Whether, where room is hard, nothing is left but a sample: the same lists are not made for it twice. */
static bool is_time_for_sample(const struct gap_loop *loop)
{
    const struct workspace *ws = loop->ws;

    return is_fleet(ws) && loop->step <= ws->in->unit / 2 && loop->tried >= bound_of(loop);
}

/* Duals raise no window below the cutoff any further, so enumeration has to answer. A refuted
 * cutoff doubles the step; one that is not decided takes the least step, then a closer look, the larger
 * tree, and a sample. */
static int decide(struct gap_loop *loop, int64_t cutoff)
{
    int64_t least = loop->ws->in->unit / 2, before;
    bool samples = is_time_for_sample(loop);
    int r = is_time_for_rooms(loop) ? look_at_rooms(loop) : 0;

    if (r != 0)
        return r < 0 ? r : 0;
    before = loop->ws->search.best_objective;
    r = close_below(loop, cutoff, samples);
    if (r > 0) {
        loop->step *= 2;
        loop->failures = 0;
        return 0;
    }
    if (r < 0 || loop->step > least) {
        loop->step = least;
        return r;
    }
    r = look_at_rooms(loop);
    if (r != 0)
        return r < 0 ? r : 0;
    if (loop->ws->reduces) {
        r = look_closer(loop);
        if (r != 0)
            return r < 0 ? r : 0;
    }
    if (loop->tried < bound_of(loop))
        return plan_of_many_patterns(loop);
    if (!samples) {
        before = loop->ws->search.best_objective;
        r = close_below(loop, cutoff, true);
    }
    loop->failures = r > 0 || loop->ws->search.best_objective < before ? 0 : loop->failures + 1;
    return r;
}

static int look_around(struct gap_loop *loop)
{
    struct workspace *ws = loop->ws;
    int64_t cutoff = next_cutoff(loop);
    int more = dual_ascent_run(&ws->ascent, ws->search.best_objective, cutoff, EVALUATIONS);
    int r = more;

    if (more >= 0 && !is_over(loop) && ws->work->evaluations >= loop->next_plan)
        r = plan_from_weights(loop);
    bounds_trim(&ws->bounds, ws->search.best_objective);
    pricing_narrow(&ws->pricing, ws->bounds.bottom, ws->bounds.top);
    if (r < 0 || more > 0 || is_over(loop) || bound_of(loop) > cutoff)
        return r;
    return decide(loop, next_cutoff(loop));
}

static int most_failures(const struct gap_loop *loop)
{
    return is_fleet(loop->ws) ? FEW_FAILURES : MAX_FAILURES;
}

int gap_loop_run(struct workspace *ws, enum placement_method *ret_method)
{
    struct gap_loop loop = {
        .ws = ws, .method = ret_method, .step = ws->in->unit / 2, .tried = INT64_MIN};
    int r = dual_ascent_new(&ws->pricing, &ws->bounds, &ws->patterns, &ws->arena, &ws->ascent);

    *ret_method = PLACEMENT_METHOD_LAGRANGIAN;
    while (r >= 0 && loop.failures < most_failures(&loop) && !is_over(&loop))
        r = look_around(&loop);
    return r < 0 ? r : 0;
}
