/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/subgradient.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <string.h>

/* Fractions of the leaving price; the last two tie all patterns and are no place to climb from. */
static const double TOUCH[] = {0.5, 0.7, 0.3, 1, 0};
enum { TOUCHES = 5, PATIENCE = 6, TRIM_EVERY = 16 };
/* Level method: aim delta above the best; faster after good steps, back and slower when stuck. */
static const double DELTA_START = 0.06, DELTA_GROW = 1.3, DELTA_SHRINK = 0.6, DELTA_LEAST = 0.05;
static const double MOMENTUM = 0.4, STEP_MOST = 3;

static int leaving_price(const struct instance *in, int i)
{
    int least = INT_MAX;

    for (int p = 0; p < in->m; p++) {
        int price = instance_price(in, i, p);

        if (p != in->home[i] && price != INSTANCE_FORBIDDEN && price < least)
            least = price;
    }
    return least == INT_MAX ? 0 : least;
}

int touch_bounds(const struct ascent *ascent, struct arena *arena)
{
    const struct instance *in = ascent->pricing->in;
    struct evaluation ev = {0};
    int *prices = arena_take(arena, (size_t)in->n, sizeof(int));
    int *leaving = arena_take(arena, (size_t)in->n, sizeof(int)), r = 0;

    ev.bound = arena_take(arena, (size_t)ascent->bounds->windows->n, sizeof(int64_t));
    if (!prices || !leaving || !ev.bound)
        return -ENOMEM;
    for (int i = 0; i < in->n; i++)
        leaving[i] = leaving_price(in, i);
    for (int k = 0; k < TOUCHES && r >= 0; k++) {
        for (int i = 0; i < in->n; i++) {
            double part = in->home[i] < 0 ? 1 : TOUCH[k];
            prices[i] = (int)(part * leaving[i] * in->price_scale);
        }
        pricing_evaluate(ascent->pricing, prices, &ev);
        r = bounds_learn(ascent->bounds, prices, ev.bound, ascent->objective);
        if (bounds_least(ascent->bounds) >= ascent->objective ||
            work_exhausted(ascent->pricing->work))
            break;
    }
    ascent->pricing->top = bounds_trim(ascent->bounds, ascent->objective);
    return r;
}

struct climb {
    const struct ascent *ascent;
    struct evaluation ev;
    double *at, *direction; /* [n] */
    int *prices, *best;     /* [n] rounded, and to return to */
    double delta, reference, limit;
    int stalled;
};

static int climb_new(const struct ascent *ascent, struct arena *arena, struct climb *ret)
{
    const struct instance *in = ascent->pricing->in;
    const struct bounds *bounds = ascent->bounds;
    size_t n = (size_t)in->n;
    struct climb climb = {.ascent = ascent, .reference = -INFINITY};
    int who = bounds->who[bounds_weakest(bounds)];

    climb.at = arena_take(arena, n, sizeof(double));
    climb.direction = arena_take(arena, n, sizeof(double));
    climb.prices = arena_take(arena, n, sizeof(int));
    climb.best = arena_take(arena, n, sizeof(int));
    climb.ev.bound = arena_take(arena, (size_t)bounds->windows->n, sizeof(int64_t));
    climb.ev.pattern = pricing_patterns(in, arena);
    if (!climb.at || !climb.direction || !climb.prices || !climb.best || !climb.ev.bound ||
        !climb.ev.pattern)
        return -ENOMEM;
    for (int i = 0; i < in->n; i++) {
        int start = who >= 0 ? bounds->prices[who][i] : 0;

        /* 0 and the full leaving price are corners where all patterns tie */
        if (in->home[i] >= 0 && (start == 0 || start == leaving_price(in, i) * in->price_scale))
            start = leaving_price(in, i) * in->price_scale / 2;
        climb.best[i] = start;
        climb.at[i] = start;
    }
    climb.limit = (double)ascent->objective / (double)in->unit * in->price_scale;
    climb.delta = fmax(DELTA_START * climb.limit, 2.0 * in->price_scale);
    *ret = climb;
    return 0;
}

/* F of window t by a bound, in price units and not rounded. */
static double level(const struct climb *climb, int t, int64_t bound)
{
    const struct windows *windows = climb->ascent->bounds->windows;
    const struct instance *in = windows->in;

    if (bound >= WINDOWS_IMPOSSIBLE)
        return climb->limit;
    return (double)bound +
           (double)in->kappa * (double)windows->least[t] / (double)in->unit * in->price_scale;
}

