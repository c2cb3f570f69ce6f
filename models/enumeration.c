/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/enumeration.h"

#include <errno.h>
#include <stdlib.h>

#include "models/kernels.h"

/* Depth first from the last vCPU to the first. A table of all prefixes says what the rest costs at
 * least, so that nearly every step leads to a pattern. */
struct walk {
    const struct enumeration *of;
    const struct instance *in;
    struct pattern_store *store;
    const int32_t *pool; /* [n + 1][cells] prefixes of the class */
    int32_t *kept;       /* [own + 1][cells] prefixes of the bin's own */
    int cells, class, bin;
    int64_t limit; /* for the load under way */
    int64_t pool_rest;
    int *items, n_items;
    int64_t steps;
    int overflow; /* 0, 1: too many, -ENOMEM */
};

static bool counts(struct walk *walk)
{
    if (++walk->steps > walk->of->most_steps)
        walk->overflow = 1;
    return walk->overflow == 0;
}

static void found(struct walk *walk)
{
    int r;

    if (walk->store->n >= walk->of->most_patterns) {
        walk->overflow = 1;
        return;
    }
    r = patterns_add(walk->store, walk->bin, walk->items, walk->n_items);
    if (r == -ENOMEM)
        walk->overflow = r;
}

static int32_t entering(const struct walk *walk, int i)
{
    return walk->in->class_price[(int64_t)walk->class * walk->in->n + i] * walk->in->price_scale -
           walk->of->prices[i];
}

static bool may_enter(const struct walk *walk, int i)
{
    return walk->in->home[i] != walk->bin &&
           walk->in->class_price[(int64_t)walk->class * walk->in->n + i] != INSTANCE_FORBIDDEN;
}

/* Chooses among vCPUs 0 .. i-1 a set of this weight; so far the pattern costs `spent`. */
static void choose_entering(struct walk *walk, int i, int weight, int64_t spent)
{
    if (!counts(walk))
        return;
    for (; i > 0; i--) {
        int j = i - 1, w = walk->in->weight[j];
        const int32_t *row = walk->pool + (int64_t)j * walk->cells;

        if (may_enter(walk, j) && weight >= w && row[weight - w] < KERNEL_REACHED &&
            spent + entering(walk, j) + row[weight - w] <= walk->limit) {
            walk->items[walk->n_items++] = j;
            choose_entering(walk, j, weight - w, spent + entering(walk, j));
            walk->n_items--;
            if (walk->overflow)
                return;
        }
        if (row[weight] >= KERNEL_REACHED || spent + row[weight] > walk->limit)
            return;
    }
    if (weight == 0 && spent <= walk->limit)
        found(walk);
}

static void choose_kept(struct walk *walk, int k, int weight, int64_t spent, int enter_weight)
{
    const int *own = walk->in->own + walk->in->own_first[walk->bin];
    const int32_t *row;
    int w;

    if (!counts(walk))
        return;
    if (k == 0) {
        if (weight == 0)
            choose_entering(walk, walk->in->n, enter_weight, spent);
        return;
    }
    w = walk->in->weight[own[k - 1]];
    row = walk->kept + (int64_t)(k - 1) * walk->cells;
    if (weight >= w && row[weight - w] < KERNEL_REACHED &&
        spent + row[weight - w] + walk->pool_rest <= walk->limit) {
        walk->items[walk->n_items++] = own[k - 1];
        choose_kept(walk, k - 1, weight - w, spent, enter_weight);
        walk->n_items--;
    }
    spent += walk->of->prices[own[k - 1]];
    if (!walk->overflow && row[weight] < KERNEL_REACHED &&
        spent + row[weight] + walk->pool_rest <= walk->limit)
        choose_kept(walk, k - 1, weight, spent, enter_weight);
}

