/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/dual_ascent.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "models/touch_bounds.h"

/* Measured on eleven families at 64x16 and 128x32 (README.md, "Dual ascent"): a step counts when it
 * keeps this part of its promise; the proximity widens after good steps and narrows when many in a
 * row were none; a promise below this part of a cost unit ends the climb. */
static const double KEEPS = 0.1, GOOD = 0.5, WIDER = 2, NARROWER = 0.7, CONVERGED = 0.02;
static const double LITTLE = 0.02, REACH = 1;
enum {
    MOST_NULLS = 30, /* in a row, and one more for so many vCPUs */
    VCPUS_PER_NULL = 8,
    MOST_WIDENINGS = 3,
    TRIM_EVERY = 16,
    WEAKER_BY = 16, /* cost units: then another window is attended to first */
};

int dual_ascent_new(struct pricing *pricing, struct bounds *bounds, struct pattern_store *patterns,
                    struct arena *arena, struct dual_ascent *ret)
{
    size_t n = (size_t)pricing->in->n, m = (size_t)pricing->in->m;
    size_t windows = (size_t)bounds->windows->n, cuts;
    struct dual_ascent ascent = {.pricing = pricing, .bounds = bounds, .patterns = patterns};

    if (bundle_new(pricing->in->n, arena, &ascent.bundle) < 0)
        return -ENOMEM;
    cuts = (size_t)ascent.bundle.most_cuts;
    ascent.stuck = arena_take(arena, windows, sizeof(bool));
    ascent.cut_patterns = arena_take(arena, cuts * m, sizeof(int));
    ascent.cut_window = arena_take(arena, cuts, sizeof(int));
    ascent.ev.bound = arena_take(arena, windows, sizeof(int64_t));
    ascent.center_bound = arena_take(arena, windows, sizeof(int64_t));
    ascent.ev.pattern = pricing_patterns(pricing->in, arena);
    ascent.next = arena_take(arena, n, sizeof(double));
    ascent.prices = arena_take(arena, n, sizeof(int));
    ascent.gradient = arena_take(arena, n, sizeof(int));
    if (!ascent.stuck || !ascent.cut_patterns || !ascent.cut_window || !ascent.ev.bound ||
        !ascent.center_bound || !ascent.ev.pattern || !ascent.next || !ascent.prices ||
        !ascent.gradient)
        return -ENOMEM;
    *ret = ascent;
    return 0;
}

static bool is_closed(const struct dual_ascent *ascent, int t)
{
    return bounds_objective(ascent->bounds, t) >= ascent->objective;
}

static int *patterns_of(const struct dual_ascent *ascent, int cut)
{
    return ascent->cut_patterns + (int64_t)cut * ascent->pricing->in->m;
}

/* A cut belongs to a window that admits all of its patterns. */
static void drop_wider_cuts(struct dual_ascent *ascent)
{
    for (int k = ascent->bundle.cuts - 1; k >= 0; k--) {
        int last = ascent->bundle.cuts - 1;

        if (ascent->cut_window[k] <= ascent->target)
            continue;
        bundle_drop(&ascent->bundle, k);
        ascent->cut_window[k] = ascent->cut_window[last];
        memmove(patterns_of(ascent, k), patterns_of(ascent, last),
                (size_t)ascent->pricing->in->m * sizeof(int));
    }
}

/* Nothing and the whole touch price are corners where all patterns tie: no place to start from. */
static double interior_price(const struct dual_ascent *ascent, int who, int i)
{
    const struct instance *in = ascent->pricing->in;
    int touch = touch_price(in, i) * in->price_scale;
    int price = who >= 0 ? ascent->bounds->prices[who][i] : 0;

    if (in->home[i] >= 0 && (price == 0 || price == touch))
        return 0.5 * touch;
    return price;
}

static void move_center(struct dual_ascent *ascent, const int *prices, const int64_t *bound)
{
    bundle_move(&ascent->bundle, prices, (double)bound[ascent->target]);
    memcpy(ascent->center_bound, bound,
           ((size_t)ascent->bounds->top + 1) * sizeof(*ascent->center_bound));
}

/* The center stays unless another climbed vector proves more in the window. A vector of a formula
 * may prove more still, but ties too many patterns to climb on from. */
static void aim(struct dual_ascent *ascent, int target)
{
    const struct bounds *bounds = ascent->bounds;
    int who = bounds_climbed(bounds, target);

    ascent->target = target;
    ascent->nulls = 0;
    drop_wider_cuts(ascent);
    if (ascent->bundle.cuts > 0) {
        if (who >= 0 && bounds->profile[who][target] > ascent->center_bound[target])
            move_center(ascent, bounds->prices[who], bounds->profile[who]);
        else
            bundle_recenter(&ascent->bundle, (double)ascent->center_bound[target]);
        return;
    }
    who = who >= 0 ? who : bounds->who[target];
    for (int i = 0; i < ascent->pricing->in->n; i++)
        ascent->next[i] = interior_price(ascent, who, i);
}

/* How often each vCPU is missing from the bins' best patterns. */
static void find_gradient(struct dual_ascent *ascent)
{
    const struct instance *in = ascent->pricing->in;

    for (int i = 0; i < in->n; i++)
        ascent->gradient[i] = 1;
    for (int p = 0; p < in->m; p++)
        for (int k = 0; k < ascent->ev.pattern[p].n_items; k++)
            ascent->gradient[ascent->ev.pattern[p].items[k]]--;
}

