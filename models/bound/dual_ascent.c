/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/dual_ascent.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/bound/touch_bounds.h"

/* All found by trying on the families of bench_plan. The figures behind them are bounds evaluated
 * and million cells at half and at double the value, at 64x16, seeds 1-3 (as it is: 1567 and 481).
 * Each run proves all 42 problems with the same F. */

/* Parts of the promised gain: a step counts from this part on (1496, 393; 1526, 421), and from
 * this part on it was a good one (1500, 446; 1999, 524). */
static const double KEEPS = 0.1, GOOD = 0.5;
/* Factors of the proximity after a good step (without growth a problem did not end within a
 * minute; 4: 1501, 405), and after bad ones (0.35: 1629, 443; 0.84: 1467, 356). */
static const double WIDER = 2, NARROWER = 0.7;
/* Cost units: a climb that promises less ends (1573, 483; 1547, 468). */
static const double CONVERGED = 0.02;
/* Steps of a dual: no less is promised in earnest, for rounding all duals costs as much. Where a
 * cost unit has 256 steps these are less than CONVERGED. (Of 2 to 20, 5 and 10 leave the least gaps
 * at 300 and 400 on 24.) */
static const double ROUNDED = 5;
/* Cost units that a dual may still move, on average (1583, 471; 1590, 484). */
static const double REACH = 1;
/* Factors of the proximity between two looks ahead: where little is promised (1587, 521; 1548,
 * 471), and where the exchanges did not settle (1560, 457; 1567, 468). */
static const double MUCH_WIDER = 4, MUCH_NARROWER = 0.3;
/* A climb starts at most this many times as wide as the first one did (1494, 357; 1604, 502). */
static const double WIDEST_START = 16;
static const double FARTHEST = 1 << 30; /* what pricing clips has to be an int */
enum {
    MAX_NULLS = 8, /* evaluations in a row without a step, then it narrows (1566, 482; no change) */
    MAX_LOOKS = 8, /* looks ahead for one evaluation */
    MAX_IDLE = 24, /* evaluations that bring nothing, then it ends (no change at half and double) */
    FINE_IDLE = 96,  /* the same where items are fine-grained */
    TRIM_EVERY = 16, /* evaluations */
    BEYOND = 16,     /* cost units above the ceiling: then another window is attended to */
};

int dual_ascent_new(struct pricing *pricing, struct bounds *bounds, struct pattern_store *patterns,
                    struct arena *arena, struct dual_ascent *ret)
{
    size_t n = (size_t)pricing->in->n, windows = (size_t)bounds->windows->n;
    struct dual_ascent ascent = {
        .pricing = pricing, .bounds = bounds, .patterns = patterns, .window = -1};

    if (bundle_new(patterns, arena, &ascent.bundle) < 0)
        return -ENOMEM;
    ascent.stuck = arena_take(arena, windows, sizeof(bool));
    ascent.idle = arena_take(arena, windows, sizeof(int));
    ascent.mark = arena_take(arena, windows, sizeof(double));
    ascent.ev.bound = arena_take(arena, windows, sizeof(int64_t));
    ascent.ev.pattern = pricing_patterns(pricing->in, arena);
    ascent.duals = arena_take(arena, n, sizeof(int));
    if (!ascent.stuck || !ascent.idle || !ascent.mark || !ascent.ev.bound || !ascent.ev.pattern ||
        !ascent.duals)
        return -ENOMEM;
    *ret = ascent;
    return 0;
}

static bool is_closed(const struct dual_ascent *ascent, int t)
{
    return bounds_objective(ascent->bounds, t) >= ascent->objective;
}

/* The dual to start from. At 0 and at the whole cost of leaving all patterns tie, and a climb
 * finds no direction: there it starts from half. */
