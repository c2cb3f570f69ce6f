/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/solve/workspace.h"

/* What a solve takes, counted by the allocator: arenas are asked for in full before a byte of them is
 * written, so nothing has to be played. */

enum { MIB = 1024 * 1024 };

struct shape {
    int n, m, demand;
};

/* n alike in the bins in turn, every third one in bin 0. Half of the bins cost more to enter. */
static void make(struct shape shape, struct placement_problem *ret)
{
    size_t n = (size_t)shape.n, m = (size_t)shape.m;
    int *demand = calloc(n, sizeof(int)), *current = calloc(n, sizeof(int));
    int *price = calloc(n * m, sizeof(int));

    assert_true(demand && current && price);
    for (size_t i = 0; i < n; i++) {
        demand[i] = shape.demand;
        current[i] = i % 3 ? (int)(i % m) : 0;
        for (size_t p = 0; p < m; p++)
            price[i * m + p] = (int)p == current[i] ? 0 : 10 + (int)p % 2;
    }
    *ret = (struct placement_problem){.n_items = n,
                                      .n_bins = m,
                                      .demand_permille = demand,
                                      .current = current,
                                      .price = price,
                                      .kappa = 30};
}

static void unmake(struct placement_problem *problem)
{
    free((void *)problem->demand_permille);
    free((void *)problem->current);
    free((void *)problem->price);
}

static size_t allocated(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* How much a workspace takes, in MiB. */
static size_t taken(struct shape shape, int64_t max_bytes, bool *ret_has_tables)
{
    struct work work = {.max_bytes = max_bytes, .max_kcells = 400000};
    struct placement_problem problem;
    struct balance balance;
    struct instance in;
    struct workspace ws;
    size_t before, mib;

    make(shape, &problem);
    assert_int_equal(balance_new(&problem, &balance), 0);
    assert_int_equal(instance_new(&balance, &in), 0);
    before = allocated();
    assert_int_equal(workspace_new(&in, &work, &ws), 0);
    mib = (allocated() - before) / MIB;
    *ret_has_tables = ws.has_tables;
    workspace_done(&ws);
    instance_done(&in);
    balance_done(&balance);
    unmake(&problem);
    return mib;
}

static void without_counts(void)
{
    void *volatile some = malloc(MIB);
    size_t with = allocated();

    free(some);
    if (with < MIB)
        skip(); /* a sanitizer's allocator does not count */
}

static const struct shape LARGE[] = {{10000, 64, 4},  {10000, 64, 400}, {10000, 512, 100},
                                     {100000, 64, 4}, {1200, 16, 1000}, {600, 4, 1000}};

static void no_size_takes_more_than_the_limit(void **state)
{
    bool has_tables;

    (void)state;
    without_counts();
    for (size_t k = 0; k < sizeof(LARGE) / sizeof(*LARGE); k++)
        assert_in_range(taken(LARGE[k], 256 * MIB, &has_tables), 0, 256);
}

/* The same without a limit: then it is this that keeps memory low. */
static void what_is_left_out_would_take_more(void **state)
{
    const struct shape shape = {1200, 16, 1000};
    bool has_tables;

    (void)state;
    without_counts();
    assert_true(taken(shape, 0, &has_tables) > 256);
    assert_true(has_tables);
    taken(shape, 256 * MIB, &has_tables);
    assert_false(has_tables);
}

/* As one within another has it (reduce.h): the same memory, of which the outer one holds a part. */
static void one_within_another_has_what_is_left(void **state)
{
    const struct shape shape = {1000, 16, 800};
    struct work work = {.max_bytes = 256 * MIB, .max_kcells = 400000};
    struct placement_problem problem;
    struct workspace outer, inner;
    struct balance balance;
    struct instance in;
    size_t before;

    (void)state;
    without_counts();
    make(shape, &problem);
    assert_int_equal(balance_new(&problem, &balance), 0);
    assert_int_equal(instance_new(&balance, &in), 0);
    before = allocated();
    assert_int_equal(workspace_new(&in, &work, &outer), 0);
    assert_true(outer.has_tables);
    assert_int_equal(workspace_new(&in, &work, &inner), 0);
    assert_in_range((allocated() - before) / MIB, 128, 256);
    assert_false(inner.has_tables);
    workspace_done(&inner);
    workspace_done(&outer);
    assert_int_equal(work.held_bytes, 0);
    instance_done(&in);
    balance_done(&balance);
    unmake(&problem);
}

/* Tables are left out for their size and not for the host's. */
static void usual_hosts_have_their_tables(void **state)
{
    static const struct shape USUAL[] = {{8, 4, 300}, {64, 16, 150}, {512, 128, 150}};
    bool has_tables;

    (void)state;
    for (size_t k = 0; k < sizeof(USUAL) / sizeof(*USUAL); k++) {
        taken(USUAL[k], 256 * MIB, &has_tables);
        assert_true(has_tables);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_size_takes_more_than_the_limit),
        cmocka_unit_test(what_is_left_out_would_take_more),
        cmocka_unit_test(one_within_another_has_what_is_left),
        cmocka_unit_test(usual_hosts_have_their_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
