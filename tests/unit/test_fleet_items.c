/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fleet in the words of the models: who is merged, what that costs, what stays out. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/fleet/items.h"
#include "tests/unit/fleet_fixture.h"

static void items_up(struct fleet_kit *kit, struct items *items)
{
    struct err err = {0};

    if (items_new(&kit->fleet, NULL, false, items, &err) < 0)
        fail_msg("%s", err.text);
}

static void guests_that_are_together_are_one_item(void **state)
{
    struct fleet_kit kit;
    struct items items;

    (void)state;
    fleet_kit_new(&kit, 3, 100);
    fleet_kit_guest(&kit, "web", 0, 30, 5)->together = 1;
    fleet_kit_guest(&kit, "db", 1, 20, 7)->together = 1;
    fleet_kit_guest(&kit, "app", 1, 10, 3);
    fleet_kit_allow(&kit, &kit.guests[0], "ab");
    fleet_kit_allow(&kit, &kit.guests[1], "bc");
    items_up(&kit, &items);
    assert_int_equal(items.n, 2);
    assert_string_equal(items_guest(&items, items.first[0])->name, "app");
    assert_string_equal(items_guest(&items, items.first[1])->name, "db");
    assert_int_equal(items.load[1], 500);
    assert_int_equal(items.size[1], 12);
    assert_false(items_may_run(&items, 1, 0));
    assert_true(items_may_run(&items, 1, 1));
    assert_false(items_may_run(&items, 1, 2));
    /* each member pays for its own way: web lives on a, db on b */
    assert_int_equal(items_price(&items, 1, 0), 8);
    assert_int_equal(items_price(&items, 1, 1), 6);
    assert_int_equal(items_price(&items, 1, 2), 14);
    assert_int_equal(items_moves(&items, 1, 2), 2);
    assert_int_equal(items.current[1], -1);
    assert_int_equal(items.current[0], 1);
    items_done(&items);
}

static void sets_that_are_apart_follow_the_items(void **state)
{
    struct fleet_kit kit;
    struct items items;
    struct err err = {0};

    (void)state;
    fleet_kit_new(&kit, 3, 100);
    fleet_kit_guest(&kit, "g1", 0, 10, 1)->together = 0;
    fleet_kit_guest(&kit, "g2", 0, 10, 1)->together = 0;
    fleet_kit_guest(&kit, "g3", 1, 10, 1);
    fleet_kit_apart(&kit, &kit.guests[2], &kit.guests[1]);
    items_up(&kit, &items);
    assert_int_equal(items.n_apart, 1);
    assert_int_equal(items.apart_item[0] + items.apart_item[1], 1);
    items_done(&items);
    fleet_kit_apart(&kit, &kit.guests[0], &kit.guests[1]);
    assert_int_equal(items_new(&kit.fleet, NULL, false, &items, &err), -EINVAL);
    assert_non_null(strstr(err.text, "'g1' and 'g2' are to be together and apart"));
}

static void a_guest_twice_in_a_set_is_once_in_it(void **state)
{
    struct fleet_kit kit;
    struct items items;

    (void)state;
    fleet_kit_new(&kit, 2, 100);
    fleet_kit_guest(&kit, "g1", 0, 10, 1);
    fleet_kit_apart(&kit, &kit.guests[0], &kit.guests[0]);
    items_up(&kit, &items);
    assert_int_equal(items.n_apart, 0);
    items_done(&items);
}

