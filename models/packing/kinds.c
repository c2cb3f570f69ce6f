/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/kinds.h"

#include <string.h>

/* Kinds are found by the hash of all that makes them: open addressing in a table of twice the size. */
static uint64_t hash(uint64_t state, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;

    for (size_t k = 0; k < n; k++)
        state = (state ^ at[k]) * UINT64_C(1099511628211);
    return state;
}

static bool items_are_alike(const struct filling *filling, int a, int b)
{
    const struct packing_problem *problem = filling->problem;

    if (filling->set_first[a] < filling->set_first[a + 1] ||
        filling->set_first[b] < filling->set_first[b + 1])
        return false;
    return !memcmp(problem->size + (size_t)a * filling->rooms,
                   problem->size + (size_t)b * filling->rooms, filling->rooms * sizeof(int)) &&
           (!problem->allowed || !memcmp(problem->allowed + (size_t)a * filling->m,
                                         problem->allowed + (size_t)b * filling->m, filling->m));
}

static uint64_t hash_item(const struct filling *filling, int item)
{
    const struct packing_problem *problem = filling->problem;
    uint64_t state =
        hash(UINT64_C(14695981039346656037), problem->size + (size_t)item * filling->rooms,
             filling->rooms * sizeof(int));

    if (filling->set_first[item] < filling->set_first[item + 1])
        return hash(state, &item, sizeof(item));
    return problem->allowed ? hash(state, problem->allowed + (size_t)item * filling->m, filling->m)
                            : state;
}

static int members(const struct packing_problem *problem, int set)
{
    return problem->apart_first[set + 1] - problem->apart_first[set];
}

static int largest_set(const struct filling *filling, int item)
{
    int best = -1;

    for (int k = filling->set_first[item]; k < filling->set_first[item + 1]; k++)
        if (best < 0 ||
            members(filling->problem, filling->set_of[k]) > members(filling->problem, best))
            best = filling->set_of[k];
    return best;
}

static void add_item(struct kinds *kinds, int kind, int item, int *last)
{
    kinds->kind_of[item] = kind;
    kinds->next[item] = -1;
    kinds->count[kind]++;
    if (last[kind] >= 0)
        kinds->next[last[kind]] = item;
    last[kind] = item;
}

static int new_kind(struct kinds *kinds, int item, int set, int *last)
{
    int kind = (int)kinds->n++;

    kinds->first[kind] = item;
    kinds->count[kind] = 0;
    kinds->set[kind] = set;
    last[kind] = -1;
    return kind;
}

/* slots [n_slots] are zero: a kind plus one. */
static void sort_items(struct kinds *kinds, const struct filling *filling, int *slots,
                       size_t n_slots, int *last)
{
    for (int i = 0; i < (int)filling->n; i++) {
        size_t at = hash_item(filling, i) % n_slots;

        if (filling->set_first[i] < filling->set_first[i + 1])
            continue;
        while (slots[at] && !items_are_alike(filling, kinds->first[slots[at] - 1], i))
            at = (at + 1) % n_slots;
        if (!slots[at])
            slots[at] = new_kind(kinds, i, -1, last) + 1;
        add_item(kinds, slots[at] - 1, i, last);
    }
    for (int s = 0; s < (int)filling->problem->n_apart; s++)
        for (int k = filling->problem->apart_first[s]; k < filling->problem->apart_first[s + 1];
             k++) {
            int item = filling->problem->apart_item[k];

            if (largest_set(filling, item) == s)
                add_item(kinds, new_kind(kinds, item, s, last), item, last);
        }
}

/* Bins by their room and by who may be in them; each is compared with the kinds so far where the hash
 * is the same. */
static uint64_t hash_bin(const struct filling *filling, int bin)
{
    const struct packing_problem *problem = filling->problem;
    uint64_t state =
        hash(UINT64_C(14695981039346656037), problem->room + (size_t)bin * filling->rooms,
             filling->rooms * sizeof(int));

    for (size_t i = 0; problem->allowed && i < filling->n; i++)
        state = hash(state, &problem->allowed[i * filling->m + (size_t)bin], 1);
    return state;
}

static bool bins_are_alike(const struct filling *filling, int a, int b)
{
    const struct packing_problem *problem = filling->problem;

    if (memcmp(problem->room + (size_t)a * filling->rooms,
               problem->room + (size_t)b * filling->rooms, filling->rooms * sizeof(int)) != 0)
        return false;
    for (size_t i = 0; problem->allowed && i < filling->n; i++)
        if (problem->allowed[i * filling->m + (size_t)a] !=
            problem->allowed[i * filling->m + (size_t)b])
            return false;
    return true;
}

static void sort_bins(struct kinds *kinds, const struct filling *filling, int *slots,
                      size_t n_slots)
{
    for (int p = 0; p < (int)filling->m; p++) {
        size_t at = hash_bin(filling, p) % n_slots;

        while (slots[at] && !bins_are_alike(filling, kinds->bin[slots[at] - 1], p))
            at = (at + 1) % n_slots;
        if (!slots[at]) {
            kinds->bin[kinds->n_bins] = p;
            slots[at] = (int)++kinds->n_bins;
        }
        kinds->bin_kind_of[p] = slots[at] - 1;
        kinds->bin_count[slots[at] - 1]++;
    }
}

int kinds_new(const struct filling *filling, struct arena *arena, struct kinds *ret)
{
    size_t n = filling->n, m = filling->m;
    int *slots = arena_take(arena, 2 * n + 1, sizeof(*slots));
    int *bin_slots = arena_take(arena, 2 * m + 1, sizeof(*bin_slots));
    int *last = arena_take(arena, n, sizeof(*last));

    *ret = (struct kinds){
        .kind_of = arena_take(arena, n, sizeof(int)),
        .first = arena_take(arena, n, sizeof(int)),
        .count = arena_take(arena, n, sizeof(int)),
        .set = arena_take(arena, n, sizeof(int)),
        .next = arena_take(arena, n, sizeof(int)),
        .bin_kind_of = arena_take(arena, m, sizeof(int)),
        .bin = arena_take(arena, m, sizeof(int)),
        .bin_count = arena_take(arena, m, sizeof(int)),
    };
    if (arena_error(arena) < 0)
        return arena_error(arena);
    sort_items(ret, filling, slots, 2 * n + 1, last);
    sort_bins(ret, filling, bin_slots, 2 * m + 1);
    return 0;
}

void kinds_fill(const struct kinds *kinds, const struct filling *filling, int bin,
                struct knapsack_item *items)
{
    for (size_t k = 0; k < kinds->n; k++)
        items[k] = (struct knapsack_item){
            .size = filling->problem->size + (size_t)kinds->first[k] * filling->rooms,
            .count = filling_may_run(filling, kinds->first[k], bin) ? kinds->count[k] : 0,
            .set = kinds->set[k]};
}
