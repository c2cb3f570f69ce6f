/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/bin_sets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"

static bool is_member(const bool *mask, bool complement, int p)
{
    return !mask || mask[p] != complement;
}

/* Bits: 1 may run inside, 2 may run outside. */
static int relation(const struct instance *in, int i, const bool *mask, bool complement)
{
    int found = 0;

    for (int p = 0; p < in->m && found != 3; p++)
        if (placement_may_run(in->problem, (size_t)in->id[i], (size_t)p))
            found |= is_member(mask, complement, p) ? 1 : 2;
    return found;
}

/* mask NULL: all bins. A set without bins says nothing. */
static void add_set(const struct instance *in, const bool *mask, bool complement,
                    struct arena *arena, struct bin_sets *sets)
{
    struct bin_set *set = &sets->set[sets->n];

    set->bins = arena_take(arena, (size_t)in->m, sizeof(int));
    set->reaching = arena_take(arena, (size_t)in->n, sizeof(int));
    set->confined = arena_take(arena, (size_t)in->n, sizeof(int));
    if (arena_error(arena) < 0)
        return;
    for (int p = 0; p < in->m; p++)
        if (is_member(mask, complement, p))
            set->bins[set->n_bins++] = p;
    for (int i = 0; i < in->n && set->n_bins > 0; i++) {
        int where = in->weight[i] > 0 ? relation(in, i, mask, complement) : 0;

        if (where & 1) {
            set->reaching[set->n_reaching++] = in->weight[i];
            set->reaching_weight += in->weight[i];
        }
        if (where == 1) {
            set->confined[set->n_confined++] = in->weight[i];
            set->confined_weight += in->weight[i];
        }
    }
    qsort(set->reaching, (size_t)set->n_reaching, sizeof(int), whole_descending);
    qsort(set->confined, (size_t)set->n_confined, sizeof(int), whole_ascending);
    sets->n += set->n_bins > 0;
}

struct masks {
    const bool *mask[BIN_SETS_MASKS + BIN_SETS_UNIONS];
    int n;
};

static bool is_known(const struct masks *masks, const bool *mask, size_t m)
{
    for (int k = 0; k < masks->n; k++)
        if (memcmp(masks->mask[k], mask, m * sizeof(*mask)) == 0)
            return true;
    return false;
}

static void find_masks(const struct instance *in, struct masks *masks)
{
    size_t m = in->problem->n_bins;

    for (int i = 0; i < in->n && masks->n < BIN_SETS_MASKS; i++) {
        const bool *mask = in->problem->allowed + (size_t)in->id[i] * m;

        if (memchr(mask, 0, m * sizeof(*mask)) && !is_known(masks, mask, m))
            masks->mask[masks->n++] = mask;
    }
}

/* Whether they share some bins, and each has others too. */
static bool is_overlap(const bool *a, const bool *b, int m)
{
    bool both = false, only_a = false, only_b = false;

    for (int p = 0; p < m; p++) {
        both |= a[p] && b[p];
        only_a |= a[p] && !b[p];
        only_b |= b[p] && !a[p];
    }
    return both && only_a && only_b;
}

/* Of any two that overlap, those made here among them. */
static void find_unions(const struct instance *in, struct arena *arena, struct masks *masks)
{
    int first = masks->n;

    for (int k = 1; k < masks->n; k++)
        for (int z = 0; z < k && masks->n < first + BIN_SETS_UNIONS; z++) {
            const bool *a = masks->mask[k], *b = masks->mask[z];
            bool *both;

            if (!is_overlap(a, b, in->m))
                continue;
            both = arena_take(arena, (size_t)in->m, sizeof(*both));
            for (int p = 0; both && p < in->m; p++)
                both[p] = a[p] || b[p];
            if (both && memchr(both, 0, (size_t)in->m * sizeof(*both)) &&
                !is_known(masks, both, (size_t)in->m))
                masks->mask[masks->n++] = both;
        }
}

static void add_masks(const struct instance *in, struct arena *arena, struct bin_sets *sets)
{
    struct masks masks = {.n = 0};
    int n;

    find_masks(in, &masks);
    n = masks.n;
    find_unions(in, arena, &masks);
    for (int k = 0; k < masks.n; k++) {
        add_set(in, masks.mask[k], false, arena, sets);
        if (k < n)
            add_set(in, masks.mask[k], true, arena, sets);
    }
}

/* Fewer bins first, then by the first bin in which they differ. */
static int by_bins(const void *a, const void *b)
{
    const struct bin_set *x = a, *y = b;
    int k = 0;

    if (x->n_bins != y->n_bins)
        return x->n_bins - y->n_bins;
    while (k < x->n_bins && x->bins[k] == y->bins[k])
        k++;
    return k < x->n_bins ? x->bins[k] - y->bins[k] : 0;
}

int bin_sets_new(const struct instance *in, struct arena *arena, struct bin_sets *ret)
{
    int kept = 0;

    *ret = (struct bin_sets){.n = 0};
    add_set(in, NULL, false, arena, ret);
    if (in->problem->allowed)
        add_masks(in, arena, ret);
    if (arena_error(arena) < 0)
        return -ENOMEM;
    qsort(ret->set, (size_t)ret->n, sizeof(*ret->set), by_bins);
    for (int k = 0; k < ret->n; k++)
        if (kept == 0 || by_bins(&ret->set[k], &ret->set[kept - 1]) != 0)
            ret->set[kept++] = ret->set[k];
    ret->n = kept;
    return 0;
}