static double interior_dual(const struct dual_ascent *ascent, int who, int i)
{
    const struct instance *in = ascent->pricing->in;
    int touch = touch_bounds_cost(in, i) * in->price_scale;
    int dual = who >= 0 ? ascent->bounds->duals[who][i] : 0;

    if (in->home[i] >= 0 && !instance_has_dear_home(in, i) && (dual == 0 || dual == touch))
        return 0.5 * touch;
    return dual;
}

/* Back at the window that it was in last, and nothing better is known: the climb goes on. */
static bool goes_on(const struct dual_ascent *ascent, int window, int who)
{
    return window == ascent->window &&
           (who < 0 || ascent->bundle.value >= (double)ascent->bounds->profile[who][window]);
}

/* The climb starts from the climbed vector that proves most in the window. A vector of a formula
 * may prove more still, but ties too many patterns to climb on from. */
static void aim(struct dual_ascent *ascent, int window)
{
    const struct bounds *bounds = ascent->bounds;
    int climbed = bounds_climbed(bounds, window), who = bounds->proven_by[window];
    bool on = goes_on(ascent, window, climbed);

    for (int i = 0; i < ascent->pricing->in->n; i++) {
        if (on)
            ascent->duals[i] = (int)lrint(ascent->bundle.center[i]);
        else if (climbed >= 0)
            ascent->duals[i] = bounds->duals[climbed][i];
        else
            ascent->duals[i] = (int)lrint(interior_dual(ascent, who, i));
    }
    ascent->window = window;
    ascent->nulls = 0;
    ascent->is_center = true;
    bundle_aim(&ascent->bundle, window);
}

static int add_cuts(struct dual_ascent *ascent)
{
    struct pattern_store *store = ascent->patterns;

    for (int p = 0; p < ascent->pricing->in->m; p++) {
        const struct pattern *pattern = &ascent->ev.pattern[p];
        int k = patterns_add_relaxed(store, p, pattern->items, pattern->n_items);

        if (k == -EEXIST)
            k = patterns_find(store, p, pattern->items, pattern->n_items);
        if (k < 0)
            return k;
        bundle_add(&ascent->bundle, k);
    }
    return 0;
}

/* What is still missing to close the window. */
static double missing(const struct dual_ascent *ascent)
{
    int64_t budget = windows_budget(ascent->bounds->windows, ascent->window, ascent->objective);

    return (double)(budget + ascent->pricing->in->price_scale) - ascent->bundle.value;
}

static void judge(struct dual_ascent *ascent, double value)
{
    struct bundle *bundle = &ascent->bundle;
    double gain = value - bundle->value;

    if (gain < KEEPS * ascent->promise) {
        if (gain < -ascent->promise || ++ascent->nulls >= MAX_NULLS) {
            bundle->prox *= NARROWER;
            ascent->nulls = 0;
        }
        return;
    }
    if (gain > GOOD * ascent->promise)
        bundle->prox *= WIDER;
    bundle_move(bundle, ascent->duals, value);
    ascent->nulls = 0;
}

/* The first step reaches just above what closes the window, if the first cuts are right. */
static double first_prox(const struct dual_ascent *ascent)
{
    const struct instance *in = ascent->pricing->in;
    double square = 1;
    int *count = calloc((size_t)in->n + 1, sizeof(int));

    for (int p = 0; p < in->m && count; p++)
        for (int k = 0; k < ascent->ev.pattern[p].n_items; k++)
            count[ascent->ev.pattern[p].items[k]]++;
    for (int i = 0; i < in->n && count; i++)
        square += (1 - count[i]) * (1 - count[i]);
    free(count);
    return fmax(missing(ascent), in->price_scale) / square;
}

/* A climb starts near where the first one did: what others have made of the proximity is of
 * another scale. */
static void start_prox(struct dual_ascent *ascent)
{
    double *prox = &ascent->bundle.prox;

    if (ascent->first_prox <= 0)
        ascent->first_prox = first_prox(ascent);
    *prox = fmax(*prox, ascent->first_prox);
    *prox = fmin(*prox, WIDEST_START * ascent->first_prox);
}

