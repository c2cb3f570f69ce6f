/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/bundle_settle.h"

#include <math.h>
#include <string.h>

/* Largest gap of `bench_topology guests`, 300 on 24, remote, seeds 1-10, as it is: 4.3 %; with 25
 * conjugate steps 14 %, with SETTLED 0.4 27 %, with 150 steps and SETTLED 0.05 9 %: 3 s are over
 * sooner then. 20 cycles leave up to 15 %. */
enum { MAX_CYCLES = 60, MAX_CONJUGATE = 60 };
/* What the weights may promise beyond the model, as a part of the promise; what may be left of the
 * residual; curvature that is none. */
static const double SETTLED = 0.1, SOLVED = 1e-3, FLAT = 1e-9;
/* A step along what is flat: as far as weights allow. */
static const double FAR = 1e9;

static void swap(struct cut_share *share, int a, int b)
{
    struct cut *cut = share->cut[a];
    double slope = share->slope[a];

    share->cut[a] = share->cut[b];
    share->slope[a] = share->slope[b];
    share->cut[b] = cut;
    share->slope[b] = slope;
}

static void add(struct cut_share *share, struct cut *cut, double slope)
{
    share->cut[share->n] = cut;
    share->slope[share->n++] = slope;
}

/* A bin's cuts with weight, the heaviest first, and its cheapest one. */
static void collect_bin(struct bundle *bundle, int p)
{
    struct cut_share *share = &bundle->share;
    struct cut *cuts = bundle_cuts(bundle, p), *cheapest = NULL;
    double least = INFINITY;
    int first = share->n;

    for (struct cut *cut = cuts; cut < cuts + bundle->cuts[p]; cut++) {
        double slope;

        if (cut->window > bundle->window)
            continue;
        slope = bundle_slope(cut, bundle->next);
        bundle->looks += cut->n_items;
        if (slope < least) {
            least = slope;
            cheapest = cut;
        }
        if (cut->weight <= 0)
            continue;
        add(share, cut, slope);
        if (cut->weight > share->cut[first]->weight)
            swap(share, first, share->n - 1);
    }
    if (cheapest && cheapest->weight <= 0)
        add(share, cheapest, least);
}

static void collect(struct bundle *bundle)
{
    bundle->share.n = 0;
    for (int p = 0; p < bundle->m; p++) {
        bundle->share.first[p] = bundle->share.n;
        collect_bin(bundle, p);
    }
    bundle->share.first[bundle->m] = bundle->share.n;
}

static void add_items(double *along, const struct cut *cut, double by)
{
    for (int z = 0; z < cut->n_items && by != 0; z++)
        along[cut->items[z]] += by;
}

static double sum_items(const double *along, const struct cut *cut)
{
    double sum = 0;

    for (int z = 0; z < cut->n_items; z++)
        sum += along[cut->items[z]];
    return sum;
}

/* How the direction changes the weight of each item, what a bin's others gain being the first
 * cut's loss. Returns its square. */
static double project(struct bundle *bundle)
{
    const struct cut_share *share = &bundle->share;
    double square = 0;

    memset(share->along, 0, (size_t)bundle->n * sizeof(*share->along));
    for (int p = 0; p < bundle->m; p++) {
        double rest = 0;

        for (int k = share->first[p] + 1; k < share->first[p + 1]; k++) {
            add_items(share->along, share->cut[k], share->direction[k]);
            rest -= share->direction[k];
            bundle->looks += 2 * share->cut[k]->n_items;
        }
        add_items(share->along, share->cut[share->first[p]], rest);
    }
    for (int i = 0; i < bundle->n; i++)
        square += share->along[i] * share->along[i];
    return square;
}

/* How fast slopes change along the direction, against their bin's first. Returns the curvature. */
static double multiply(struct bundle *bundle)
{
    struct cut_share *share = &bundle->share;
    double square = project(bundle);

    for (int p = 0; p < bundle->m; p++) {
        int first = share->first[p];
        double base = sum_items(share->along, share->cut[first]);

        share->image[first] = 0;
        for (int k = first + 1; k < share->first[p + 1]; k++)
            share->image[k] = bundle->prox * (sum_items(share->along, share->cut[k]) - base);
    }
    return bundle->prox * square;
}

/* The steps start at 0, where slopes differ. Returns the square of that. */
static double set_out(struct cut_share *share, int m)
{
    double square = 0;

    for (int p = 0; p < m; p++)
        for (int first = share->first[p], k = first; k < share->first[p + 1]; k++) {
            double differs = share->slope[first] - share->slope[k];

            share->step[k] = 0;
            share->residual[k] = share->direction[k] = differs;
            square += differs * differs;
        }
    return square;
}