static void closed_hosts_are_no_bins_and_fixed_guests_there_no_items(void **state)
{
    struct fleet_kit kit;
    struct items items;

    (void)state;
    fleet_kit_new(&kit, 3, 10);
    fleet_kit_guest(&kit, "fixed-there", 0, 10, 1)->is_fixed = true;
    fleet_kit_guest(&kit, "leaves", 0, 10, 1);
    fleet_kit_guest(&kit, "fixed", 1, 10, 12)->is_fixed = true;
    fleet_kit_guest(&kit, "stays-out", FLEET_NOWHERE, 10, 1)->is_fixed = true;
    kit.hosts[0].is_open = false;
    items_up(&kit, &items);
    assert_int_equal(items.m, 2);
    assert_int_equal(items.n, 2);
    assert_int_equal(items.item_of[0], -1);
    assert_int_equal(items.item_of[3], -1);
    assert_int_equal(items.current[items.item_of[1]], -1);
    assert_int_equal(items_price(&items, items.item_of[1], 0), 2);
    /* it stays, however large it is, and nobody else finds room there */
    assert_int_equal(items.fixed_at[items.item_of[2]], 0);
    assert_int_equal(items.room[0], 12);
    assert_true(items_may_run(&items, items.item_of[2], 0));
    assert_false(items_may_run(&items, items.item_of[2], 1));
    items_done(&items);
}

static void two_fixed_on_different_hosts_cannot_be_together(void **state)
{
    struct fleet_kit kit;
    struct items items;
    struct err err = {0};

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    fleet_kit_guest(&kit, "g1", 0, 10, 1)->together = 0;
    fleet_kit_guest(&kit, "g2", 1, 10, 1)->together = 0;
    kit.guests[0].is_fixed = kit.guests[1].is_fixed = true;
    assert_int_equal(items_new(&kit.fleet, NULL, false, &items, &err), -EINVAL);
    assert_non_null(strstr(err.text, "fixed on different hosts"));
}

static void the_fullest_resource_comes_first(void **state)
{
    static const char *const names[] = {"memory", "vCPUs"};
    int64_t room[] = {100, 10}, size[] = {10, 8};
    struct fleet_host host = {.name = "a", .is_open = true, .cpu_milli = 1000, .room = room};
    struct fleet_guest guest = {
        .name = "g", .home = 0, .size = size, .together = FLEET_NOWHERE, .price = 1};
    struct fleet fleet = {.n_hosts = 1,
                          .n_guests = 1,
                          .n_resources = 2,
                          .resource = names,
                          .hosts = &host,
                          .guests = &guest};
    struct items items;

    (void)state;
    assert_int_equal(items_new(&fleet, NULL, false, &items, NULL), 0);
    assert_int_equal(items.resource[0], 1);
    assert_int_equal(items.size[0], 8);
    assert_int_equal(items.room[0], 10);
    items_done(&items);
}

static void rules_are_kept_or_not(void **state)
{
    struct fleet_kit kit;
    struct items items;
    bool keeps;

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    fleet_kit_guest(&kit, "g1", 0, 10, 6);
    fleet_kit_guest(&kit, "g2", 1, 10, 4);
    fleet_kit_guest(&kit, "g3", 1, 10, 5);
    fleet_kit_apart(&kit, &kit.guests[0], &kit.guests[1]);
    items_up(&kit, &items);
    assert_int_equal(items_keep_rules(&items, (int[]){0, 1, 1}, &keeps), 0);
    assert_true(keeps);
    assert_int_equal(items_keep_rules(&items, (int[]){0, 0, 1}, &keeps), 0);
    assert_false(keeps); /* apart */
    assert_int_equal(items_keep_rules(&items, (int[]){0, 1, 0}, &keeps), 0);
    assert_false(keeps); /* room */
    assert_int_equal(items_keep_rules(&items, (int[]){0, -1, 1}, &keeps), 0);
    assert_true(keeps);
    items_done(&items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_that_are_together_are_one_item),
        cmocka_unit_test(sets_that_are_apart_follow_the_items),
        cmocka_unit_test(a_guest_twice_in_a_set_is_once_in_it),
        cmocka_unit_test(closed_hosts_are_no_bins_and_fixed_guests_there_no_items),
        cmocka_unit_test(two_fixed_on_different_hosts_cannot_be_together),
        cmocka_unit_test(the_fullest_resource_comes_first),
        cmocka_unit_test(rules_are_kept_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