/* The bound rises by no more than this within the reach of the duals: the model lies above L
 * everywhere, and error + length * distance above the model. */
static double potential(const struct dual_ascent *ascent)
{
    const struct instance *in = ascent->pricing->in;

    return ascent->bundle.error + ascent->bundle.length * REACH * in->price_scale * sqrt(in->n);
}

static double least_promise(const struct dual_ascent *ascent)
{
    return fmax(CONVERGED * ascent->pricing->in->price_scale, ROUNDED);
}

/* The bound counts in whole cost units, where there are no charges. */
static bool is_converged(const struct dual_ascent *ascent)
{
    const struct instance *in = ascent->pricing->in;
    double scale = in->price_scale, value = ascent->bundle.value;

    if (potential(ascent) < least_promise(ascent))
        return true;
    return in->problem->objective == PLACEMENT_DEVIATION &&
           ceil((value + potential(ascent)) / scale) <= ceil(value / scale);
}

/* False where all are the center's. */
static bool round_duals(struct dual_ascent *ascent)
{
    const struct bundle *bundle = &ascent->bundle;
    bool is_new = false;

    for (int i = 0; i < bundle->n; i++) {
        ascent->duals[i] = (int)lrint(fmax(-FARTHEST, fmin(FARTHEST, bundle->next[i])));
        is_new |= ascent->duals[i] != (int)lrint(bundle->center[i]);
    }
    return is_new;
}

static double step(struct dual_ascent *ascent)
{
    struct bundle *bundle = &ascent->bundle;
    int64_t before = bundle->looks;
    double promise = bundle_step(bundle);

    work_count_cells(ascent->pricing->work, before, bundle->looks);
    return promise;
}

/* Finds the next duals; false when the bound can rise no further. It looks farther where the model
 * promises little nearby, and less far where the exchanges did not settle (promise <= 0). */
static bool look_ahead(struct dual_ascent *ascent)
{
    struct bundle *bundle = &ascent->bundle;
    double least = least_promise(ascent);
    bool is_narrowed = false;

    for (int k = 0; k < MAX_LOOKS; k++) {
        ascent->promise = step(ascent);
        if (is_converged(ascent) || work_exhausted(ascent->pricing->work))
            return false;
        if (ascent->promise >= least && round_duals(ascent))
            break;
        if (ascent->promise > 0 && is_narrowed)
            return false;
        is_narrowed = ascent->promise <= 0;
        bundle->prox *= is_narrowed ? MUCH_NARROWER : MUCH_WIDER;
    }
    return ascent->promise >= least;
}

/* Whether the last evaluations have brought next to nothing. One that is no step but better than
 * the center has brought something. */
static bool is_idle(struct dual_ascent *ascent, double value)
{
    double *mark = &ascent->mark[ascent->window];
    int *idle = &ascent->idle[ascent->window];

    if (*idle == 0 || value >= *mark + least_promise(ascent)) {
        *mark = value;
        *idle = 0;
    }
    return ++*idle > (instance_is_fine_grained(ascent->pricing->in) ? FINE_IDLE : MAX_IDLE);
}

/* Evaluates the duals once and finds the next ones. 1: go on with this window, 0: done with it, or
 * -ENOMEM. */
static int evaluate_once(struct dual_ascent *ascent)
{
    double value;
    bool was_center;

    ascent->ev.window = ascent->window;
    pricing_evaluate(ascent->pricing, ascent->duals, &ascent->ev);
    if (bounds_learn(ascent->bounds, ascent->duals, ascent->ev.bound, ascent->objective) < 0)
        return -ENOMEM;
    if (is_closed(ascent, ascent->window) || work_exhausted(ascent->pricing->work))
        return 0;
    value = (double)ascent->ev.bound[ascent->window];
    if (add_cuts(ascent) < 0)
        return -ENOMEM;
    if (!ascent->is_center)
        judge(ascent, value);
    else
        bundle_move(&ascent->bundle, ascent->duals, value);
    was_center = ascent->is_center;
    ascent->is_center = false;
    if (was_center)
        start_prox(ascent);
    if (is_idle(ascent, value) || !look_ahead(ascent)) {
        ascent->stuck[ascent->window] = true;
        return 0;
    }
    return bounds_objective(ascent->bounds, ascent->window) <
           ascent->ceiling + BEYOND * ascent->pricing->in->unit;
}

