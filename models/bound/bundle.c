/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/bundle_settle.h"

#include <errno.h>
#include <math.h>

int bundle_new(const struct pattern_store *store, struct arena *arena, struct bundle *ret)
{
    const struct instance *in = store->windows->in;
    struct bundle bundle = {
        .store = store, .n = in->n, .m = in->m, .window = store->windows->n - 1};
    size_t n = (size_t)bundle.n, m = (size_t)bundle.m;

    bundle.cuts = arena_take(arena, m, sizeof(int));
    bundle.cut = arena_take(arena, m * BUNDLE_CUTS, sizeof(struct cut));
    bundle.n_swept = arena_take(arena, m, sizeof(int));
    bundle.swept = arena_take(arena, m * BUNDLE_CUTS, sizeof(int));
    bundle.center = arena_take(arena, n, sizeof(double));
    bundle.next = arena_take(arena, n, sizeof(double));
    if (instance_is_fine_grained(in))
        bundle_settle_new(&bundle, arena);
    if (arena_error(arena) < 0)
        return -ENOMEM;
    *ret = bundle;
    return 0;
}

/* Without weight and dearest at the center. */
static struct cut *least_useful(const struct bundle *bundle, int p)
{
    struct cut *cuts = bundle_cuts(bundle, p), *least = cuts;
    double most = -INFINITY;

    for (struct cut *cut = cuts; cut < cuts + bundle->cuts[p]; cut++) {
        double slope =
            cut->weight > BUNDLE_NO_WEIGHT ? -INFINITY : bundle_slope(cut, bundle->center);

        if (slope > most) {
            most = slope;
            least = cut;
        }
    }
    return least;
}

static double weight_in_all(const struct bundle *bundle, int p)
{
    double sum = 0;

    for (int k = 0; k < bundle->cuts[p]; k++)
        sum += bundle_cuts(bundle, p)[k].weight;
    return sum;
}

void bundle_add(struct bundle *bundle, int k)
{
    const struct pattern *pattern = &bundle->store->patterns[k];
    int p = pattern->bin;
    struct cut *cuts = bundle_cuts(bundle, p), *cut;

    for (int z = 0; z < bundle->cuts[p]; z++)
        if (cuts[z].pattern == k)
            return;
    cut = bundle->cuts[p] < BUNDLE_CUTS ? &cuts[bundle->cuts[p]++] : least_useful(bundle, p);
    *cut = (struct cut){.pattern = k,
                        .window = pattern->window,
                        .n_items = pattern->n_items,
                        .items = pattern->items,
                        .cost = (double)pattern->least_cost};
    if (pattern->window <= bundle->window)
        cut->weight = fmax(0, 1 - weight_in_all(bundle, p));
}

/* The weight of cuts that rest goes to the cheapest of the others. */
static void hand_over(struct bundle *bundle, int p)
{
    struct cut *cuts = bundle_cuts(bundle, p), *cheapest = NULL;
    double resting = 0, least = INFINITY;

    for (struct cut *cut = cuts; cut < cuts + bundle->cuts[p]; cut++) {
        if (cut->window > bundle->window) {
            resting += cut->weight;
            cut->weight = 0;
        } else if (bundle_slope(cut, bundle->center) < least) {
            least = bundle_slope(cut, bundle->center);
            cheapest = cut;
        }
    }
    if (cheapest)
        cheapest->weight += resting;
}

void bundle_aim(struct bundle *bundle, int window)
{
    bundle->window = window;
    for (int p = 0; p < bundle->m; p++)
        hand_over(bundle, p);
}

void bundle_forget(struct bundle *bundle)
{
    for (int p = 0; p < bundle->m; p++)
        bundle->cuts[p] = 0;
}

void bundle_move(struct bundle *bundle, const int *center, double value)
{
    for (int i = 0; i < bundle->n; i++)
        bundle->center[i] = center[i];
    bundle->value = value;
}
