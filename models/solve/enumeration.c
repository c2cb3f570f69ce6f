/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/enumeration.h"

#include <errno.h>
#include <stdlib.h>

#include "models/bound/kernels.h"
#include "models/bound/profile.h"
#include "models/solve/fixing.h"
#include "models/solve/walk_tables.h"

static const int64_t ANY_SLACK = INT64_MAX / 4;
enum {
    STEPS_PER_LOOK =
        1024,           /* at whether there is work left: on a large host some seconds are here */
    CELLS_OF_STEP = 10, /* what takes as long as a step, and as a pattern that is looked at */
    CELLS_OF_PATTERN = 100,
    CELLS_OF_PASSING =
        10, /* a cache miss in each of two rows, for an entrant that is passed over */
};

/* Depth first from the last item to the first. A table of all prefixes says what the rest costs at
 * least, so that nearly every step leads to a pattern. */
struct walk {
    const struct enumeration *of;
    const struct instance *in;
    struct pattern_store *store;
    int *entrants, n_entrants; /* who may enter a bin of the class at all */
    struct walk_tables tables;
    int cells, kind, bin;
    int window;    /* of the load under way */
    int64_t limit; /* for it */
    int64_t pool_rest;
    int *items, n_items;
    const struct rules *rules; /* NULL: there are none */
    int64_t *left;             /* [n_rooms] what the bin has left of each */
    bool is_counting, is_sample;
    int64_t count;   /* patterns of the bin */
    uint64_t one_in; /* of so many is kept */
    int64_t steps;
    int64_t looked, counted; /* cells that it took, and that the work knows of */
    int overflow;            /* 0, 1: too many, -ENOMEM */
};

static void count_cells(struct walk *walk)
{
    work_count_cells(walk->of->pricing->work, walk->counted, walk->looked);
    walk->counted = walk->looked;
}

static bool counts(struct walk *walk)
{
    bool looks = ++walk->steps % STEPS_PER_LOOK == 0;

    walk->looked += CELLS_OF_STEP;
    if (looks)
        count_cells(walk);
    if (walk->steps > walk->of->max_steps || (looks && work_exhausted(walk->of->pricing->work)))
        walk->overflow = 1;
    return walk->overflow == 0;
}

/* What the bin pays for the pattern at these duals. */
static int64_t value_for(const struct walk *walk, const int *duals, int64_t cost)
{
    const struct instance *in = walk->in;

    for (int k = 0; k < walk->n_items; k++)
        cost -= duals[walk->items[k]];
    for (int k = in->own_first[walk->bin]; k < in->own_first[walk->bin + 1]; k++)
        cost += duals[in->own[k]];
    return cost;
}

static bool passes(const struct walk *walk)
{
    int64_t cost = patterns_cost(walk->in, walk->bin, walk->items, walk->n_items);
    int64_t at = (int64_t)walk->bin * (walk->of->top + 1) + walk->window;

    if (walk->in->balance->groups.n > 0 &&
        value_for(walk, walk->of->duals, cost) > walk->of->limit[at])
        return false; /* the walk knows nothing of groups */
    for (int k = 0; k < walk->of->n_filters; k++)
        if (value_for(walk, walk->of->filters[k].duals, cost) > walk->of->filters[k].limit[at])
            return false;
    return true;
}

/* A number that has nothing to do with the order in which patterns are found. */
static uint64_t mixed(const struct walk *walk)
{
    uint64_t sum = 0;

    for (int k = 0; k < walk->n_items; k++) {
        uint64_t x = ((uint64_t)walk->items[k] + 1 + 4099 * walk->of->seed) * 0x9E3779B97F4A7C15u;

        sum += (x ^ x >> 31) * 0xBF58476D1CE4E5B9u;
    }
    return sum ^ sum >> 29;
}

static void found(struct walk *walk)
{
    int r;

    walk->looked += CELLS_OF_PATTERN;
    if (!passes(walk))
        return;
    walk->count++;
    if (walk->is_counting || mixed(walk) % walk->one_in != 0)
        return;
    if (walk->store->n >= walk->of->max_patterns) {
        walk->overflow = 1;
        return;
    }
    r = patterns_add(walk->store, walk->bin, walk->items, walk->n_items);
    if (r == -ENOMEM)
        walk->overflow = r;
}

/* What the item is charged beside those that are in the pattern already. */
static int64_t beside(const struct walk *walk, int i)
{
    const struct instance *in = walk->in;

    for (int k = 0; k < walk->n_items && in->crowd[i] >= 0; k++)
        if (in->crowd[walk->items[k]] == in->crowd[i])
            return (int64_t)in->problem->together_cost * in->price_scale;
    return 0;
}

