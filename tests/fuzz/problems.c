/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/problems.h"

#include <math.h>
#include <stdlib.h>

enum { HAS_MASKS = 1, HAS_CAPACITIES = 2, HAS_BACKGROUND = 4, HAS_PRICES = 8, IS_VARIANCE = 16 };
enum { LARGEST_PERMILLE = 1000000, LARGEST_WEIGHT = 1000000 };

static void *room(size_t n, size_t size)
{
    void *made = calloc(n + 1, size);

    must(made, "there is memory");
    return made;
}

/* Sizes of pCPUs mostly, and sometimes whatever is accepted. */
static int take_permille(struct bytes *bytes, int low, int usual)
{
    int kind = take_between(bytes, 0, 255);

    return kind < 240 ? low + kind * usual / 240 : take_between(bytes, low, LARGEST_PERMILLE);
}

static void take_bins(struct bytes *bytes, unsigned has, struct made_problem *made)
{
    size_t m = made->problem.n_bins;

    made->capacity = room(m, sizeof(int));
    made->background = room(m, sizeof(int));
    for (size_t p = 0; p < m; p++) {
        made->capacity[p] = has & HAS_CAPACITIES ? take_permille(bytes, 1, 2000) : 1000;
        made->background[p] = has & HAS_BACKGROUND ? take_permille(bytes, 0, 1000) : 0;
    }
}

static void take_item(struct bytes *bytes, unsigned has, struct made_problem *made, size_t i)
{
    size_t m = made->problem.n_bins;
    int price;
    uint64_t mask;

    made->demand[i] = take_between(bytes, 0, 1000);
    made->current[i] = take_between(bytes, -1, (int)m - 1);
    price = take_between(bytes, 0, 255) * 4;
    mask = has & HAS_MASKS ? take(bytes, 2) : UINT64_MAX;
    for (size_t p = 0; p < m; p++) {
        int more = has & HAS_PRICES ? take_between(bytes, 0, 255) : 0;

        made->allowed[i * m + p] = mask >> p & 1;
        if (made->current[i] != (int)p)
            made->price[i * m + p] = price + more > 1000 ? 1000 : price + more;
    }
}

struct made_problem take_placement(struct bytes *bytes)
{
    struct made_problem made = {0};
    unsigned has = (unsigned)take(bytes, 1);
    size_t n = (size_t)take_between(bytes, 0, MOST_ITEMS);
    size_t m = (size_t)take_between(bytes, 1, MOST_BINS);

    made.problem = (struct placement_problem){
        .n_items = n,
        .n_bins = m,
        .objective = has & IS_VARIANCE ? PLACEMENT_VARIANCE : PLACEMENT_DEVIATION,
        .kappa = 1 + (int)(take(bytes, 3) % LARGEST_WEIGHT),
    };
    made.problem.nu_milli = made.problem.kappa;
    made.problem.overload_cost = made.problem.kappa % 3 ? 0 : made.problem.kappa / 3 % 100001;
    made.problem.together_cost = made.problem.kappa % 5 ? 0 : made.problem.kappa / 5 % 10001;
    made.demand = room(n, sizeof(int));
    made.current = room(n, sizeof(int));
    made.price = room(n * m, sizeof(int));
    made.group = room(n, sizeof(int));
    made.allowed = room(n * m, sizeof(bool));
    take_bins(bytes, has, &made);
    for (size_t i = 0; i < n; i++)
        take_item(bytes, has, &made, i);
    for (size_t i = 0; i < n; i++) /* groups of some other length each time, and some in none */
        made.group[i] = i % 7 == 6 ? -1 : (int)i / (1 + made.problem.kappa / 64 % 5);
    made.problem.demand_permille = made.demand;
    made.problem.group_of = made.group;
    made.problem.current = made.current;
    made.problem.price = made.price;
    made.problem.allowed = has & HAS_MASKS ? made.allowed : NULL;
    made.problem.capacity_permille = has & HAS_CAPACITIES ? made.capacity : NULL;
    made.problem.background_permille = has & HAS_BACKGROUND ? made.background : NULL;
    /* Very unequal bins admit no large weight, or none: its multiples would not fit an integer. */
    while (made.problem.kappa > 1 && placement_problem_check(&made.problem) < 0)
        made.problem.kappa /= 2;
    if (placement_problem_check(&made.problem) < 0)
        made.problem.capacity_permille = NULL;
    return made;
}

bool is_tiny(const struct placement_problem *problem)
{
    return pow((double)problem->n_bins, (double)problem->n_items) <= 2000;
}

/* ---- Memory ---- */

static int64_t take_kib(struct bytes *bytes)
{
    static const int64_t most_kib = (int64_t)1 << 36;
    int kind = take_between(bytes, 0, 255);

    if (kind < 128)
        return kind * 16384;
    if (kind < 192)
        return kind - 160;
    return kind < 250 ? (int64_t)take(bytes, 4) : (int64_t)(take(bytes, 5) % (uint64_t)most_kib);
}

static struct memory_item take_memory_item(struct bytes *bytes)
{
    struct memory_item item = {.floor_kib = take_kib(bytes)};

    item.cached_kib = item.floor_kib + take_kib(bytes);
    item.wish_kib = item.cached_kib + take_kib(bytes);
    item.rest_kib = item.wish_kib + take_kib(bytes);
    item.current_kib = take_kib(bytes);
    item.lower_kib = item.current_kib - take_kib(bytes);
    item.weight = take_between(bytes, 0, 255);
    if (item.weight > 200)
        item.weight = take_between(bytes, 1, 10000);
    return item;
}

struct memory_problem take_memory(struct bytes *bytes, struct memory_item items[MOST_GUESTS])
{
    struct memory_problem problem = {.items = items};
    int64_t least = 0;

    problem.n_items = (size_t)take_between(bytes, 0, MOST_GUESTS);
    problem.fair_step_kib = take_kib(bytes);
    problem.capacity_kib = take_kib(bytes) * (take_between(bytes, 0, 1) ? -1 : 1);
    for (size_t i = 0; i < problem.n_items; i++) {
        items[i] = take_memory_item(bytes);
        least += items[i].lower_kib;
    }
    problem.capacity_kib += least;
    return problem;
}