static void back_to_best(struct climb *climb, int t)
{
    const struct bounds *bounds = climb->ascent->bounds;
    int n = bounds->windows->in->n;

    climb->delta *= DELTA_SHRINK;
    climb->stalled = 0;
    if (bounds->who[t] >= 0)
        memcpy(climb->best, bounds->prices[bounds->who[t]], (size_t)n * sizeof(int));
    for (int i = 0; i < n; i++)
        climb->at[i] = climb->best[i];
}

/* How often each vCPU is missing: positive where its price should rise. Returns the square. */
static double turn(struct climb *climb)
{
    const struct instance *in = climb->ascent->pricing->in;
    double square = 0;

    for (int i = 0; i < in->n; i++)
        climb->direction[i] = 1 + MOMENTUM * climb->direction[i];
    for (int p = 0; p < in->m; p++)
        for (int k = 0; k < climb->ev.pattern[p].n_items; k++)
            climb->direction[climb->ev.pattern[p].items[k]]--;
    for (int i = 0; i < in->n; i++)
        square += climb->direction[i] * climb->direction[i];
    return square;
}

static int store_patterns(const struct climb *climb)
{
    const struct ascent *ascent = climb->ascent;

    for (int p = 0; ascent->patterns && p < ascent->pricing->in->m; p++) {
        const struct pattern *pattern = &climb->ev.pattern[p];

        if (pattern->n_items >= 0 && !pattern->repeats &&
            patterns_add(ascent->patterns, p, pattern->items, pattern->n_items) == -ENOMEM)
            return -ENOMEM;
    }
    return 0;
}

static void judge(struct climb *climb, double value, bool first)
{
    if (value > climb->reference) {
        climb->stalled = value > climb->reference + 0.2 * climb->delta ? 0 : climb->stalled + 1;
        if (!first && value > climb->reference + 0.5 * climb->delta)
            climb->delta *= DELTA_GROW;
        climb->reference = value;
        memcpy(climb->best, climb->prices, (size_t)climb->ascent->pricing->in->n * sizeof(int));
    } else {
        climb->stalled++;
    }
}

/* One evaluation and one step. 1 to go on, 0 at the end, or -ENOMEM. */
static int climb_once(struct climb *climb, bool first)
{
    const struct ascent *ascent = climb->ascent;
    const struct instance *in = ascent->pricing->in;
    int target = bounds_weakest(ascent->bounds), weakest;
    double value, square, step;

    for (int i = 0; i < in->n; i++)
        climb->prices[i] = (int)lrint(climb->at[i]);
    climb->ev.target = target;
    pricing_evaluate(ascent->pricing, climb->prices, &climb->ev);
    if (bounds_learn(ascent->bounds, climb->prices, climb->ev.bound, ascent->objective) < 0)
        return -ENOMEM;
    value = level(climb, target, climb->ev.bound[target]);
    judge(climb, value, first);
    weakest = bounds_weakest(ascent->bounds);
    if (bounds_objective(ascent->bounds, weakest) >= ascent->objective ||
        work_exhausted(ascent->pricing->work))
        return 0;
    if (weakest != target)
        climb->reference = level(climb, weakest, ascent->bounds->best[weakest]);
    if (climb->stalled >= PATIENCE)
        back_to_best(climb, weakest);
    if (store_patterns(climb) < 0)
        return -ENOMEM;
    square = turn(climb);
    if (square < 1e-9 || climb->delta < DELTA_LEAST * in->price_scale)
        return 0;
    step = (fmin(climb->reference + climb->delta, climb->limit) - value) / square;
    step = fmin(fmax(step, 0), STEP_MOST * in->price_scale);
    for (int i = 0; i < in->n; i++)
        climb->at[i] += step * climb->direction[i];
    return 1;
}

int subgradient(const struct ascent *ascent, int evaluations, struct arena *arena)
{
    struct climb climb;
    int r = climb_new(ascent, arena, &climb);

    if (r < 0)
        return r;
    for (int k = 0; k < evaluations; k++) {
        r = climb_once(&climb, k == 0);
        if (r <= 0)
            break;
        if (k % TRIM_EVERY == TRIM_EVERY - 1)
            ascent->pricing->top = bounds_trim(ascent->bounds, ascent->objective);
    }
    ascent->pricing->top = bounds_trim(ascent->bounds, ascent->objective);
    return r < 0 ? r : 0;
}