/* Whether the hard rules let the item join those that are in the pattern already. */
static bool may_join(const struct walk *walk, int i)
{
    const struct rules *rules = walk->rules;

    for (int r = 0; r < rules->n_rooms; r++)
        if (rules_size(rules, i, r) > walk->left[r])
            return false;
    for (int k = 0; k < walk->n_items && rules->n_sets > 0; k++)
        if (rules_are_apart(rules, walk->items[k], i))
            return false;
    return true;
}

static bool is_free(const struct walk *walk, int i)
{
    return !walk->rules || may_join(walk, i);
}

/* Whether the bin has so much left of the first resource. */
static bool has_room(const struct walk *walk, int64_t units)
{
    return units * walk->tables.unit <= walk->left[0];
}

static bool may_enter(const struct walk *walk, int i, int weight)
{
    const int32_t *lightest = walk->tables.pool_lightest;

    return !lightest || has_room(walk, lightest[(int64_t)i * walk->cells + weight]);
}

/* Own items of this load among the first k beside entrants of that one. */
static bool may_keep(const struct walk *walk, int k, int weight, int enter_weight)
{
    const struct walk_tables *tables = &walk->tables;
    int64_t entering = (int64_t)walk->n_entrants * walk->cells + enter_weight;

    return !tables->lightest ||
           has_room(walk, (int64_t)tables->lightest[(int64_t)k * walk->cells + weight] +
                              tables->pool_lightest[entering]);
}

static void push(struct walk *walk, int i)
{
    walk->items[walk->n_items++] = i;
    for (int r = 0; walk->rules && r < walk->rules->n_rooms; r++)
        walk->left[r] -= rules_size(walk->rules, i, r);
}

static void pop(struct walk *walk)
{
    int i = walk->items[--walk->n_items];

    for (int r = 0; walk->rules && r < walk->rules->n_rooms; r++)
        walk->left[r] += rules_size(walk->rules, i, r);
}

/* Chooses among the first i entrants a set of this weight; so far the pattern costs `spent`. */
static void choose_entering(struct walk *walk, int i, int weight, int64_t spent)
{
    if (!counts(walk) || !may_enter(walk, i, weight))
        return;
    for (; i > 0; i--) {
        int j = walk->entrants[i - 1], w = walk->in->weight[j];
        const int32_t *row = walk->tables.pool + (int64_t)(i - 1) * walk->cells;
        int64_t enter = walk->tables.enter[i - 1];

        if (walk->rules) /* without them few are passed over, and steps count for them */
            walk->looked += CELLS_OF_PASSING;
        if (weight >= w && walk->in->home[j] != walk->bin && row[weight - w] < KERNEL_REACHED &&
            spent + enter + row[weight - w] + beside(walk, j) <= walk->limit && is_free(walk, j)) {
            int64_t more = enter + beside(walk, j);

            push(walk, j);
            choose_entering(walk, i - 1, weight - w, spent + more);
            pop(walk);
            if (walk->overflow)
                return;
        }
        if (row[weight] >= KERNEL_REACHED || spent + row[weight] > walk->limit ||
            !may_enter(walk, i - 1, weight))
            return;
    }
    if (weight == 0 && spent <= walk->limit)
        found(walk);
}

static int64_t kept_price(const struct walk *walk, int i)
{
    return instance_stay(walk->in, i) + beside(walk, i);
}

static void choose_kept(struct walk *walk, int k, int weight, int64_t spent, int enter_weight)
{
    const int *own = walk->in->own + walk->in->own_first[walk->bin];
    const int32_t *row;
    int w;

    if (!counts(walk) || !may_keep(walk, k, weight, enter_weight))
        return;
    if (k == 0) {
        if (weight == 0)
            choose_entering(walk, walk->n_entrants, enter_weight, spent);
        return;
    }
    w = walk->in->weight[own[k - 1]];
    row = walk->tables.kept + (int64_t)(k - 1) * walk->cells;
    if (weight >= w && row[weight - w] < KERNEL_REACHED &&
        spent + row[weight - w] + walk->pool_rest + kept_price(walk, own[k - 1]) <= walk->limit &&
        is_free(walk, own[k - 1])) {
        int64_t more = kept_price(walk, own[k - 1]);

        push(walk, own[k - 1]);
        choose_kept(walk, k - 1, weight - w, spent + more, enter_weight);
        pop(walk);
    }
    spent += walk->of->duals[own[k - 1]];
    if (!walk->overflow && row[weight] < KERNEL_REACHED &&
        spent + row[weight] + walk->pool_rest <= walk->limit)
        choose_kept(walk, k - 1, weight, spent, enter_weight);
}

