/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans for guests whose memory is on another node: who goes there, what is said, what is checked. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/vcpu/check.h"
#include "planner/vcpu/check_memory.h"
#include "planner/vcpu/remote.h"
#include "tests/unit/node_fixture.h"

static void lie_about_loss(struct node_kit *kit)
{
    kit->plan.memory.after += 0.01;
}

static void lie_about_before(struct node_kit *kit)
{
    kit->plan.memory.now = NAN;
}

static void lie_about_knowing(struct node_kit *kit)
{
    kit->plan.memory.n_unknown--;
}

static void lie_about_guests(struct node_kit *kit)
{
    kit->plan.memory.n_guests++;
}

static void shares_in_a_plan_are_checked(void **state)
{
    static void (*const lies[])(struct node_kit *) = {lie_about_loss, lie_about_before,
                                                      lie_about_knowing, lie_about_guests};

    (void)state;
    for (size_t k = 0; k < sizeof(lies) / sizeof(lies[0]); k++) {
        struct node_kit kit;
        struct err err = {0};

        node_kit_open(&kit, PIN_NODE, "0-15");
        for (size_t g = 0; g < 6; g++)
            node_kit_know(&kit, g, 1);
        node_kit_plan(&kit);
        assert_int_equal(kit.plan.memory.n_guests, 8);
        assert_int_equal(kit.plan.memory.n_unknown, 2);
        /* Each floats over both nodes: half of 15 %, of six of eight. */
        assert_true(fabs(kit.plan.memory.now - 0.75 * 0.075) < 1e-6);
        assert_int_equal(vcpu_check(&kit.guests.sample, &kit.plan, &err), 0);
        lies[k](&kit);
        assert_int_not_equal(vcpu_check(&kit.guests.sample, &kit.plan, &err), 0);
        node_kit_close(&kit);
    }
}

/* Where it costs nothing else, each goes to its memory, and the reason names the share. */
static void first_pins_follow_memory(void **state)
{
    struct node_kit kit;

    (void)state;
    node_kit_open(&kit, PIN_NODE, "0-15");
    for (size_t g = 0; g < NODE_KIT_GUESTS; g++)
        node_kit_know(&kit, g, g % 2);
    node_kit_plan(&kit);
    for (size_t g = 0; g < NODE_KIT_GUESTS; g++)
        assert_true(node_kit_is_on(&kit, g, (int)g % 2));
    assert_true(kit.plan.memory.after == 0);
    assert_non_null(strstr(kit.plan.pins[1].reason, "100 % of g1's memory is on node 1"));
    node_kit_close(&kit);
}

/* All memory is on one node, on which all vCPUs would leave no room. */
static void a_node_is_not_filled_up_for_memory(void **state)
{
    struct node_kit kit;
    size_t n = 0;

    (void)state;
    node_kit_open(&kit, PIN_NODE, "0-15");
    for (size_t g = 0; g < NODE_KIT_GUESTS; g++) {
        node_kit_know(&kit, g, 0);
        kit.guests.load_permille[g] = 1000;
    }
    node_kit_plan(&kit);
    for (size_t g = 0; g < NODE_KIT_GUESTS; g++)
        n += node_kit_is_on(&kit, g, 0);
    assert_in_range(n, NODE_KIT_GUESTS / 2, NODE_KIT_GUESTS - 2);
    node_kit_close(&kit);
}

/* Pinned on node 0, with half of the guests, and 82 % of its memory on node 1. */
static void go_home(bool price_memory, struct node_kit *kit)
{
    struct vcpu_settings settings;

    node_kit_open(kit, PIN_NODE, "0-15");
    vcpu_planner_free(kit->planner);
    vcpu_settings_default(&settings);
    settings.level = PIN_NODE;
    settings.price_memory = price_memory;
    settings.keep_masks = false;
    kit->planner = guest_kit_planner(&settings);
    for (size_t g = 0; g < NODE_KIT_GUESTS; g++) {
        guest_kit_pin(&kit->guests, g, g < 4 ? "0-7" : "8-15");
        node_kit_know(kit, g, g >= 4);
        kit->guests.load_permille[g] = g == 0 ? 600 : g < 4 ? 400 : 350;
    }
    kit->wholes[0].memory.n = 2;
    kit->wholes[0].memory.at[0].permille = 180;
    kit->wholes[0].memory.at[1].node = 1;
    kit->wholes[0].memory.at[1].permille = 820;
    vcpu_sample_sort(&kit->guests.sample);
    for (size_t k = 0; k < 4 && kit->plan.n_pins == 0; k++) {
        vcpu_plan_done(&kit->plan);
        guest_kit_pass(&kit->guests, 2);
        guest_kit_plan(&kit->guests, kit->planner, &kit->plan);
    }
}

