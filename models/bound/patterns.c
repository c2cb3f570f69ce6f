/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/patterns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/bound/kept_sets.h"

enum { FIRST_ROOM = 256, LOAD_FACTOR = 4 };

int64_t patterns_value(const struct instance *in, const int *duals, const struct pattern *pattern)
{
    int64_t value = pattern->cost;

    for (int z = 0; z < pattern->n_items; z++)
        value -= duals[pattern->items[z]];
    for (int z = in->own_first[pattern->bin]; z < in->own_first[pattern->bin + 1]; z++)
        value += duals[in->own[z]];
    return value;
}

int patterns_load(const struct instance *in, const int *items, int n_items)
{
    int load = 0;

    for (int k = 0; k < n_items; k++)
        load += in->weight[items[k]];
    return load;
}

static int64_t cost_with(const struct instance *in, int bin, const int *items, int n_items,
                         int64_t excess)
{
    int64_t load = in->balance->background[bin] + patterns_load(in, items, n_items), cost = 0;

    for (int k = 0; k < n_items; k++)
        cost += instance_price(in, items[k], bin);
    return cost * in->price_scale + instance_charge(in, bin, load, excess);
}

int64_t patterns_cost(const struct instance *in, int bin, const int *items, int n_items)
{
    int64_t excess = 0;

    for (int k = 0; k < n_items; k++)
        excess += in->excess[items[k]];
    return cost_with(in, bin, items, n_items, excess) +
           in->price_scale * instance_together(in, bin, items, n_items);
}

int patterns_least_excess(const struct instance *in, int bin)
{
    int least = 0;

    for (int z = in->own_first[bin]; z < in->own_first[bin + 1]; z++) {
        int excess = in->excess[in->own[z]];

        if (excess > 0 && (least == 0 || excess < least))
            least = excess;
    }
    return least;
}

/* How many of these items are beside an earlier one of their crowd; only of those that are not at home
 * in the bin, or of all. */
static int count_beside(const struct instance *in, int bin, const int *items, int n_items, bool all)
{
    int count = 0;

    for (int k = 0; k < n_items && in->n_crowded > 0; k++) {
        int z = 0;

        if (in->crowd[items[k]] < 0 || (!all && in->home[items[k]] == bin))
            continue;
        while (in->crowd[items[z]] != in->crowd[items[k]] || (!all && in->home[items[z]] == bin))
            z++;
        count += z < k;
    }
    return count;
}

/* Where an own item enters, which pricing takes for possible, a better pattern keeps it. */
static int64_t least_cost(const struct instance *in, int bin, const int *items, int n_items)
{
    int least = patterns_least_excess(in, bin), excess = 0;
    bool is_few = in->own_first[bin + 1] - in->own_first[bin] <= KEPT_SETS_FEW;

    for (int k = 0; k < n_items && is_few && !in->is_close[bin]; k++)
        if (in->home[items[k]] == bin && in->excess[items[k]] > 0)
            excess = least;
    return cost_with(in, bin, items, n_items, excess) +
           (int64_t)count_beside(in, bin, items, n_items, in->is_close[bin]) *
               in->problem->together_cost * in->price_scale;
}

/* Order does not matter: a sum of mixed items (finalizer of MurmurHash3, Appleby 2011). */
static uint64_t hash_of(int bin, const int *items, int n_items)
{
    uint64_t hash = (uint64_t)bin * 0x9E3779B97F4A7C15u;

    for (int k = 0; k < n_items; k++) {
        uint64_t x = (uint64_t)items[k] + 1;

        x = (x ^ x << 32) * 0xFF51AFD7ED558CCDu;
        x = (x ^ x >> 33) * 0xC4CEB9FE1A85EC53u;
        hash += x ^ x >> 33;
    }
    return hash;
}

int patterns_new(const struct windows *windows, struct pattern_store *ret)
{
    struct pattern_store store = {.windows = windows};

    store.n_slots = FIRST_ROOM * LOAD_FACTOR;
    store.slots = malloc((size_t)store.n_slots * sizeof(int));
    if (!store.slots)
        return -ENOMEM;
    memset(store.slots, 0xff, (size_t)store.n_slots * sizeof(int));
    *ret = store;
    return 0;
}

void patterns_done(struct pattern_store *store)
{
    free(store->patterns);
    free(store->hashes);
    free(store->slots);
    arena_done(&store->arena);
}

static void insert_slot(struct pattern_store *store, int index)
{
    unsigned mask = (unsigned)store->n_slots - 1, at = (unsigned)store->hashes[index] & mask;

    while (store->slots[at] >= 0)
        at = (at + 1) & mask;
    store->slots[at] = index;
}

static int grow(struct pattern_store *store)
{
    int room = store->room ? 2 * store->room : FIRST_ROOM;
    struct pattern *patterns = realloc(store->patterns, (size_t)room * sizeof(*patterns));
    uint64_t *hashes;
    int *slots;

    if (!patterns)
        return -ENOMEM;
    store->patterns = patterns;
    hashes = realloc(store->hashes, (size_t)room * sizeof(*hashes));
    if (!hashes)
        return -ENOMEM;
    store->hashes = hashes;
    slots = realloc(store->slots, (size_t)room * LOAD_FACTOR * sizeof(*slots));
    if (!slots)
        return -ENOMEM;
    store->slots = slots;
    store->n_slots = room * LOAD_FACTOR;
    store->room = room;
    memset(slots, 0xff, (size_t)store->n_slots * sizeof(*slots));
    for (int k = 0; k < store->n; k++)
        insert_slot(store, k);
    return 0;
}

