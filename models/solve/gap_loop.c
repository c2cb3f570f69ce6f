/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/gap_loop.h"

#include "models/search/local_search.h"
#include "models/solve/cutoff.h"
#include "models/solve/restricted.h"
#include "models/solve/rounding.h"

enum {
    EVALUATIONS = 60, /* between looks around, and between plans of weights */
    PATTERNS_PER_BIN = 8,
    NODES = 30,
    MANY_PATTERNS_PER_BIN = 40, /* where the climb is stuck */
    MANY_NODES = 300,
    MOST_FAILURES = 5,
};
struct climb {
    struct pipeline *pl;
    enum placement_method *method;
    int64_t step;      /* the objective's distance from the bound */
    int64_t next_plan; /* evaluations at which plans of weights are due */
    int64_t tried;     /* bound at which many patterns were last searched */
    int failures;      /* in a row: neither a plan nor a refutation */
};

static int64_t bound_of(const struct climb *c)
{
    return bounds_least(&c->pl->bounds);
}

static bool is_over(const struct climb *c)
{
    return bound_of(c) >= c->pl->search.best_objective || work_exhausted(c->pl->work);
}

static int64_t next_objective(const struct climb *c)
{
    int64_t objective = bound_of(c) + c->step, most = c->pl->search.best_objective - 1;

    return objective < most ? objective : most;
}

/* Where all had to be packed anew, another attempt is cheaper than another proof, and knows the bound. */
static int pack_anew(struct climb *c)
{
    struct search_state *search = &c->pl->search;
    int64_t before = search->best_objective;
    int r;

    search->lower = bound_of(c);
    r = local_search_pack(search);
    if (search->best_objective < before)
        *c->method = PLACEMENT_METHOD_LAGRANGIAN;
    return r;
}

/* One cost unit: then the packing may be all that is wrong. */
static bool is_close(const struct climb *c)
{
    return c->pl->search.best_objective - bound_of(c) <= c->pl->in->unit;
}

static int plan_of_patterns(struct climb *c, int window, int patterns_per_bin, int nodes)
{
    struct pipeline *pl = c->pl;

    return restricted_master(&(struct restricted){.bounds = &pl->bounds,
                                                  .patterns = &pl->patterns,
                                                  .search = &pl->search,
                                                  .from = window,
                                                  .to = window,
                                                  .max_patterns = patterns_per_bin * pl->in->m,
                                                  .max_nodes = nodes});
}

/* Plans from what is known by now: another packing, a rounding of the weights at the weakest window,
 * a whole-number master over the heaviest patterns. */
static int plan_from_weights(struct climb *c)
{
    struct pipeline *pl = c->pl;
    int r = is_close(c) ? pack_anew(c) : 0, window;

    if (r < 0 || is_over(c))
        return r;
    window = bounds_weakest(&pl->bounds);
    r = dual_ascent_weigh(&pl->ascent, window);
    if (r < 0)
        return r;
    r = round_weights(&pl->patterns, window, &pl->search);
    c->next_plan = pl->work->evaluations + EVALUATIONS;
    if (r < 0 || is_over(c))
        return r;
    return plan_of_patterns(c, window, PATTERNS_PER_BIN, NODES);
}

/* 1 once the bound is above the objective or the incumbent within it. */
static int close_below_objective(struct climb *c, int64_t objective, bool samples)
{
    struct pipeline *pl = c->pl;
    int64_t before = pl->search.best_objective;
    int r = dual_ascent_weigh(&pl->ascent, bounds_weakest(&pl->bounds));

    if (r >= 0)
        r = close_below(&(struct closing_how){.pricing = &pl->pricing,
                                              .bounds = &pl->bounds,
                                              .search = &pl->search,
                                              .patterns = &pl->patterns,
                                              .objective = objective,
                                              .samples = samples,
                                              .effort = c->failures});
    if (pl->search.best_objective < before || is_over(c))
        *c->method = PLACEMENT_METHOD_ENUMERATION;
    return r;
}

/* The climb is stuck: many more of its patterns, and a larger tree. */
static int plan_of_many_patterns(struct climb *c)
{
    int64_t before = c->pl->search.best_objective;
    int window = bounds_weakest(&c->pl->bounds), r = dual_ascent_weigh(&c->pl->ascent, window);

    c->tried = bound_of(c);
    if (r >= 0)
        r = plan_of_patterns(c, window, MANY_PATTERNS_PER_BIN, MANY_NODES);
    if (c->pl->search.best_objective < before || is_over(c))
        *c->method = PLACEMENT_METHOD_MASTER;
    return r;
}

/* All windows below the objective are as high as prices get them. */
static int settle_below(struct climb *c, int64_t objective)
{
    int64_t least = c->pl->in->unit / 2, before;
    int r = close_below_objective(c, objective, false);

    if (r > 0) {
        c->step *= 2;
        c->failures = 0;
        return 0;
    }
    if (r < 0 || c->step > least) {
        c->step = least;
        return r;
    }
    if (c->tried < bound_of(c))
        return plan_of_many_patterns(c);
    before = c->pl->search.best_objective;
    r = close_below_objective(c, objective, true);
    c->failures = r > 0 || c->pl->search.best_objective < before ? 0 : c->failures + 1;
    return r;
}

static int look_around(struct climb *c)
{
    struct pipeline *pl = c->pl;
    int64_t objective = next_objective(c);
    int more = dual_ascent_run(&pl->ascent, pl->search.best_objective, objective, EVALUATIONS);
    int r = more;

    if (more >= 0 && !is_over(c) && pl->work->evaluations >= c->next_plan)
        r = plan_from_weights(c);
    pl->pricing.top = bounds_trim(&pl->bounds, pl->search.best_objective);
    if (r < 0 || more > 0 || is_over(c) || bound_of(c) > objective)
        return r;
    return settle_below(c, next_objective(c));
}

int climb(struct pipeline *pl, enum placement_method *ret_method)
{
    struct climb c = {.pl = pl, .method = ret_method, .step = pl->in->unit / 2, .tried = INT64_MIN};
    int r = dual_ascent_new(&pl->pricing, &pl->bounds, &pl->patterns, &pl->arena, &pl->ascent);

    *ret_method = PLACEMENT_METHOD_LAGRANGIAN;
    while (r >= 0 && c.failures < MOST_FAILURES && !is_over(&c))
        r = look_around(&c);
    return r < 0 ? r : 0;
}
