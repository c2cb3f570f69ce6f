/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/bundle.h"

#include <math.h>

/* The step's question (bundle.h) by exchanges: weight goes from a bin's dearest cut to its cheapest.
 * Sweeps over all cuts find those that matter; after each come some over the cuts with weight alone,
 * which cost little, for where many bins share a few vCPUs weights settle slowly. A step taken before
 * they have settled promises far less than its weights would, or less than nothing, and the ascent
 * would take that for the top. */
enum { EXCHANGES = 3, MOST_ROUNDS = 60, LIGHT_SWEEPS = 10 };
/* This part of what the weights say has to be promised; a light sweep that gains less than this part
 * of the first sweep is the last; slopes closer than this count as equal. */
static const double KEPT = 0.1, PRECISION = 1e-3, LITTLE_TILT = 1e-2;

/* The cuts that the next sweeps look at. */
static void gather(struct bundle *b, bool light)
{
    for (int p = 0; p < b->m; p++) {
        const struct cut *cuts = bundle_cuts(b, p);
        int *swept = b->swept + (int64_t)p * BUNDLE_CUTS, n = 0;

        for (int k = 0; k < b->cuts[p]; k++)
            if (cuts[k].window <= b->window && (!light || cuts[k].weight > 0))
                swept[n++] = k;
        b->n_swept[p] = n;
    }
}

/* The bin's cheapest cut, and its dearest with weight. */
struct pair {
    struct cut *to, *from;
    double gain;
};

static struct pair find_pair(struct bundle *b, int p)
{
    const int *swept = b->swept + (int64_t)p * BUNDLE_CUTS;
    double least = INFINITY, most = -INFINITY;
    struct pair pair = {.to = NULL};

    for (int k = 0; k < b->n_swept[p]; k++) {
        struct cut *cut = &bundle_cuts(b, p)[swept[k]];
        double slope = cut_slope(cut, b->next);

        b->looks += cut->n_items;
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

static void tilt(struct bundle *b, const struct cut *cut, double by)
{
    for (int k = 0; k < cut->n_items; k++)
        b->next[cut->items[k]] += by;
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
static double exchange(struct bundle *b, const struct pair *pair)
{
    double part = pair->gain / (b->prox * distance_of(pair->to, pair->from));

    if (pair->from->weight - part < BUNDLE_NO_WEIGHT)
        part = pair->from->weight;
    pair->to->weight += part;
    pair->from->weight -= part;
    tilt(b, pair->to, -b->prox * part);
    tilt(b, pair->from, b->prox * part);
    return part * pair->gain;
}

static double sweep(struct bundle *b)
{
    double gained = 0;

    for (int p = 0; p < b->m; p++)
        for (int k = 0; k < EXCHANGES && b->n_swept[p] > 1; k++) {
            struct pair pair = find_pair(b, p);

            if (pair.gain < LITTLE_TILT)
                break;
            gained += exchange(b, &pair);
        }
    return gained;
}

static void start(struct bundle *b)
{
    for (int i = 0; i < b->n; i++)
        b->next[i] = b->center[i] + b->prox;
    for (int p = 0; p < b->m; p++)
        for (int k = 0; k < b->cuts[p]; k++) {
            const struct cut *cut = &bundle_cuts(b, p)[k];

            if (cut->weight > 0)
                tilt(b, cut, -b->prox * cut->weight);
        }
}

/* Error of the weighted cuts at the center, and by how much M is above the value at next. */
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
            const struct cut *cut = &bundle_cuts(b, p)[k];

            if (cut->window > b->window)
                continue;
            least = fmin(least, cut_slope(cut, b->next));
            if (cut->weight > 0)
                b->error += cut->weight * cut_slope(cut, b->center);
        }
        model += least;
    }
    b->length = sqrt(square);
    return model - b->value;
}

double bundle_step(struct bundle *b)
{
    double first = 0, promise = 0;

    start(b);
    for (int round = 0; round < MOST_ROUNDS; round++) {
        double all, gained;

        gather(b, false);
        gained = all = sweep(b);
        first = round == 0 ? all : first;
        gather(b, true);
        for (int k = 0; k < LIGHT_SWEEPS && gained > PRECISION * first; k++)
            gained = sweep(b);
        promise = judge(b);
        if (all <= 0 || promise >= KEPT * (b->error + b->prox * b->length * b->length))
            break;
    }
    return promise;
}
