/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory on other nodes: what it costs, and that bound memory is not left. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "planner/vcpu/check.h"
#include "planner/vcpu/remote.h"
#include "planner/vcpu/set_memory.h"
#include "planner/vcpu/what_if.h"
#include "tests/unit/node_fixture.h"
#include "tests/unit/topology_fixture.h"

static int ids[] = {0, 7};
static unsigned distances[] = {10, 20, 20, 10};

/* Nine tenths on node 7, which is the second. */
static struct guest_memory memory_of(void)
{
    struct guest_memory memory = {.is_known = true, .n = 2};

    memory.at[0].node = 0;
    memory.at[0].permille = 100;
    memory.at[1].node = 7;
    memory.at[1].permille = 900;
    return memory;
}

static void it_costs_by_share_and_distance(void **state)
{
    struct guest_reading guest = {.run = 1};
    struct vcpu_sample sample = {
        .n_nodes = 2, .node_ids = ids, .distances = distances, .guests = &guest, .n_guests = 1};
    struct guest_memory memory = memory_of();

    (void)state;
    assert_null(remote_memory_of(&sample, &guest.guest));
    guest.memory = memory;
    assert_ptr_equal(remote_memory_of(&sample, &guest.guest), &guest.memory);
    assert_true(fabs(remote_loss(&sample, &memory, 0) - 0.135) < 1e-9);
    assert_true(fabs(remote_loss(&sample, &memory, 1) - 0.015) < 1e-9);
    assert_int_equal(remote_permille(&sample, &memory, 0), 900);
    assert_int_equal(remote_home(&sample, &memory), 1);
    memory.is_following = true; /* for a while */
    assert_true(fabs(remote_loss(&sample, &memory, 0) - 0.0675) < 1e-9);
    memory.is_following = false;
    distances[1] = distances[2] = 90;
    assert_true(fabs(remote_loss(&sample, &memory, 0) - 0.27) < 1e-9);
    distances[1] = distances[2] = 20;
}

/* Four vCPUs on a pCPU: pCPUs lost per point. Nearly empty sets have a least. */
static void a_point_costs_more_where_it_is_full(void **state)
{
    double slope;

    (void)state;
    assert_int_equal(set_memory_slope(8, 0.7, 0.7, &slope), 0);
    assert_true(fabs(slope - 0.027) < 0.005);
    assert_int_equal(set_memory_slope(16, 0.9, 0.9, &slope), 0);
    assert_true(fabs(slope - 0.147) < 0.02);
    assert_int_equal(set_memory_slope(16, 0.1, 0.1, &slope), 0);
    assert_true(slope == 0.005);
}

static void bound_memory_is_not_left_at_any_level(void **state)
{
    static const enum pin_level levels[] = {PIN_PCPU, PIN_CORE, PIN_LLC, PIN_NODE};

    (void)state;
    for (size_t k = 0; k < sizeof(levels) / sizeof(levels[0]); k++) {
        struct node_kit kit;
        struct err err = {0};

        /* Six of eight have to share node 1. */
        node_kit_open(&kit, levels[k], "0-15");
        for (size_t g = 0; g < 6; g++)
            node_kit_bind(&kit, g, 1);
        node_kit_mark(&kit);
        node_kit_plan(&kit);
        for (size_t g = 0; g < 6; g++)
            if (!node_kit_is_on(&kit, g, 1))
                fail_msg("level %s: g%zu left", pin_level_text(levels[k]), g);
        assert_int_equal(vcpu_check(&kit.guests.sample, &kit.plan, &err), 0);
        node_kit_close(&kit);
    }
}

/* Plans are made as if nothing was bound; the checker knows better. */
static void the_checker_sees_who_leaves_bound_memory(void **state)
{
    static const enum pin_level levels[] = {PIN_PCPU, PIN_CORE, PIN_LLC, PIN_NODE};

    (void)state;
    for (size_t k = 0; k < sizeof(levels) / sizeof(levels[0]); k++) {
        struct node_kit kit;
        struct err err = {0};
        size_t g = 0;

        node_kit_open(&kit, levels[k], "0-15");
        node_kit_plan(&kit);
        while (!node_kit_is_on(&kit, g, 0))
            g++;
        assert_int_equal(vcpu_check(&kit.guests.sample, &kit.plan, &err), 0);
        node_kit_bind(&kit, g, 1);
        assert_int_not_equal(vcpu_check(&kit.guests.sample, &kit.plan, &err), 0);
        assert_non_null(strstr(err.text, "memory is bound"));
        guest_kit_allow(&kit.guests, g, "0-7"); /* its owner wants both */
        assert_int_equal(vcpu_check(&kit.guests.sample, &kit.plan, &err), 0);
        node_kit_close(&kit);
    }
}

