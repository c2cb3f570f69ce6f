/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/model/memory_cases.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/lp/solver.h"

enum { MAX_ITEMS = 16 };

bool memory_case_stop(void *arg)
{
    (void)arg;
    return true;
}

uint64_t memory_case_next(uint64_t *seed) /* xorshift64* */
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * 2685821657736338717u;
}

static int64_t below(uint64_t *seed, int64_t limit)
{
    return limit > 0 ? (int64_t)(memory_case_next(seed) >> 16) % limit : 0;
}

static void random_item(uint64_t *seed, struct memory_item *item)
{
    static const int weights[] = {1, 50, 100, 100, 100, 200, 1000};

    item->floor_kib = 200000 + below(seed, 400000);
    item->cached_kib = item->floor_kib + (below(seed, 2) ? below(seed, 200000) : 0);
    item->wish_kib = item->cached_kib + (below(seed, 3) ? below(seed, 300000) : 0);
    item->rest_kib = item->wish_kib + (below(seed, 2) ? below(seed, 500000) : 0);
    item->current_kib = 150000 + below(seed, 1500000);
    item->lower_kib = item->current_kib - below(seed, 400000);
    if (item->lower_kib < 0)
        item->lower_kib = 0;
    if (item->lower_kib < item->floor_kib)
        item->lower_kib = item->current_kib < item->floor_kib ? item->current_kib : item->floor_kib;
    item->weight = weights[below(seed, 7)];
}

void memory_case_random(uint64_t *seed, struct memory_item *items, size_t room,
                        struct memory_problem *ret)
{
    int64_t least = 0;
    int64_t most = 0;

    *ret = (struct memory_problem){.n_items = 1 + (size_t)below(seed, (int64_t)room),
                                   .items = items,
                                   .fair_step_kib = below(seed, 3) ? below(seed, 32768) : 0};
    for (size_t i = 0; i < ret->n_items; i++) {
        int64_t rest;

        random_item(seed, &items[i]);
        rest = items[i].rest_kib > items[i].lower_kib ? items[i].rest_kib : items[i].lower_kib;
        least += items[i].lower_kib;
        most += rest;
    }
    ret->capacity_kib = least + below(seed, (most - least) * 5 / 4 + 2) - below(seed, 100) * 100;
}

static double foot_of_levels(const struct memory_item *item, enum memory_layer layer)
{
    const int64_t feet[] = {item->floor_kib, item->floor_kib, item->cached_kib, item->wish_kib};

    return (double)feet[layer];
}

static double rate_of(const struct memory_item *item, enum memory_layer layer)
{
    return layer == MEMORY_FLOOR ? 1 : item->weight / 100.0;
}

/* Columns t and one size per item; a row per item that still rises: size - rate * t >= foot. */
static double raise_lowest(const struct memory_problem *problem, enum memory_layer layer,
                           const bool *rises, const double *low, const double *high)
{
    struct lp *lp = lp_new("max_min");
    int level = lp_add_column(lp, "t", LP_CONTINUOUS, -INFINITY, INFINITY, -1);
    int all = lp_add_row(lp, "all", -INFINITY, (double)problem->capacity_kib);
    enum solve_status status;
    struct work work = {0};
    struct solver *solver;
    double ret;

    for (size_t i = 0; i < problem->n_items; i++) {
        int size = lp_add_column(lp, "y", LP_CONTINUOUS, low[i], high[i], 0);

        lp_add_entry(lp, all, size, 1);
        if (rises[i]) {
            int row = lp_add_row(lp, "rise", foot_of_levels(&problem->items[i], layer), INFINITY);

            lp_add_entry(lp, row, size, 1);
            lp_add_entry(lp, row, level, -rate_of(&problem->items[i], layer));
        }
    }
    assert_int_equal(solver_new(lp, &solver), 0);
    assert_int_equal(solver_simplex(solver, &work, &status), 0);
    assert_int_equal(status, SOLVE_OPTIMAL);
    ret = -solver_objective(solver);
    solver_free(solver);
    lp_free(lp);
    return ret;
}

/* One layer; true when all of it was filled. */
static bool fill_layer(const struct memory_problem *problem, enum memory_layer layer, double *sizes)
{
    bool rises[MAX_ITEMS] = {false};
    double high[MAX_ITEMS];
    size_t left = 0;

    for (size_t i = 0; i < problem->n_items; i++) {
        int64_t foot, head;

        memory_layer_range(&problem->items[i], layer, &foot, &head);
        rises[i] = head > foot;
        left += rises[i];
        high[i] = rises[i] ? (double)head : sizes[i];
    }
    while (left > 0) {
        double t = raise_lowest(problem, layer, rises, sizes, high);
        size_t stopped = 0;

        for (size_t i = 0; i < problem->n_items; i++) {
            double at =
                foot_of_levels(&problem->items[i], layer) + rate_of(&problem->items[i], layer) * t;

            if (!rises[i])
                continue;
            if (at > sizes[i])
                sizes[i] = at < high[i] ? at : high[i];
            if (high[i] - sizes[i] <= 0.01) {
                rises[i] = false;
                left--;
                stopped++;
            }
        }
        if (stopped == 0)
            return false;
    }
    return true;
}

void memory_case_max_min(const struct memory_problem *problem, double *ret_sizes)
{
    double spare = (double)problem->capacity_kib;

    assert_in_range(problem->n_items, 1, MAX_ITEMS);
    for (size_t i = 0; i < problem->n_items; i++) {
        ret_sizes[i] = (double)problem->items[i].lower_kib;
        spare -= ret_sizes[i];
    }
    for (enum memory_layer l = MEMORY_FLOOR; l < MEMORY_IDLE && spare > 0; l++) {
        if (!fill_layer(problem, l, ret_sizes))
            break;
    }
}