/* Patterns weigh what the bundle gives them. */
static void weigh_patterns(struct dual_ascent *ascent)
{
    struct pattern_store *store = ascent->patterns;
    const struct bundle *bundle = &ascent->bundle;

    for (int k = 0; k < store->n; k++)
        store->patterns[k].weight = 0;
    for (int p = 0; p < bundle->m; p++) {
        const struct cut *cuts = bundle_cuts(bundle, p);

        for (int k = 0; k < bundle->cuts[p]; k++)
            store->patterns[cuts[k].pattern].weight = cuts[k].weight;
    }
}

/* The first look at a window by room may close it. */
static bool is_settled(struct dual_ascent *ascent, int window)
{
    return bounds_learn(ascent->bounds, ascent->duals, ascent->ev.bound, ascent->objective) < 0 ||
           is_closed(ascent, window);
}

int dual_ascent_weigh(struct dual_ascent *ascent, int window)
{
    aim(ascent, window);
    ascent->ev.window = window;
    pricing_evaluate(ascent->pricing, ascent->duals, &ascent->ev);
    if (ascent->pricing->rooms && is_settled(ascent, window))
        return arena_error(ascent->bounds->arena);
    if (add_cuts(ascent) < 0)
        return -ENOMEM;
    bundle_move(&ascent->bundle, ascent->duals, (double)ascent->ev.bound[window]);
    start_prox(ascent);
    step(ascent);
    weigh_patterns(ascent);
    return 0;
}

void dual_ascent_renew(struct dual_ascent *ascent)
{
    size_t windows = (size_t)ascent->bounds->windows->n;

    bundle_forget(&ascent->bundle);
    memset(ascent->stuck, 0, windows * sizeof(bool));
    memset(ascent->idle, 0, windows * sizeof(int));
    ascent->window = -1;
    ascent->first_prox = 0;
}

/* The weakest window that does not reach the ceiling and may still rise, or -1. */
static int next_target(const struct dual_ascent *ascent)
{
    int weakest = -1;

    for (int t = 0; t <= ascent->bounds->top; t++)
        if (!ascent->stuck[t] && !is_closed(ascent, t) &&
            bounds_objective(ascent->bounds, t) <= ascent->ceiling &&
            (weakest < 0 ||
             bounds_objective(ascent->bounds, t) < bounds_objective(ascent->bounds, weakest)))
            weakest = t;
    return weakest;
}

static void trim(struct dual_ascent *ascent)
{
    bounds_trim(ascent->bounds, ascent->objective);
    pricing_narrow(ascent->pricing, ascent->bounds->bottom, ascent->bounds->top);
}

int dual_ascent_run(struct dual_ascent *ascent, int64_t objective, int64_t ceiling, int evaluations)
{
    int r = 0;

    ascent->objective = objective;
    ascent->ceiling = ceiling;
    ascent->bounds->climbing = true;
    while (evaluations > 0 && r >= 0 && !work_exhausted(ascent->pricing->work)) {
        int window = next_target(ascent);

        if (window < 0)
            break;
        aim(ascent, window);
        do {
            r = evaluate_once(ascent);
            if (--evaluations % TRIM_EVERY == 0)
                trim(ascent);
        } while (r > 0 && evaluations > 0);
    }
    trim(ascent);
    weigh_patterns(ascent);
    return r < 0 ? r : next_target(ascent) >= 0;
}