/* Steps after which all slopes of a bin would be alike. */
static void solve(struct bundle *bundle)
{
    struct cut_share *share = &bundle->share;
    double square = set_out(share, bundle->m), start = square;

    for (int round = 0; round < MAX_CONJUGATE && square > SOLVED * SOLVED * start; round++) {
        double curvature = multiply(bundle), before = square, part = square / curvature;
        bool is_flat = curvature <= FLAT * square;

        if (is_flat && round > 0)
            return;
        part = is_flat ? FAR : part;
        square = 0;
        for (int k = 0; k < share->n; k++) {
            share->step[k] += part * share->direction[k];
            share->residual[k] -= part * share->image[k];
            square += share->residual[k] * share->residual[k];
        }
        if (is_flat)
            return;
        for (int k = 0; k < share->n; k++)
            share->direction[k] = share->residual[k] + square / before * share->direction[k];
    }
}

/* The first cut's step is what the others leave. Returns the part of all steps that can be gone. */
static double balance_steps(struct bundle *bundle)
{
    struct cut_share *share = &bundle->share;
    double far = 1;

    for (int p = 0; p < bundle->m; p++) {
        int first = share->first[p];

        share->step[first] = 0;
        for (int k = first + 1; k < share->first[p + 1]; k++) {
            if (share->cut[k]->weight <= 0 && share->step[k] < 0)
                share->step[k] = 0;
            share->step[first] -= share->step[k];
        }
        for (int k = first; k < share->first[p + 1]; k++)
            if (share->step[k] < 0 && -share->step[k] * far > share->cut[k]->weight)
                far = share->cut[k]->weight / -share->step[k];
    }
    return far;
}

/* False where it goes nowhere. */
static bool go(struct bundle *bundle)
{
    struct cut_share *share = &bundle->share;
    double far = balance_steps(bundle);
    bool moves = false;

    for (int k = 0; k < share->n; k++) {
        double weight = share->cut[k]->weight + far * share->step[k];

        moves |= far > 0 && share->step[k] != 0;
        share->cut[k]->weight = weight < BUNDLE_NO_WEIGHT ? 0 : weight;
    }
    return moves;
}

/* A bin's weights add up to 1 again, and next follows from them. */
static void refresh(struct bundle *bundle)
{
    for (int i = 0; i < bundle->n; i++)
        bundle->next[i] = bundle->center[i] + bundle->prox;
    for (int p = 0; p < bundle->m; p++) {
        struct cut *cuts = bundle_cuts(bundle, p);
        double sum = 0;

        for (int k = 0; k < bundle->cuts[p]; k++)
            sum += cuts[k].weight;
        for (int k = 0; k < bundle->cuts[p]; k++) {
            if (sum > 0)
                cuts[k].weight /= sum;
            add_items(bundle->next, &cuts[k], -bundle->prox * cuts[k].weight);
        }
    }
}

/* Whether the weights promise hardly more than the model gives. */
static bool is_settled(const struct bundle *bundle)
{
    const struct cut_share *share = &bundle->share;
    double promise = -bundle->value, excess = 0;

    for (int i = 0; i < bundle->n; i++)
        promise += bundle->next[i];
    for (int p = 0; p < bundle->m; p++) {
        double least = INFINITY, mean = 0;

        for (int k = share->first[p]; k < share->first[p + 1]; k++) {
            least = fmin(least, share->slope[k]);
            mean += share->cut[k]->weight * share->slope[k];
        }
        promise += mean;
        excess += mean - least;
    }
    return excess <= SETTLED * promise;
}

void bundle_settle(struct bundle *bundle)
{
    bool moves = true;

    for (int cycle = 0; cycle < MAX_CYCLES && moves; cycle++) {
        refresh(bundle);
        collect(bundle);
        if (is_settled(bundle))
            return;
        solve(bundle);
        moves = go(bundle);
    }
    refresh(bundle);
}

void bundle_settle_new(struct bundle *bundle, struct arena *arena)
{
    size_t n = (size_t)bundle->m * (BUNDLE_CUTS + 1);
    struct cut_share *share = &bundle->share;

    share->first = arena_take(arena, (size_t)bundle->m + 1, sizeof(int));
    share->cut = arena_take(arena, n, sizeof(*share->cut));
    share->slope = arena_take(arena, n, sizeof(double));
    share->step = arena_take(arena, n, sizeof(double));
    share->residual = arena_take(arena, n, sizeof(double));
    share->direction = arena_take(arena, n, sizeof(double));
    share->image = arena_take(arena, n, sizeof(double));
    share->along = arena_take(arena, (size_t)bundle->n, sizeof(double));
    bundle->can_settle = true;
}