static int remember_patterns(struct dual_ascent *ascent, int cut)
{
    int *indices = patterns_of(ascent, cut);

    ascent->cut_window[cut] = 0;
    for (int p = 0; p < ascent->pricing->in->m; p++) {
        const struct pattern *pattern = &ascent->ev.pattern[p];
        int k = -1, window = ascent->target;

        if (!pattern->repeats) {
            k = patterns_add(ascent->patterns, p, pattern->items, pattern->n_items);
            if (k == -EEXIST)
                k = patterns_find(ascent->patterns, p, pattern->items, pattern->n_items);
            if (k < 0)
                return k;
            window = ascent->patterns->patterns[k].window;
        }
        indices[p] = k;
        if (window > ascent->cut_window[cut])
            ascent->cut_window[cut] = window;
    }
    return 0;
}

static void judge(struct dual_ascent *ascent, double value)
{
    struct bundle *bundle = &ascent->bundle;
    double gain = value - bundle->value;

    if (gain < KEEPS * ascent->promise) {
        if (++ascent->nulls >= MOST_NULLS + bundle->n / VCPUS_PER_NULL) {
            bundle->prox *= NARROWER;
            ascent->nulls = 0;
        }
        return;
    }
    if (gain > GOOD * ascent->promise)
        bundle->prox *= WIDER;
    move_center(ascent, ascent->prices, ascent->ev.bound);
    ascent->nulls = 0;
}

/* The first step reaches just above what closes the window, if the first cut is right. */
static void begin(struct dual_ascent *ascent, double value)
{
    const struct instance *in = ascent->pricing->in;
    int64_t budget = windows_budget(ascent->bounds->windows, ascent->target, ascent->objective);
    double square = 1;

    for (int i = 0; i < in->n; i++)
        square += (double)ascent->gradient[i] * ascent->gradient[i];
    if (ascent->bundle.prox <= 0)
        ascent->bundle.prox =
            fmax((double)(budget + in->price_scale) - value, in->price_scale) / square;
    move_center(ascent, ascent->prices, ascent->ev.bound);
}

/* What is still missing to close the window. */
static double missing(const struct dual_ascent *ascent)
{
    int64_t budget = windows_budget(ascent->bounds->windows, ascent->target, ascent->objective);

    return (double)(budget + ascent->pricing->in->price_scale) - ascent->bundle.value;
}

/* The next prices. Where little is promised nearby, it looks farther; false when nothing is to be
 * had within the distance that prices can move at all. */
static bool look_ahead(struct dual_ascent *ascent)
{
    struct bundle *bundle = &ascent->bundle;
    const struct instance *in = ascent->pricing->in;
    double reach = REACH * in->price_scale * sqrt(in->n);

    ascent->promise = bundle_step(bundle, ascent->next);
    for (int k = 0; k < MOST_WIDENINGS && ascent->promise < LITTLE * missing(ascent); k++) {
        if (bundle->promised_error + bundle->length * reach < CONVERGED * in->price_scale)
            return false;
        bundle->prox *= WIDER;
        ascent->promise = bundle_step(bundle, ascent->next);
    }
    return true;
}

/* One evaluation. 1: go on with this window, 0: done with it, or -ENOMEM. */
static int climb(struct dual_ascent *ascent)
{
    double value;
    int cut;

    for (int i = 0; i < ascent->pricing->in->n; i++)
        ascent->prices[i] = (int)lrint(ascent->next[i]);
    ascent->ev.target = ascent->target;
    pricing_evaluate(ascent->pricing, ascent->prices, &ascent->ev);
    if (bounds_learn(ascent->bounds, ascent->prices, ascent->ev.bound, ascent->objective) < 0)
        return -ENOMEM;
    if (is_closed(ascent, ascent->target) || work_exhausted(ascent->pricing->work))
        return 0;
    value = (double)ascent->ev.bound[ascent->target];
    find_gradient(ascent);
    if (ascent->bundle.cuts == 0)
        begin(ascent, value);
    else
        judge(ascent, value);
    cut = bundle_add(&ascent->bundle, ascent->gradient, ascent->prices, value);
    if (remember_patterns(ascent, cut) < 0)
        return -ENOMEM;
    if (!look_ahead(ascent)) {
        ascent->stuck[ascent->target] = true;
        return 0;
    }
    return bounds_objective(ascent->bounds, ascent->target) <
           bounds_least(ascent->bounds) + WEAKER_BY * ascent->pricing->in->unit;
}

/* Patterns weigh what their cuts weigh. */
static void weigh_patterns(struct dual_ascent *ascent)
{
    struct pattern_store *store = ascent->patterns;

    for (int k = 0; k < store->n; k++)
        store->patterns[k].weight = 0;
    for (int cut = 0; cut < ascent->bundle.cuts; cut++)
        for (int p = 0; p < ascent->pricing->in->m; p++)
            if (patterns_of(ascent, cut)[p] >= 0)
                store->patterns[patterns_of(ascent, cut)[p]].weight += ascent->bundle.weight[cut];
}

int dual_ascent_run(struct dual_ascent *ascent, int64_t objective, int evaluations)
{
    int r = 0;

    ascent->objective = objective;
    ascent->bounds->climbing = true;
    while (evaluations > 0 && r >= 0 && !work_exhausted(ascent->pricing->work)) {
        int target = bounds_weakest(ascent->bounds);

        if (is_closed(ascent, target) || ascent->stuck[target])
            break;
        aim(ascent, target);
        if (ascent->bundle.cuts > 0)
            look_ahead(ascent);
        do {
            r = climb(ascent);
            if (--evaluations % TRIM_EVERY == 0)
                ascent->pricing->top = bounds_trim(ascent->bounds, objective);
        } while (r > 0 && evaluations > 0);
    }
    ascent->pricing->top = bounds_trim(ascent->bounds, objective);
    weigh_patterns(ascent);
    return r < 0 ? r : 0;
}
