/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/joint.h"

#include <errno.h>

#include "models/solve/propagation.h"

/* With more patterns than this the set's bins have much choice, and little is gained. */
enum { MAX_PATTERNS = 3000, MAX_STEPS = 200 * 1000, MAX_NODES = 300 };

struct search {
    const struct instance *in;
    struct work *work;
    struct pattern_store *store;
    int64_t *value;  /* [store->n] what the bin pays at the duals */
    bool *is_asked;  /* [m] the set's bins */
    bool *is_needed; /* [n] the items that may run nowhere else */
    int64_t best;    /* the least sum so far, or what is of no interest any more */
    int nodes;
};

/* ---- Patterns ---- */

static bool is_confined(const struct search *search, int i)
{
    for (int p = 0; p < search->in->m; p++)
        if (!search->is_asked[p] && instance_price(search->in, i, p) != INSTANCE_FORBIDDEN)
            return false;
    return true;
}

/* Fills in the search. 1: all patterns are there, 0: too many, or -ENOMEM. */
static int list_patterns(const struct joint *joint, struct search *search, struct arena *arena)
{
    struct enumeration enumeration = *joint->enumeration;
    bool is_complete = false;
    int r;

    search->is_asked = arena_take(arena, (size_t)search->in->m, sizeof(bool));
    search->is_needed = arena_take(arena, (size_t)search->in->n, sizeof(bool));
    if (arena_error(arena) < 0)
        return -ENOMEM;
    for (int k = 0; k < joint->set->n_bins; k++)
        search->is_asked[joint->set->bins[k]] = true;
    for (int i = 0; i < search->in->n; i++)
        search->is_needed[i] = is_confined(search, i);
    enumeration.is_asked = search->is_asked;
    enumeration.max_patterns = MAX_PATTERNS;
    enumeration.max_steps = MAX_STEPS;
    r = enumeration_run(&enumeration, search->store, &is_complete);
    search->value = arena_take(arena, (size_t)search->store->n, sizeof(int64_t));
    if (r < 0 || !search->value)
        return -ENOMEM;
    for (int k = 0; k < search->store->n; k++)
        search->value[k] =
            patterns_value(search->in, enumeration.duals, &search->store->patterns[k]);
    return is_complete;
}

/* ---- Combinations ---- */

/* The bin with the fewest patterns among those with a choice, or -1. */
static int fewest(const struct search *search, const int *left)
{
    int bin = -1;

    for (int p = 0; p < search->in->m; p++)
        if (search->is_asked[p] && left[p] > 1 && (bin < 0 || left[p] < left[bin]))
            bin = p;
    return bin;
}

static int bin_of(const struct search *search, int k)
{
    return search->store->patterns[k].bin;
}

static int combine(struct search *search, const int *chosen, int n);

/* One after the other takes each pattern of the bin that is left. */
static int branch(struct search *search, const struct propagation *left, int bin, int *next)
{
    int r = 0;

    for (int k = 0; k < left->n_chosen && r == 0; k++) {
        int n = 0;

        if (!left->alive[k] || bin_of(search, left->chosen[k]) != bin)
            continue;
        for (int z = 0; z < left->n_chosen; z++)
            if (left->alive[z] && (z == k || bin_of(search, left->chosen[z]) != bin))
                next[n++] = left->chosen[z];
        r = combine(search, next, n);
    }
    return r;
}

/* Depth first over the chosen patterns [n]. */
static int combine(struct search *search, const int *chosen, int n)
{
    struct arena arena = {0};
    int *next = arena_take(&arena, (size_t)n, sizeof(int)), bin, r = -ENOMEM;
    int64_t *value = arena_take(&arena, (size_t)n, sizeof(int64_t)), sum = 0;
    struct propagation left = {.store = search->store,
                               .chosen = chosen,
                               .n_chosen = n,
                               .excess = value,
                               .slack = search->best - 1,
                               .is_asked = search->is_asked,
                               .is_needed = search->is_needed};

    if (!next || !value)
        goto out;
    for (int k = 0; k < n; k++)
        value[k] = search->value[chosen[k]];
    search->work->kcells += n / 1000 + 1;
    r = propagation_run(&left, &arena);
    if (r < 0 || left.impossible || search->nodes++ >= MAX_NODES || work_exhausted(search->work))
        goto out;
    bin = fewest(search, left.left);
    if (bin >= 0) {
        r = branch(search, &left, bin, next);
        goto out;
    }
    for (int k = 0; k < n; k++)
        sum += left.alive[k] ? value[k] : 0;
    search->best = sum < search->best ? sum : search->best;
out:
    arena_done(&arena);
    return r;
}

static int combine_all(struct search *search, struct arena *arena)
{
    int *chosen = arena_take(arena, (size_t)search->store->n, sizeof(int));

    if (!chosen)
        return -ENOMEM;
    for (int k = 0; k < search->store->n; k++)
        chosen[k] = k;
    return combine(search, chosen, search->store->n);
}

int joint_least(const struct joint *joint, int64_t *ret)
{
    const struct pricing *pricing = joint->enumeration->pricing;
    struct arena arena = {0};
    struct pattern_store store;
    struct search search = {
        .in = pricing->in, .work = pricing->work, .store = &store, .best = joint->most + 1};
    int r = patterns_new(pricing->windows, &store);

    *ret = JOINT_UNKNOWN;
    if (r < 0)
        return r;
    r = list_patterns(joint, &search, &arena);
    if (r > 0) {
        r = combine_all(&search, &arena);
        if (r == 0 && search.nodes <= MAX_NODES && !work_exhausted(search.work))
            *ret = search.best;
    }
    patterns_done(&store);
    arena_done(&arena);
    return r < 0 ? r : 0;
}
