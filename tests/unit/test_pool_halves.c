/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/bound/kernels.h"
#include "models/bound/pool_halves.h"

enum { ITEMS = 40, BINS = 9, CELLS = 301 };

struct kit {
    int demand[ITEMS], current[ITEMS], price[ITEMS * BINS], duals[ITEMS];
    bool allowed[ITEMS * BINS];
    struct placement_problem problem;
    struct balance balance;
    struct instance in;
    struct arena arena;
    struct pool alone; /* of one bin, filled without the others */
    struct pool_halves halves;
    int kind, visits;
};

static int between(unsigned *state, int low, int high)
{
    *state = *state * 1664525u + 1013904223u;
    return low + (int)((*state >> 8) % (unsigned)(high - low + 1));
}

/* Some float, some may not run everywhere, and the first bins cost others than the last. */
static void fill_problem(struct kit *kit, unsigned *state, int n, int m)
{
    for (int i = 0; i < n; i++) {
        kit->demand[i] = between(state, 0, 150);
        kit->current[i] = between(state, -1, m - 1);
        kit->duals[i] = between(state, -500, 5000);
        for (int p = 0; p < m; p++) {
            kit->allowed[i * m + p] = i % 7 || p % 3 || p == kit->current[i];
            kit->price[i * m + p] = p == kit->current[i] ? 0 : 5 + i % 4 + 3 * (p < m / 2);
        }
        kit->allowed[i * m] = true;
    }
    kit->problem = (struct placement_problem){.n_items = (size_t)n,
                                              .n_bins = (size_t)m,
                                              .demand_permille = kit->demand,
                                              .current = kit->current,
                                              .price = kit->price,
                                              .allowed = kit->allowed,
                                              .kappa = 5};
}

static void up(struct kit *kit, unsigned seed)
{
    unsigned state = seed * 2654435761u + 1;
    int n = between(&state, 1, ITEMS), m = between(&state, 1, BINS);
    size_t rows = (size_t)n + 1;

    *kit = (struct kit){0};
    fill_problem(kit, &state, n, m);
    assert_int_equal(balance_new(&kit->problem, &kit->balance), 0);
    assert_int_equal(instance_new(&kit->balance, &kit->in), 0);
    kit->alone =
        (struct pool){.in = &kit->in,
                      .stride = CELLS,
                      .least = arena_take(&kit->arena, CELLS, sizeof(int32_t)),
                      .taken = arena_take(&kit->arena, rows * CELLS, 1),
                      .spare = arena_take(&kit->arena, 3 * (size_t)CELLS, sizeof(int32_t))};
    assert_int_equal(pool_halves_new(&kit->in, CELLS, arena_take(&kit->arena, rows * CELLS, 1),
                                     &kit->arena, &kit->halves),
                     0);
}

static void down(struct kit *kit)
{
    arena_done(&kit->arena);
    instance_done(&kit->in);
    balance_done(&kit->balance);
}

/* The items behind a weight are others than the bin's own, weigh so much and cost what the row says. */
static void members_are_right(const struct kit *kit, int p, const struct pool *pool, int weight)
{
    int items[ITEMS], n = pool_members(pool, weight, items), sum = 0;
    int64_t cost = 0;

    for (int k = 0; k < n; k++) {
        for (int z = 0; z < k; z++)
            assert_int_not_equal(items[z], items[k]);
        assert_int_not_equal(kit->in.home[items[k]], p);
        sum += kit->in.weight[items[k]];
        cost += pool_entering_cost(&kit->in, kit->kind, kit->duals, items[k]);
    }
    assert_int_equal(sum, weight);
    assert_int_equal(cost, pool->least[weight]);
}

static void is_like_alone(void *arg, int p, const struct pool *pool)
{
    struct kit *kit = arg;

    assert_int_equal(kit->in.class_of[p], kit->kind);
    pool_fill(&kit->alone, kit->duals, kit->kind, (struct pool_bin){.bin = p}, CELLS);
    assert_memory_equal(pool->least, kit->alone.least, CELLS * sizeof(int32_t));
    for (int s = 0; s < CELLS; s++)
        if (pool->least[s] < KERNEL_REACHED)
            members_are_right(kit, p, pool, s);
    kit->visits++;
}

static void each_bin_has_the_pool_that_it_would_have_alone(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 60; seed++) {
        struct kit kit;

        up(&kit, seed);
        for (kit.kind = 0; kit.kind < kit.in.n_classes; kit.kind++)
            pool_halves_walk(&kit.halves, kit.duals, kit.kind, CELLS, is_like_alone, &kit);
        assert_int_equal(kit.visits, kit.in.m);
        down(&kit);
    }
}

/* What it is for: with 8 bins an item is taken in at most four times. */
static void shared_work_is_done_once(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 60; seed++) {
        struct kit kit;
        int64_t cells;

        up(&kit, seed);
        for (kit.kind = 0; kit.kind < kit.in.n_classes; kit.kind++) {
            cells = pool_halves_walk(&kit.halves, kit.duals, kit.kind, CELLS, is_like_alone, &kit);
            assert_true(cells <= (int64_t)kit.in.n * kit.halves.depth * CELLS);
        }
        down(&kit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bin_has_the_pool_that_it_would_have_alone),
        cmocka_unit_test(shared_work_is_done_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