void patterns_forget(struct pattern_store *store, int n)
{
    store->n = n;
    memset(store->slots, 0xff, (size_t)store->n_slots * sizeof(*store->slots));
    for (int k = 0; k < n; k++)
        insert_slot(store, k);
}

static bool same_items(const struct pattern *a, int bin, const int *items, int n_items)
{
    if (a->bin != bin || a->n_items != n_items)
        return false;
    for (int k = 0; k < n_items; k++) {
        int z = 0;

        while (z < n_items && a->items[z] != items[k])
            z++;
        if (z == n_items)
            return false;
    }
    return true;
}

static int find(const struct pattern_store *store, uint64_t hash, int bin, const int *items,
                int n_items)
{
    unsigned mask = (unsigned)store->n_slots - 1, at = (unsigned)hash & mask;

    for (; store->slots[at] >= 0; at = (at + 1) & mask) {
        int index = store->slots[at];

        if (store->hashes[index] == hash &&
            same_items(&store->patterns[index], bin, items, n_items))
            return index;
    }
    return -1;
}

int patterns_find(const struct pattern_store *store, int bin, const int *items, int n_items)
{
    return find(store, hash_of(bin, items, n_items), bin, items, n_items);
}

/* Whether some item is kept and enters again; what that costs. */
static bool price_repeats(const struct instance *in, int bin, const int *items, int n_items,
                          int64_t *ret_cost)
{
    const int *entering = in->class_price + (int64_t)in->class_of[bin] * in->n;
    bool any = false;

    *ret_cost = 0;
    for (int k = 0; k < n_items; k++)
        for (int z = 0; z < k && in->home[items[k]] == bin; z++)
            if (items[z] == items[k]) {
                any = true;
                *ret_cost += (int64_t)entering[items[k]] * in->price_scale;
            }
    return any;
}

int patterns_add_relaxed(struct pattern_store *store, int bin, const int *items, int n_items)
{
    int64_t more;
    bool repeats = price_repeats(store->windows->in, bin, items, n_items, &more);
    int k = patterns_add(store, bin, items, n_items);

    if (k >= 0 && repeats) {
        store->patterns[k].cost += more;
        store->patterns[k].least_cost += more;
        store->patterns[k].is_relaxed = true;
    }
    return k;
}

int patterns_add(struct pattern_store *store, int bin, const int *items, int n_items)
{
    const struct instance *in = store->windows->in;
    uint64_t hash = hash_of(bin, items, n_items);
    struct pattern *pattern;
    int *copy;

    if (find(store, hash, bin, items, n_items) >= 0)
        return -EEXIST;
    if (store->n == store->room && grow(store) < 0)
        return -ENOMEM;
    copy = arena_take(&store->arena, (size_t)n_items, sizeof(int));
    if (!copy)
        return -ENOMEM;
    if (n_items)
        memcpy(copy, items, (size_t)n_items * sizeof(int));
    pattern = &store->patterns[store->n];
    *pattern = (struct pattern){
        .bin = bin,
        .n_items = n_items,
        .items = copy,
        .cost = patterns_cost(in, bin, items, n_items),
        .least_cost = least_cost(in, bin, items, n_items),
        .window = windows_index(store->windows, bin, patterns_load(in, items, n_items)),
        .is_relaxed = !rules_hold(&in->rules, bin, items, n_items),
    };
    store->hashes[store->n] = hash;
    insert_slot(store, store->n);
    return store->n++;
}

int patterns_add_plan(struct pattern_store *store, const int *bin_of, int *ret)
{
    const struct instance *in = store->windows->in;
    int *items = malloc(((size_t)in->n + 1) * sizeof(int)), r = 0;

    if (!items)
        return -ENOMEM;
    for (int p = 0; p < in->m && r >= 0; p++) {
        int n_items = 0;

        for (int i = 0; i < in->n; i++)
            if (bin_of[i] == p)
                items[n_items++] = i;
        r = patterns_add(store, p, items, n_items);
        if (r == -EEXIST)
            r = patterns_find(store, p, items, n_items);
        if (ret && r >= 0)
            ret[p] = r;
    }
    free(items);
    return r < 0 ? r : 0;
}

struct ranked {
    double weight;
    int index;
};

static int heavier_first(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->weight != y->weight)
        return x->weight < y->weight ? 1 : -1;
    return x->index - y->index;
}

int patterns_heaviest(const struct pattern_store *store, int top, int most, int *ret)
{
    struct ranked *ranked = malloc(((size_t)store->n + 1) * sizeof(*ranked));
    int n = 0;

    if (!ranked)
        return -ENOMEM;
    for (int k = 0; k < store->n; k++)
        if (store->patterns[k].window <= top && !store->patterns[k].is_relaxed)
            ranked[n++] = (struct ranked){store->patterns[k].weight, k};
    qsort(ranked, (size_t)n, sizeof(*ranked), heavier_first);
    for (int k = 0; k < n && k < most; k++)
        ret[k] = ranked[k].index;
    free(ranked);
    return n < most ? n : most;
}