static void a_guest_goes_home_and_the_reason_names_the_share(void **state)
{
    struct node_kit kit;

    (void)state;
    go_home(true, &kit);
    assert_int_equal(kit.plan.n_pins, 1);
    assert_true(node_kit_is_on(&kit, 0, 1));
    assert_non_null(strstr(kit.plan.pins[0].reason, "82 % of g0's memory is on node 1"));
    node_kit_close(&kit);
    go_home(false, &kit);
    assert_int_equal(kit.plan.n_pins, 0);
    node_kit_close(&kit);
}

/* Both nodes have half of it: no reason says that it is nearer on one of them. */
static void who_gains_nothing_is_not_said_to_go_home(void **state)
{
    struct node_kit kit;

    (void)state;
    node_kit_open(&kit, PIN_NODE, "0-15");
    for (size_t g = 0; g < NODE_KIT_GUESTS; g++) {
        node_kit_know(&kit, g, 0);
        kit.wholes[g].memory.n = 2;
        kit.wholes[g].memory.at[0].permille = 500;
        kit.wholes[g].memory.at[1].node = 1;
        kit.wholes[g].memory.at[1].permille = 500;
    }
    node_kit_plan(&kit);
    assert_true(kit.plan.n_pins > 0);
    for (size_t k = 0; k < kit.plan.n_pins; k++)
        assert_null(strstr(kit.plan.pins[k].reason, "memory"));
    node_kit_close(&kit);
}

/* The same plan while hardly more of the memory is there than here. */
static void the_checker_wants_more_than_a_trace_for_uneven_nodes(void **state)
{
    struct node_kit kit;
    struct err err = {0};

    (void)state;
    go_home(true, &kit);
    assert_int_equal(vcpu_check(&kit.guests.sample, &kit.plan, &err), 0);
    kit.wholes[0].memory.at[0].permille = 499;
    kit.wholes[0].memory.at[1].permille = 501;
    assert_int_equal(remote_of_plan(&kit.guests.sample, &kit.plan), 0);
    assert_int_equal(vcpu_check(&kit.guests.sample, &kit.plan, &err), -EINVAL);
    assert_non_null(strstr(err.text, "makes sigma worse"));
    node_kit_close(&kit);
}

/* Then it may run on all that it is allowed to, and not on the node where it was. */
static void who_is_set_free_is_on_both_nodes(void **state)
{
    struct node_kit kit;
    struct vcpu_place *place;

    (void)state;
    node_kit_open(&kit, PIN_NODE, "0-7");
    for (size_t g = 0; g < NODE_KIT_GUESTS; g++) {
        node_kit_know(&kit, g, 0);
        guest_kit_allow(&kit.guests, g, "0-15");
    }
    guest_kit_plan(&kit.guests, kit.planner, &kit.plan);
    vcpu_plan_done(&kit.plan);
    guest_kit_pass(&kit.guests, 2);
    guest_kit_plan(&kit.guests, kit.planner, &kit.plan);
    for (size_t g = 0; g < NODE_KIT_GUESTS; g++) {
        place = &kit.plan.places[g];
        *place = (struct vcpu_place){.vcpu = g,
                                     .from_place = place->from_place,
                                     .to_place = -1,
                                     .is_reset = true,
                                     .demand_permille = 500};
    }
    kit.plan.n_pins = 0;
    assert_int_equal(remote_of_plan(&kit.guests.sample, &kit.plan), 0);
    assert_true(kit.plan.memory.now == 0);
    assert_true(fabs(kit.plan.memory.after - 0.075) < 1e-9);
    assert_int_equal(vcpu_check_memory(&kit.guests.sample, &kit.plan, NULL), 0);
    node_kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_in_a_plan_are_checked),
        cmocka_unit_test(first_pins_follow_memory),
        cmocka_unit_test(a_node_is_not_filled_up_for_memory),
        cmocka_unit_test(a_guest_goes_home_and_the_reason_names_the_share),
        cmocka_unit_test(who_gains_nothing_is_not_said_to_go_home),
        cmocka_unit_test(the_checker_wants_more_than_a_trace_for_uneven_nodes),
        cmocka_unit_test(who_is_set_free_is_on_both_nodes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
