/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bundle.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { SWEEPS = 20, EXCHANGES = 3 };
/* Weights below the first are nothing; a sweep that gains less than this part is the last. */
static const double NO_WEIGHT = 1e-9, PRECISION = 1e-3, LITTLE_TILT = 1e-2;

int bundle_new(const struct pattern_store *store, struct arena *arena, struct bundle *ret)
{
    const struct instance *in = store->windows->in;
    struct bundle b = {.store = store, .n = in->n, .m = in->m, .window = store->windows->n - 1};
    size_t n = (size_t)b.n, m = (size_t)b.m;

    b.cuts = arena_take(arena, m, sizeof(int));
    b.cut = arena_take(arena, m * BUNDLE_CUTS, sizeof(int));
    b.weight = arena_take(arena, m * BUNDLE_CUTS, sizeof(double));
    b.center = arena_take(arena, n, sizeof(double));
    b.next = arena_take(arena, n, sizeof(double));
    if (!b.cuts || !b.cut || !b.weight || !b.center || !b.next)
        return -ENOMEM;
    *ret = b;
    return 0;
}

static const struct pattern *pattern_of(const struct bundle *b, int p, int slot)
{
    return &b->store->patterns[b->cut[p * BUNDLE_CUTS + slot]];
}

static double *weight_of(const struct bundle *b, int p, int slot)
{
    return &b->weight[p * BUNDLE_CUTS + slot];
}

/* What the bin pays for the pattern at these prices. */
static double slope_at(const struct pattern *pattern, const double *prices)
{
    double slope = (double)pattern->cost;

    for (int k = 0; k < pattern->n_items; k++)
        slope -= prices[pattern->items[k]];
    return slope;
}

/* Without weight and dearest at the center. */
static int least_useful(const struct bundle *b, int p)
{
    double most = -INFINITY;
    int least = 0;

    for (int k = 0; k < b->cuts[p]; k++) {
        double slope =
            *weight_of(b, p, k) > NO_WEIGHT ? -INFINITY : slope_at(pattern_of(b, p, k), b->center);
        if (slope > most) {
            most = slope;
            least = k;
        }
    }
    return least;
}

static double weight_in_all(const struct bundle *b, int p)
{
    double sum = 0;

    for (int k = 0; k < b->cuts[p]; k++)
        sum += *weight_of(b, p, k);
    return sum;
}

void bundle_add(struct bundle *b, int k)
{
    int p = b->store->patterns[k].bin, slot;

    for (int z = 0; z < b->cuts[p]; z++)
        if (b->cut[p * BUNDLE_CUTS + z] == k)
            return;
    slot = b->cuts[p] < BUNDLE_CUTS ? b->cuts[p]++ : least_useful(b, p);
    b->cut[p * BUNDLE_CUTS + slot] = k;
    *weight_of(b, p, slot) = 0;
    if (b->store->patterns[k].window <= b->window)
        *weight_of(b, p, slot) = fmax(0, 1 - weight_in_all(b, p));
}

/* The weight of cuts that rest goes to the cheapest of the others. */
static void hand_over(struct bundle *b, int p)
{
    double resting = 0, least = INFINITY;
    int cheapest = -1;

    for (int k = 0; k < b->cuts[p]; k++) {
        const struct pattern *pattern = pattern_of(b, p, k);

        if (pattern->window > b->window) {
            resting += *weight_of(b, p, k);
            *weight_of(b, p, k) = 0;
        } else if (slope_at(pattern, b->center) < least) {
            least = slope_at(pattern, b->center);
            cheapest = k;
        }
    }
    if (cheapest >= 0)
        *weight_of(b, p, cheapest) += resting;
}

void bundle_aim(struct bundle *b, int window)
{
    b->window = window;
    for (int p = 0; p < b->m; p++)
        hand_over(b, p);
}

void bundle_move(struct bundle *b, const int *center, double value)
{
    for (int i = 0; i < b->n; i++)
        b->center[i] = center[i];
    b->value = value;
}

