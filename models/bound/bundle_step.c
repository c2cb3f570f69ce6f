/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/bundle_settle.h"

#include <assert.h>
#include <math.h>

/* The step's question (bundle.h) by exchanges: weight goes from a bin's dearest cut to its
 * cheapest. Sweeps over all cuts find those that matter; after each come some over the cuts with
 * weight alone, which cost little, for where many bins share a few items weights settle slowly. A
 * step taken before they have settled promises far less than its weights would, or less than
 * nothing, and the ascent would take that for the top. */
/* Figures as in dual_ascent.c: bounds and million cells (as it is: 1567 and 481). */
enum {
    EXCHANGES = 3,   /* per bin and sweep (double: 1534, 414) */
    MAX_ROUNDS = 60, /* a sweep over all cuts and its light sweeps */
    SETTLE_AFTER =
        5, /* where items are fine-grained, all bins are settled at once (1 to 20 were tried) */
    LIGHT_SWEEPS = 10, /* after each sweep over all cuts (half: 1557, 380; double: 1446, 363) */
};
/* This part of what the weights say has to be promised (half: 1586, 483; double: 1475, 359). */
static const double KEPT = 0.1;
/* A light sweep that gains less than this part of the first sweep is the last. */
static const double PRECISION = 1e-3;
/* 1 / price_scale: slopes closer than this count as equal (half: 1465, 435; double: 1576, 433). */
static const double LITTLE_TILT = 1e-2;

/* The cuts that the next sweeps look at. */
static void gather(struct bundle *bundle, bool light)
{
    for (int p = 0; p < bundle->m; p++) {
        const struct cut *cuts = bundle_cuts(bundle, p);
        int *swept = bundle->swept + (int64_t)p * BUNDLE_CUTS, n = 0;

        for (int k = 0; k < bundle->cuts[p]; k++)
            if (cuts[k].window <= bundle->window && (!light || cuts[k].weight > 0))
                swept[n++] = k;
        bundle->n_swept[p] = n;
    }
}

/* The bin's cheapest cut, and its dearest with weight. */
struct pair {
    struct cut *to, *from;
    double gain;
};

static struct pair find_pair(struct bundle *bundle, int p)
{
    const int *swept = bundle->swept + (int64_t)p * BUNDLE_CUTS;
    double least = INFINITY, most = -INFINITY;
    struct pair pair = {.to = NULL};

    for (int k = 0; k < bundle->n_swept[p]; k++) {
        struct cut *cut = &bundle_cuts(bundle, p)[swept[k]];
        double slope = bundle_slope(cut, bundle->next);

        bundle->looks += cut->n_items;
        if (slope < least) {
            least = slope;
            pair.to = cut;
        }
        if (cut->weight > 0 && slope > most) {
            most = slope;
            pair.from = cut;
        }
    }
    pair.gain = pair.from ? most - least : 0;
    return pair;
}

static void tilt(struct bundle *bundle, const struct cut *cut, double by)
{
    for (int k = 0; k < cut->n_items; k++)
        bundle->next[cut->items[k]] += by;
}

/* |x - y|^2 of the incidence vectors, as if no item repeated. */
static double distance_of(const struct cut *x, const struct cut *y)
{
    int common = 0;

    for (int k = 0; k < x->n_items; k++)
        for (int z = 0; z < y->n_items; z++)
            common += x->items[k] == y->items[z];
    return fmax(1, x->n_items + y->n_items - 2 * common);
}

/* How much it helped. */
static double exchange(struct bundle *bundle, const struct pair *pair)
{
    double part;

    assert(pair->to && pair->from);
    part = pair->gain / (bundle->prox * distance_of(pair->to, pair->from));
    if (pair->from->weight - part < BUNDLE_NO_WEIGHT)
        part = pair->from->weight;
    pair->to->weight += part;
    pair->from->weight -= part;
    tilt(bundle, pair->to, -bundle->prox * part);
    tilt(bundle, pair->from, bundle->prox * part);
    return part * pair->gain;
}

static double sweep(struct bundle *bundle)
{
    double gained = 0;

    for (int p = 0; p < bundle->m; p++)
        for (int k = 0; k < EXCHANGES && bundle->n_swept[p] > 1; k++) {
            struct pair pair = find_pair(bundle, p);

            if (pair.gain < LITTLE_TILT)
                break;
            gained += exchange(bundle, &pair);
        }
    return gained;
}

static void start(struct bundle *bundle)
{
    for (int i = 0; i < bundle->n; i++)
        bundle->next[i] = bundle->center[i] + bundle->prox;
    for (int p = 0; p < bundle->m; p++)
        for (int k = 0; k < bundle->cuts[p]; k++) {
            const struct cut *cut = &bundle_cuts(bundle, p)[k];

            if (cut->weight > 0)
                tilt(bundle, cut, -bundle->prox * cut->weight);
        }
}

/* Error of the weighted cuts at the center, and by how much M is above the value at next. */
static double judge(struct bundle *bundle)
{
    double model = 0, square = 0;

    bundle->error = -bundle->value;
    for (int i = 0; i < bundle->n; i++) {
        double missing = (bundle->next[i] - bundle->center[i]) / bundle->prox;

        model += bundle->next[i];
        bundle->error += bundle->center[i];
        square += missing * missing;
    }
    for (int p = 0; p < bundle->m; p++) {
        double least = INFINITY;

        for (int k = 0; k < bundle->cuts[p]; k++) {
            const struct cut *cut = &bundle_cuts(bundle, p)[k];

            if (cut->window > bundle->window)
                continue;
            least = fmin(least, bundle_slope(cut, bundle->next));
            if (cut->weight > 0)
                bundle->error += cut->weight * bundle_slope(cut, bundle->center);
        }
        model += least;
    }
    bundle->length = sqrt(square);
    return model - bundle->value;
}

double bundle_step(struct bundle *bundle)
{
    double first = 0, promise = 0;

    start(bundle);
    for (int round = 0; round < MAX_ROUNDS; round++) {
        double all, gained;

        gather(bundle, false);
        gained = all = sweep(bundle);
        first = round == 0 ? all : first;
        gather(bundle, true);
        for (int k = 0; k < LIGHT_SWEEPS && gained > PRECISION * first; k++)
            gained = sweep(bundle);
        promise = judge(bundle);
        if (all <= 0 ||
            promise >= KEPT * (bundle->error + bundle->prox * bundle->length * bundle->length))
            break;
        if (bundle->can_settle && round == SETTLE_AFTER) {
            bundle_settle(bundle);
            return judge(bundle);
        }
    }
    return promise;
}