static void walk_bin(struct walk *walk)
{
    const struct windows *windows = walk->of->pricing->windows;
    const int32_t *pool = walk_row(walk->tables.pool, walk->cells, walk->n_entrants), *kept;
    int top = walk->of->top, low = windows_low(windows, walk->bin, top);
    int high = windows_high(windows, walk->bin, top);
    int n_own = walk_tables_keep(&walk->tables, walk->of->duals, walk->bin);

    kept = walk_row(walk->tables.kept, walk->cells, n_own);
    for (int r = 0; walk->rules && r < walk->rules->n_rooms; r++)
        walk->left[r] = rules_room(walk->rules, walk->bin, r);
    for (int x = low; x <= high && !walk->overflow; x++) {
        walk->window = windows_index(windows, walk->bin, x);
        walk->limit = walk->of->limit[(int64_t)walk->bin * (top + 1) + walk->window];
        if (walk->limit == INT64_MIN)
            continue;
        walk->limit -= profile_charge(walk->of->pricing, walk->bin, x, 0);
        for (int s = 0; s <= x && !walk->overflow; s++) {
            if (kept[s] >= KERNEL_REACHED || pool[x - s] >= KERNEL_REACHED ||
                (int64_t)kept[s] + pool[x - s] > walk->limit)
                continue;
            walk->pool_rest = pool[x - s];
            choose_kept(walk, n_own, s, 0, x - s);
        }
    }
}

/* All patterns of the bin, or about as many as wanted. */
static void sample_bin(struct walk *walk)
{
    int64_t most = walk->of->max_per_bin;

    walk->one_in = 1;
    if (most > 0) {
        walk->is_counting = true;
        walk->count = 0;
        walk->steps = 0;
        walk_bin(walk);
        walk->is_counting = false;
        walk->overflow = walk->overflow < 0 ? walk->overflow : 0;
        walk->steps = 0;
        walk->one_in = (uint64_t)((walk->count + most - 1) / most);
        walk->is_sample |= walk->one_in > 1;
        if (walk->one_in == 0)
            walk->one_in = 1;
    }
    walk_bin(walk);
    if (most > 0 && walk->overflow > 0) {
        walk->overflow = 0;
        walk->is_sample = true;
    }
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

static bool is_listed(const struct walk *walk, bool is_apart, int p)
{
    return walk->in->class_of[p] == walk->kind &&
           pricing_is_apart(walk->of->pricing, p) == is_apart &&
           (!walk->of->is_asked || walk->of->is_asked[p]);
}

/* The bins of a class whose pools are with or without their own items. Next to a pool without them
 * nobody can be called too dear by the class's. */
static void list_bins(struct walk *walk, bool is_apart)
{
    const struct enumeration *of = walk->of;
    int first = 0;

    while (first < walk->in->m && !is_listed(walk, is_apart, first))
        first++;
    if (first == walk->in->m)
        return;
    walk->n_entrants =
        fixing_entrants(of->pricing, of->duals, walk->kind, walk->cells,
                        is_apart ? ANY_SLACK : of->slack, of->may_leave, walk->entrants);
    walk_tables_enter(&walk->tables, of->duals, walk->kind, walk->entrants, walk->n_entrants);
    for (walk->bin = first; walk->bin < walk->in->m && !walk->overflow; walk->bin++)
        if (is_listed(walk, is_apart, walk->bin))
            sample_bin(walk);
}

int enumeration_run(const struct enumeration *enumeration, struct pattern_store *store,
                    bool *ret_complete)
{
    const struct instance *in = enumeration->pricing->in;
    struct walk walk = {
        .of = enumeration, .in = in, .store = store, .cells = highest(enumeration) + 1};
    struct arena arena = {0};
    int r;

    walk.items = arena_take(&arena, 2 * (size_t)in->n, sizeof(int));
    walk.entrants = arena_take(&arena, (size_t)in->n, sizeof(int));
    walk.left = arena_take(&arena, (size_t)in->rules.n_rooms, sizeof(*walk.left));
    r = walk_tables_new(in, walk.cells, &arena, &walk.tables);
    if (r < 0) {
        arena_done(&arena);
        return r;
    }
    walk.rules = rules_are_none(&in->rules) ? NULL : &in->rules;
    for (walk.kind = 0; walk.kind < in->n_classes && !walk.overflow; walk.kind++) {
        list_bins(&walk, false);
        list_bins(&walk, true);
    }
    count_cells(&walk);
    arena_done(&arena);
    if (walk.overflow < 0)
        return walk.overflow;
    *ret_complete = !walk.overflow && !walk.is_sample;
    return 0;
}