static void an_owners_pins_are_stronger_than_bound_memory(void **state)
{
    struct node_kit kit;

    (void)state;
    node_kit_open(&kit, PIN_LLC, "0-15");
    guest_kit_allow(&kit.guests, 0, "0-3");
    guest_kit_allow(&kit.guests, 1, "6-9");
    node_kit_bind(&kit, 0, 1);
    node_kit_bind(&kit, 1, 1);
    node_kit_mark(&kit);
    assert_set(&kit.guests.vcpus[0].allowed, "0-3");
    assert_set(&kit.guests.vcpus[1].allowed, "8-9");
    node_kit_close(&kit);
}

/* Who was moved off the nodes of his memory comes back, and the reason says so. */
static void a_vcpu_goes_back_to_bound_memory(void **state)
{
    struct node_kit kit;

    (void)state;
    node_kit_open(&kit, PIN_PCPU, "0-15");
    guest_kit_pin(&kit.guests, 0, "2");
    for (size_t g = 1; g < NODE_KIT_GUESTS; g++) {
        char pcpu[4];

        snprintf(pcpu, sizeof(pcpu), "%zu", 8 + g);
        guest_kit_pin(&kit.guests, g, pcpu);
    }
    node_kit_bind(&kit, 0, 1);
    node_kit_mark(&kit);
    vcpu_sample_sort(&kit.guests.sample);
    node_kit_plan(&kit);
    assert_true(node_kit_is_on(&kit, 0, 1));
    assert_int_equal(kit.plan.n_pins, 1);
    assert_non_null(strstr(kit.plan.pins[0].reason, "memory is bound to other nodes"));
    node_kit_close(&kit);
}

static void a_guest_goes_back_to_bound_memory(void **state)
{
    static const enum pin_level levels[] = {PIN_LLC, PIN_NODE};

    (void)state;
    for (size_t k = 0; k < sizeof(levels) / sizeof(levels[0]); k++) {
        struct node_kit kit;

        node_kit_open(&kit, levels[k], "8-15");
        guest_kit_pin(&kit.guests, 0, "0-3");
        node_kit_bind(&kit, 0, 1);
        node_kit_mark(&kit);
        vcpu_sample_sort(&kit.guests.sample);
        node_kit_plan(&kit);
        assert_true(node_kit_is_on(&kit, 0, 1));
        assert_non_null(strstr(kit.plan.pins[0].reason, "g0's memory is bound to other nodes"));
        node_kit_close(&kit);
    }
}

static void what_if_has_the_nodes_to_itself(void **state)
{
    struct vcpu_what_if what_if = {0};
    struct vcpu_sample other;
    struct vcpu_planner *copy;
    struct node_kit kit;

    (void)state;
    node_kit_open(&kit, PIN_NODE, "0-15");
    node_kit_know(&kit, 0, 1);
    node_kit_plan(&kit);
    copy = vcpu_planner_copy(kit.planner);
    assert_non_null(copy);
    assert_int_equal(vcpu_planner_suppose(copy, &what_if, &kit.guests.sample, &other), 0);
    assert_int_equal(other.n_nodes, 2);
    assert_true(other.node_ids != kit.guests.sample.node_ids);
    assert_memory_equal(other.distances, kit.guests.sample.distances, 4 * sizeof(unsigned));
    vcpu_sample_done(&other);
    vcpu_planner_free(copy);
    node_kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_costs_by_share_and_distance),
        cmocka_unit_test(a_point_costs_more_where_it_is_full),
        cmocka_unit_test(bound_memory_is_not_left_at_any_level),
        cmocka_unit_test(the_checker_sees_who_leaves_bound_memory),
        cmocka_unit_test(an_owners_pins_are_stronger_than_bound_memory),
        cmocka_unit_test(a_vcpu_goes_back_to_bound_memory),
        cmocka_unit_test(a_guest_goes_back_to_bound_memory),
        cmocka_unit_test(what_if_has_the_nodes_to_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
