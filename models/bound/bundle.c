/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/bundle.h"

#include <errno.h>
#include <math.h>

int bundle_new(const struct pattern_store *store, struct arena *arena, struct bundle *ret)
{
    const struct instance *in = store->windows->in;
    struct bundle b = {.store = store, .n = in->n, .m = in->m, .window = store->windows->n - 1};
    size_t n = (size_t)b.n, m = (size_t)b.m;

    b.cuts = arena_take(arena, m, sizeof(int));
    b.cut = arena_take(arena, m * BUNDLE_CUTS, sizeof(struct cut));
    b.n_swept = arena_take(arena, m, sizeof(int));
    b.swept = arena_take(arena, m * BUNDLE_CUTS, sizeof(int));
    b.center = arena_take(arena, n, sizeof(double));
    b.next = arena_take(arena, n, sizeof(double));
    if (!b.cuts || !b.cut || !b.n_swept || !b.swept || !b.center || !b.next)
        return -ENOMEM;
    *ret = b;
    return 0;
}

/* Without weight and dearest at the center. */
static struct cut *least_useful(const struct bundle *b, int p)
{
    struct cut *cuts = bundle_cuts(b, p), *least = cuts;
    double most = -INFINITY;

    for (struct cut *cut = cuts; cut < cuts + b->cuts[p]; cut++) {
        double slope = cut->weight > BUNDLE_NO_WEIGHT ? -INFINITY : cut_slope(cut, b->center);

        if (slope > most) {
            most = slope;
            least = cut;
        }
    }
    return least;
}

static double weight_in_all(const struct bundle *b, int p)
{
    double sum = 0;

    for (int k = 0; k < b->cuts[p]; k++)
        sum += bundle_cuts(b, p)[k].weight;
    return sum;
}

void bundle_add(struct bundle *b, int k)
{
    const struct pattern *pattern = &b->store->patterns[k];
    int p = pattern->bin;
    struct cut *cuts = bundle_cuts(b, p), *cut;

    for (int z = 0; z < b->cuts[p]; z++)
        if (cuts[z].pattern == k)
            return;
    cut = b->cuts[p] < BUNDLE_CUTS ? &cuts[b->cuts[p]++] : least_useful(b, p);
    *cut = (struct cut){.pattern = k,
                        .window = pattern->window,
                        .n_items = pattern->n_items,
                        .items = pattern->items,
                        .cost = (double)pattern->cost};
    if (pattern->window <= b->window)
        cut->weight = fmax(0, 1 - weight_in_all(b, p));
}

/* The weight of cuts that rest goes to the cheapest of the others. */
static void hand_over(struct bundle *b, int p)
{
    struct cut *cuts = bundle_cuts(b, p), *cheapest = NULL;
    double resting = 0, least = INFINITY;

    for (struct cut *cut = cuts; cut < cuts + b->cuts[p]; cut++) {
        if (cut->window > b->window) {
            resting += cut->weight;
            cut->weight = 0;
        } else if (cut_slope(cut, b->center) < least) {
            least = cut_slope(cut, b->center);
            cheapest = cut;
        }
    }
    if (cheapest)
        cheapest->weight += resting;
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
