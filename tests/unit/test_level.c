/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/vcpu/level.h"

enum { MAX_ITEMS = 8, MAX_BINS = 6 };

struct kit {
    struct placement_problem problem;
    int demand[MAX_ITEMS], background[MAX_BINS];
    bool allowed[MAX_ITEMS * MAX_BINS];
    int fill[MAX_BINS], cut[MAX_ITEMS];
    bool crowds[MAX_ITEMS * MAX_BINS];
};

/* n items of this demand, each allowed on the bins from first to last. */
static void add(struct kit *kit, size_t n, int demand, size_t first, size_t last)
{
    for (size_t k = 0; k < n; k++) {
        size_t i = kit->problem.n_items++;

        kit->demand[i] = demand;
        for (size_t b = first; b <= last; b++)
            kit->allowed[i * kit->problem.n_bins + b] = true;
    }
}

static void start(struct kit *kit, size_t n_bins)
{
    *kit = (struct kit){.problem = {.n_bins = n_bins}};
    kit->problem.demand_permille = kit->demand;
    kit->problem.background_permille = kit->background;
    kit->problem.allowed = kit->allowed;
}

static void fill(struct kit *kit)
{
    assert_int_equal(level_fill(&kit->problem, kit->fill, kit->cut, kit->crowds), 0);
}

static void where_all_may_go_everywhere_nothing_is_filled(void **state)
{
    struct kit kit;

    (void)state;
    start(&kit, 4);
    add(&kit, 6, 300, 0, 3);
    kit.background[1] = 200;
    fill(&kit);
    for (size_t b = 0; b < 4; b++)
        assert_int_equal(kit.fill[b], 0);
    assert_int_equal(kit.cut[0], 1000);
}

/* 3 x 800 on the first two bins stand at 1200, 4 x 200 on the other four at 200. */
static void the_others_are_filled_to_the_level_of_a_crowded_part(void **state)
{
    struct kit kit;

    (void)state;
    start(&kit, 6);
    add(&kit, 3, 800, 0, 1);
    add(&kit, 4, 200, 2, 5);
    fill(&kit);
    assert_int_equal(kit.fill[0], 0);
    assert_int_equal(kit.fill[1], 0);
    for (size_t b = 2; b < 6; b++)
        assert_in_range(kit.fill[b], 999, 1001);
    assert_in_range(kit.cut[3], 249, 251); /* 50 above the level that it may reach */
    assert_int_equal(kit.cut[0], 1000);
}

/* Who may go everywhere evens out what it can: 2 x 500 free ones lie beside the crowd, not in
 * it. */
static void free_items_are_poured_where_it_is_lowest(void **state)
{
    struct kit kit;

    (void)state;
    start(&kit, 3);
    add(&kit, 2, 900, 0, 0);
    add(&kit, 2, 500, 0, 2);
    fill(&kit);
    /* bin 0 is nobody's choice: its items can be nowhere else, so nothing has to reach its level */
    assert_int_equal(kit.fill[1], 0);
    assert_int_equal(kit.fill[2], 0);
}

/* What is pinned to one bin is no part: it is what stands there. */
static void bins_with_other_programs_stand_higher(void **state)
{
    struct kit kit;

    (void)state;
    start(&kit, 4);
    add(&kit, 4, 900, 0, 1);
    add(&kit, 2, 300, 2, 3);
    kit.background[2] = 500;
    fill(&kit);
    assert_in_range(kit.fill[2], 1799 - 550, 1801 - 550);
    assert_in_range(kit.fill[3], 1799 - 550, 1801 - 550);
}

/* Even parts, as even as they are by chance: within a point nothing is done. */
static void parts_at_one_level_are_left_alone(void **state)
{
    struct kit kit;

    (void)state;
    start(&kit, 4);
    add(&kit, 2, 400, 0, 1);
    add(&kit, 2, 401, 2, 3);
    fill(&kit);
    for (size_t b = 0; b < 4; b++)
        assert_int_equal(kit.fill[b], 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(kit.cut[i], 1000);
}

/* Who may also go where there is room only crowds a part that is overfull; those confined to it do not. */
static void who_has_room_elsewhere_crowds_an_overfull_part(void **state)
{
    struct kit kit;

    (void)state;
    start(&kit, 6);
    add(&kit, 3, 800, 0, 1);
    add(&kit, 4, 200, 0, 5);
    fill(&kit);
    for (size_t i = 0; i < 7; i++)
        for (size_t b = 0; b < 6; b++)
            assert_int_equal(kit.crowds[i * 6 + b], i >= 3 && b < 2);
    for (size_t i = 0; i < 3; i++)
        kit.demand[i] = 600; /* 900 on each: it is crowded, and not overfull */
    fill(&kit);
    for (size_t k = 0; k < 7 * 6; k++)
        assert_false(kit.crowds[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_all_may_go_everywhere_nothing_is_filled),
        cmocka_unit_test(the_others_are_filled_to_the_level_of_a_crowded_part),
        cmocka_unit_test(free_items_are_poured_where_it_is_lowest),
        cmocka_unit_test(bins_with_other_programs_stand_higher),
        cmocka_unit_test(parts_at_one_level_are_left_alone),
        cmocka_unit_test(who_has_room_elsewhere_crowds_an_overfull_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