static void tilt(struct bundle *b, const struct pattern *pattern, double by)
{
    for (int k = 0; k < pattern->n_items; k++)
        b->next[pattern->items[k]] += by;
}

/* |a - b|^2 of the patterns' incidence vectors, as if no item repeated. */
static double distance_of(const struct pattern *x, const struct pattern *y)
{
    int common = 0;

    for (int k = 0; k < x->n_items; k++)
        for (int z = 0; z < y->n_items; z++)
            common += x->items[k] == y->items[z];
    return fmax(1, x->n_items + y->n_items - 2 * common);
}

/* Weight goes from the bin's dearest pattern that has some to its cheapest, as long as that helps.
 * How much it helped. */
static double share_out(struct bundle *b, int p)
{
    double slope[BUNDLE_CUTS], gained = 0;

    for (int k = 0; k < b->cuts[p]; k++)
        slope[k] = pattern_of(b, p, k)->window > b->window ? INFINITY
                                                           : slope_at(pattern_of(b, p, k), b->next);
    for (int exchange = 0; exchange < EXCHANGES; exchange++) {
        int to = 0, from = -1;
        double gain, part;

        for (int k = 0; k < b->cuts[p]; k++) {
            if (slope[k] < slope[to])
                to = k;
            if (*weight_of(b, p, k) > 0 && (from < 0 || slope[k] > slope[from]))
                from = k;
        }
        if (from < 0 || from == to)
            break;
        gain = slope[from] - slope[to];
        if (gain < LITTLE_TILT)
            break;
        part = gain / (b->prox * distance_of(pattern_of(b, p, to), pattern_of(b, p, from)));
        part = fmin(part, *weight_of(b, p, from));
        gained += part * gain;
        *weight_of(b, p, to) += part;
        *weight_of(b, p, from) -= part;
        if (*weight_of(b, p, from) < NO_WEIGHT)
            *weight_of(b, p, from) = 0;
        tilt(b, pattern_of(b, p, to), -b->prox * part);
        tilt(b, pattern_of(b, p, from), b->prox * part);
        if (exchange + 1 == EXCHANGES)
            break;
        for (int k = 0; k < b->cuts[p]; k++)
            if (slope[k] < INFINITY)
                slope[k] = slope_at(pattern_of(b, p, k), b->next);
    }
    return gained;
}

static void start(struct bundle *b)
{
    for (int i = 0; i < b->n; i++)
        b->next[i] = b->center[i] + b->prox;
    for (int p = 0; p < b->m; p++)
        for (int k = 0; k < b->cuts[p]; k++)
            if (*weight_of(b, p, k) > 0)
                tilt(b, pattern_of(b, p, k), -b->prox * *weight_of(b, p, k));
}

/* Error of the weighted cuts at the center, and what M is at next. */
static double judge(struct bundle *b)
{
    double model = 0, square = 0;

    b->error = -b->value;
    for (int i = 0; i < b->n; i++) {
        double missing = (b->next[i] - b->center[i]) / b->prox;

        model += b->next[i];
        b->error += b->center[i];
        square += missing * missing;
    }
    for (int p = 0; p < b->m; p++) {
        double least = INFINITY;

        for (int k = 0; k < b->cuts[p]; k++) {
            const struct pattern *pattern = pattern_of(b, p, k);

            if (pattern->window > b->window)
                continue;
            least = fmin(least, slope_at(pattern, b->next));
            if (*weight_of(b, p, k) > 0)
                b->error += *weight_of(b, p, k) * slope_at(pattern, b->center);
        }
        model += least;
    }
    b->length = sqrt(square);
    return model - b->value;
}

double bundle_step(struct bundle *b)
{
    double first = 0;

    start(b);
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        double gained = 0;

        for (int p = 0; p < b->m; p++)
            gained += share_out(b, p);
        if (sweep == 0)
            first = gained;
        if (gained <= PRECISION * first)
            break;
    }
    return judge(b);
}
