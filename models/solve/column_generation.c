/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/column_generation.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/solve/restricted.h"

/* Prices between the best vector so far and the duals of the LP: duals alone swing. */
static const double SMOOTHING = 0.6;
static const double NEGATIVE = -1e-6, NOT_ABOVE = 1e-4;
enum {
    FIRST_COLUMNS_PER_BIN = 10,
    ROUNDS = 40,
    PIVOTS_PER_ROW = 3,
    RESTRICTED_NODES = 300,
};

static const struct instance *instance_of(const struct generation *gen)
{
    return gen->pricing->in;
}

static bool is_closed(const struct generation *gen, int t)
{
    return bounds_objective(gen->bounds, t) >= gen->search->best_objective;
}

static int first_columns(struct generation *gen)
{
    int most = FIRST_COLUMNS_PER_BIN * instance_of(gen)->m, n, r = 0;
    int *heaviest = malloc(((size_t)gen->patterns->n + 1) * sizeof(int));

    if (!heaviest)
        return -ENOMEM;
    n = patterns_heaviest(gen->patterns, gen->bounds->top, most, heaviest);
    for (int k = 0; k < n && r >= 0; k++) {
        const struct pattern *pattern = &gen->patterns->patterns[heaviest[k]];

        r = master_add(&gen->master, pattern->bin, pattern->items, pattern->n_items);
    }
    free(heaviest);
    return r < 0 ? r : 0;
}

static int begin(struct generation *gen)
{
    const struct windows *windows = gen->bounds->windows;
    size_t n = (size_t)windows->in->n;
    int r;

    gen->duals = arena_take(&gen->arena, n, sizeof(int));
    gen->prices = arena_take(&gen->arena, n, sizeof(int));
    gen->ev.bound = arena_take(&gen->arena, (size_t)windows->n, sizeof(int64_t));
    gen->ev.pattern = pricing_patterns(windows->in, &gen->arena);
    gen->ev.exact = true;
    if (!gen->duals || !gen->prices || !gen->ev.bound || !gen->ev.pattern)
        return -ENOMEM;
    r = master_new(windows, gen->pricing->work, &gen->master);
    if (r < 0)
        return r;
    gen->has_master = true;
    return master_start(&gen->master, gen->search->best.bin);
}

static int learn(struct generation *gen)
{
    return bounds_learn(gen->bounds, gen->prices, gen->ev.bound, gen->search->best_objective);
}

/* Prices a mix of the window's best vector and the duals; how many columns that brought. */
static int price_once(struct generation *gen, int target, double weight_of_best)
{
    const struct instance *in = instance_of(gen);
    int who = gen->bounds->who[target], added = 0, r;
    const int *best = who >= 0 ? gen->bounds->prices[who] : gen->duals;

    for (int i = 0; i < in->n; i++)
        gen->prices[i] =
            (int)lrint(weight_of_best * best[i] + (1 - weight_of_best) * gen->duals[i]);
    gen->ev.target = target;
    pricing_evaluate(gen->pricing, gen->prices, &gen->ev);
    r = learn(gen);
    for (int p = 0; p < in->m && r >= 0; p++) {
        const struct pattern *pattern = &gen->ev.pattern[p];

        if (pattern->n_items < 0 || pattern->repeats ||
            master_reduced_cost(&gen->master, pattern) >= NEGATIVE)
            continue;
        r = master_add(&gen->master, p, pattern->items, pattern->n_items);
        added += r > 0;
    }
    return r < 0 ? r : added;
}

/* No LP of more columns can have a bound above this one, whole numbers considered. */
static bool reached(const struct generation *gen, int target, double value)
{
    double bound = (double)gen->bounds->best[target] / instance_of(gen)->price_scale;

    if (instance_of(gen)->problem->objective == PLACEMENT_VARIANCE)
        return bound >= value - NOT_ABOVE;
    return ceil(bound) >= ceil(value - NOT_ABOVE);
}

/* One round at a window: LP, prices, columns. 1 to go on, 0 when the window is done with. */
static int one_round(struct generation *gen, int target)
{
    enum solve_status status;
    double value;
    int r = master_solve(&gen->master, &status);

    if (r < 0)
        return r;
    if (status != SOLVE_OPTIMAL)
        return 0;
    value = master_value(&gen->master);
    master_prices(&gen->master, gen->duals);
    r = price_once(gen, target, SMOOTHING);
    if (r == 0 && !is_closed(gen, target))
        r = price_once(gen, target, 0);
    if (r < 0 || is_closed(gen, target))
        return r < 0 ? r : 0;
    if (r == 0 || reached(gen, target, value)) {
        return 0;
    }
    return 1;
}

int generate_columns(struct generation *gen, int target)
{
    const struct instance *in = instance_of(gen);
    int64_t most = gen->pricing->work->pivots + PIVOTS_PER_ROW * (in->n + in->m);
    int r = gen->has_master ? 0 : begin(gen);

    if (r >= 0)
        r = first_columns(gen);
    if (r >= 0)
        r = master_aim(&gen->master, target);
    for (int round = 0; round < ROUNDS && r >= 0; round++) {
        r = one_round(gen, target);
        if (r <= 0 || gen->pricing->work->pivots > most || work_exhausted(gen->pricing->work))
            break;
    }
    if (r < 0 || is_closed(gen, target))
        return r < 0 ? r : 0;
    master_weigh(&gen->master);
    return restricted_master(&(struct restricted){.bounds = gen->bounds,
                                                  .patterns = &gen->master.patterns,
                                                  .search = gen->search,
                                                  .from = target,
                                                  .to = target,
                                                  .max_patterns = gen->master.patterns.n,
                                                  .max_nodes = RESTRICTED_NODES});
}

void generation_done(struct generation *gen)
{
    if (gen->has_master)
        master_done(&gen->master);
    arena_done(&gen->arena);
}
