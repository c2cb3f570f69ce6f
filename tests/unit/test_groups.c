/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/placement/groups.h"
#include "models/placement/instance.h"

enum { N = 6, M = 3 };

struct kit {
    int demand[N], current[N], price[N * M], group[N];
    bool allowed[N * M];
    struct placement_problem problem;
    struct arena arena;
    struct groups groups;
};

static void set_up(struct kit *kit, const int *group)
{
    *kit = (struct kit){0};
    for (int i = 0; i < N; i++) {
        kit->demand[i] = 100;
        kit->group[i] = group[i];
        for (int p = 0; p < M; p++)
            kit->allowed[i * M + p] = true;
    }
    kit->problem = (struct placement_problem){.n_items = N,
                                              .n_bins = M,
                                              .demand_permille = kit->demand,
                                              .current = kit->current,
                                              .price = kit->price,
                                              .allowed = kit->allowed,
                                              .kappa = 1,
                                              .group_of = kit->group,
                                              .together_cost = 7};
    assert_int_equal(placement_problem_check(&kit->problem), 0);
}

static int64_t together(struct kit *kit, const int *bin_of)
{
    int64_t times;

    arena_done(&kit->arena);
    assert_int_equal(groups_new(&kit->problem, &kit->arena, &kit->groups), 0);
    assert_int_equal(groups_together(&kit->groups, bin_of, M, &times), 0);
    return times;
}

static void each_beyond_the_first_is_charged(void **state)
{
    struct kit kit;

    (void)state;
    set_up(&kit, (const int[N]){0, 0, 0, 4, 4, -1});
    assert_int_equal(together(&kit, (const int[N]){0, 0, 0, 0, 0, 0}), 3);
    assert_int_equal(together(&kit, (const int[N]){0, 1, 0, 0, 1, 0}), 1);
    assert_int_equal(together(&kit, (const int[N]){0, 1, 2, 0, 1, 0}), 0);
    assert_int_equal(together(&kit, (const int[N]){0, -1, 0, 0, -1, 0}), 1);
    arena_done(&kit.arena);
}

/* Five on three bins are two beyond the first wherever they are, but for those with a bin without any. */
static void what_nobody_avoids_is_none(void **state)
{
    struct kit kit;

    (void)state;
    set_up(&kit, (const int[N]){2, 2, 2, 2, 2, -1});
    assert_int_equal(together(&kit, (const int[N]){0, 0, 1, 1, 2, 0}), 0);
    assert_int_equal(together(&kit, (const int[N]){0, 0, 0, 1, 2, 0}), 0);
    assert_int_equal(together(&kit, (const int[N]){0, 0, 0, 1, 1, 0}), 1);
    assert_int_equal(together(&kit, (const int[N]){1, 1, 1, 1, 1, 0}), 2);
    arena_done(&kit.arena);
}

static void who_cannot_be_parted_is_in_no_group(void **state)
{
    struct kit kit;

    (void)state;
    set_up(&kit, (const int[N]){0, 0, 1, 1, 2, 2});
    kit.demand[0] = 0;
    for (int p = 0; p < M; p++)
        kit.allowed[2 * M + p] = kit.allowed[3 * M + p] = p == 1;
    assert_int_equal(together(&kit, (const int[N]){1, 1, 1, 1, 1, 1}), 1);
    assert_int_equal(kit.groups.n, 1);
    assert_int_equal(kit.groups.of[0], -1);
    assert_int_equal(kit.groups.of[2], -1);
    kit.problem.together_cost = 0;
    assert_int_equal(together(&kit, (const int[N]){1, 1, 1, 1, 1, 1}), 0);
    arena_done(&kit.arena);
}

/* Bin by bin it is the same sum. */
static void the_bins_charges_add_up(void **state)
{
    struct kit kit;
    struct balance balance;
    struct instance in;

    (void)state;
    set_up(&kit, (const int[N]){0, 0, 1, 1, 1, 1});
    assert_int_equal(balance_new(&kit.problem, &balance), 0);
    assert_int_equal(instance_new(&balance, &in), 0);
    for (int code = 0; code < 729; code++) {
        int bin_of[N], items[N];
        int64_t sum = 0;

        for (int i = 0, rest = code; i < N; i++, rest /= M)
            bin_of[i] = rest % M;
        for (int p = 0; p < M; p++) {
            int n = 0;

            for (int i = 0; i < N; i++)
                if (bin_of[i] == p)
                    items[n++] = i;
            sum += instance_together(&in, p, items, n);
        }
        assert_int_equal(sum, 7 * together(&kit, bin_of));
    }
    instance_done(&in);
    balance_done(&balance);
    arena_done(&kit.arena);
}

static void groups_that_make_no_sense_are_refused(void **state)
{
    struct kit kit;

    (void)state;
    set_up(&kit, (const int[N]){0, 0, 0, 0, 0, 0});
    kit.group[3] = N;
    assert_true(placement_problem_check(&kit.problem) < 0);
    kit.group[3] = -2;
    assert_true(placement_problem_check(&kit.problem) < 0);
    kit.group[3] = -1;
    kit.problem.together_cost = -1;
    assert_true(placement_problem_check(&kit.problem) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_beyond_the_first_is_charged),
        cmocka_unit_test(what_nobody_avoids_is_none),
        cmocka_unit_test(who_cannot_be_parted_is_in_no_group),
        cmocka_unit_test(the_bins_charges_add_up),
        cmocka_unit_test(groups_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