static int fill_kept(struct walk *walk)
{
    const struct instance *in = walk->in;
    const int *own = in->own + in->own_first[walk->bin];
    int n_own = in->own_first[walk->bin + 1] - in->own_first[walk->bin];
    int32_t *row = walk->kept;

    for (int s = 0; s < walk->cells; s++)
        row[s] = s ? KERNEL_INFINITE : 0;
    for (int k = 0; k < n_own; k++, row += walk->cells) {
        int w = in->weight[own[k]], pay = walk->of->prices[own[k]];

        for (int s = 0; s < walk->cells; s++) {
            int32_t sent = row[s] >= KERNEL_REACHED ? KERNEL_INFINITE : row[s] + pay;
            int32_t stays = s >= w ? row[s - w] : KERNEL_INFINITE;

            row[walk->cells + s] = stays < sent ? stays : sent;
        }
    }
    return n_own;
}

static void walk_bin(struct walk *walk)
{
    const struct windows *windows = walk->of->pricing->windows;
    const int32_t *pool = walk->pool + (int64_t)walk->in->n * walk->cells, *kept;
    int top = walk->of->top, low = windows_low(windows, walk->bin, top);
    int high = windows_high(windows, walk->bin, top), n_own = fill_kept(walk);

    kept = walk->kept + (int64_t)n_own * walk->cells;
    for (int x = low; x <= high && !walk->overflow; x++) {
        int t = windows_index(windows, walk->bin, x);

        walk->limit = walk->of->limit[(int64_t)walk->bin * (top + 1) + t];
        if (walk->limit == INT64_MIN)
            continue;
        if (walk->of->pricing->charge)
            walk->limit -=
                walk->of->pricing->charge[(int64_t)walk->bin * walk->of->pricing->max_cells + x];
        for (int s = 0; s <= x && !walk->overflow; s++) {
            if (kept[s] >= KERNEL_REACHED || pool[x - s] >= KERNEL_REACHED ||
                (int64_t)kept[s] + pool[x - s] > walk->limit)
                continue;
            walk->pool_rest = pool[x - s];
            choose_kept(walk, n_own, s, 0, x - s);
        }
    }
}

static int most_own(const struct instance *in)
{
    int most = 0;

    for (int p = 0; p < in->m; p++)
        if (in->own_first[p + 1] - in->own_first[p] > most)
            most = in->own_first[p + 1] - in->own_first[p];
    return most;
}

static int highest(const struct enumeration *of)
{
    int most = 0;

    for (int p = 0; p < of->pricing->in->m; p++) {
        int high = windows_high(of->pricing->windows, p, of->top);

        most = high > most ? high : most;
    }
    return most;
}

int enumerate_patterns(const struct enumeration *enumeration, struct pattern_store *store,
                       bool *ret_complete)
{
    const struct instance *in = enumeration->pricing->in;
    struct walk walk = {.of = enumeration, .in = in, .store = store};
    size_t cells = (size_t)highest(enumeration) + 1;
    int32_t *pool = malloc(((size_t)in->n + 1) * cells * sizeof(*pool));
    int r = -ENOMEM;

    walk.cells = (int)cells;
    walk.pool = pool;
    walk.kept = malloc(((size_t)most_own(in) + 1) * cells * sizeof(*walk.kept));
    walk.items = malloc((2 * (size_t)in->n + 1) * sizeof(int));
    if (!pool || !walk.kept || !walk.items)
        goto out;
    for (walk.class = 0; walk.class < in->n_classes && !walk.overflow; walk.class ++) {
        pricing_pool_prefixes(enumeration->pricing, enumeration->prices, walk.class, walk.cells,
                              pool);
        for (walk.bin = 0; walk.bin < in->m && !walk.overflow; walk.bin++)
            if (in->class_of[walk.bin] == walk.class)
                walk_bin(&walk);
    }
    r = walk.overflow < 0 ? walk.overflow : 0;
    *ret_complete = !walk.overflow;
out:
    free(pool);
    free(walk.kept);
    free(walk.items);
    return r;
}
