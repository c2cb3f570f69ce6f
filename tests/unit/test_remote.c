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
#include "tests/unit/guest_fixture.h"
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
    assert_int_equal(set_memory_slope(8, 0.7, &slope), 0);
    assert_true(fabs(slope - 0.027) < 0.005);
    assert_int_equal(set_memory_slope(16, 0.9, &slope), 0);
    assert_true(fabs(slope - 0.147) < 0.02);
    assert_int_equal(set_memory_slope(16, 0.1, &slope), 0);
    assert_true(slope == 0.005);
}

/* Eight busy guests on two nodes, all of whose memory is on node 0 or 1 in turn, or unknown. */
enum { N = 8 };
static const struct regular shape = {.nodes = 2, .caches = 2, .cores = 4, .threads = 1};
struct bench {
    struct guest_kit kit;
    struct guest_reading guests[N];
    struct vcpu_planner *planner;
    struct vcpu_plan plan;
};

static void open_bench(struct bench *bench, enum pin_level level, const char *affinity)
{
    struct vcpu_settings settings;

    memset(bench, 0, sizeof(*bench));
    guest_kit_all(&bench->kit, 16, N, affinity);
    for (size_t g = 0; g < N; g++) {
        bench->kit.load_permille[g] = 500;
        bench->guests[g].guest = bench->kit.vcpus[g].guest;
        bench->guests[g].run = 1;
    }
    bench->kit.sample.guests = bench->guests;
    bench->kit.sample.n_guests = N;
    vcpu_settings_default(&settings);
    settings.level = level;
    bench->planner = guest_kit_planner(&settings);
    give_shape(&bench->kit.sample, &shape);
}

static void know(struct bench *bench, size_t g, int node)
{
    bench->guests[g].memory = (struct guest_memory){.is_known = true, .n = 1};
    bench->guests[g].memory.at[0].node = node;
    bench->guests[g].memory.at[0].permille = 1000;
}

static void bind(struct bench *bench, size_t g, int node)
{
    bench->guests[g].memory.is_bound = true;
    cpuset_add(&bench->guests[g].memory.bound, (unsigned)node);
}

static void mark_again(struct bench *bench)
{
    give_shape(&bench->kit.sample, &shape);
}

static void make_plan(struct bench *bench)
{
    guest_kit_plan(&bench->kit, bench->planner, &bench->plan);
    vcpu_plan_done(&bench->plan);
    guest_kit_pass(&bench->kit, 2);
    guest_kit_plan(&bench->kit, bench->planner, &bench->plan);
    assert_int_equal(bench->plan.verdict, VERDICT_APPLY);
}

static void close_bench(struct bench *bench)
{
    vcpu_plan_done(&bench->plan);
    vcpu_planner_free(bench->planner);
}

static bool is_on_node(const struct bench *bench, size_t g, int node)
{
    struct cpuset of_node = {{0}};

    for (unsigned p = 8 * (unsigned)node; p < 8 * (unsigned)node + 8; p++)
        cpuset_add(&of_node, p);
    for (size_t k = 0; k < bench->plan.n_pins; k++)
        if (guest_compare(&bench->plan.pins[k].guest, &bench->guests[g].guest) == 0)
            return cpuset_is_subset(&bench->plan.pins[k].to, &of_node);
    return false;
}

static void bound_memory_is_not_left_at_any_level(void **state)
{
    static const enum pin_level levels[] = {PIN_PCPU, PIN_CORE, PIN_LLC, PIN_NODE};

    (void)state;
    for (size_t k = 0; k < sizeof(levels) / sizeof(levels[0]); k++) {
        struct bench bench;
        struct err err = {0};

        /* Six of eight have to share node 1. */
        open_bench(&bench, levels[k], "0-15");
        for (size_t g = 0; g < 6; g++)
            bind(&bench, g, 1);
        mark_again(&bench);
        make_plan(&bench);
        for (size_t g = 0; g < 6; g++)
            if (!is_on_node(&bench, g, 1))
                fail_msg("level %s: g%zu left", pin_level_text(levels[k]), g);
        assert_int_equal(vcpu_check(&bench.kit.sample, &bench.plan, &err), 0);
        close_bench(&bench);
    }
}

/* Plans are made as if nothing was bound; the checker knows better. */
static void the_checker_sees_who_leaves_bound_memory(void **state)
{
    static const enum pin_level levels[] = {PIN_PCPU, PIN_CORE, PIN_LLC, PIN_NODE};

    (void)state;
    for (size_t k = 0; k < sizeof(levels) / sizeof(levels[0]); k++) {
        struct bench bench;
        struct err err = {0};
        size_t g = 0;

        open_bench(&bench, levels[k], "0-15");
        make_plan(&bench);
        while (!is_on_node(&bench, g, 0))
            g++;
        assert_int_equal(vcpu_check(&bench.kit.sample, &bench.plan, &err), 0);
        bind(&bench, g, 1);
        assert_int_not_equal(vcpu_check(&bench.kit.sample, &bench.plan, &err), 0);
        assert_non_null(strstr(err.text, "memory is bound"));
        guest_kit_allow(&bench.kit, g, "0-7"); /* its owner wants both */
        assert_int_equal(vcpu_check(&bench.kit.sample, &bench.plan, &err), 0);
        close_bench(&bench);
    }
}

static void an_owners_pins_are_stronger_than_bound_memory(void **state)
{
    struct bench bench;

    (void)state;
    open_bench(&bench, PIN_LLC, "0-15");
    guest_kit_allow(&bench.kit, 0, "0-3");
    guest_kit_allow(&bench.kit, 1, "6-9");
    bind(&bench, 0, 1);
    bind(&bench, 1, 1);
    mark_again(&bench);
    assert_set(&bench.kit.vcpus[0].allowed, "0-3");
    assert_set(&bench.kit.vcpus[1].allowed, "8-9");
    close_bench(&bench);
}

/* Who was moved off the nodes of his memory comes back, and the reason says so. */
static void a_vcpu_goes_back_to_bound_memory(void **state)
{
    struct bench bench;

    (void)state;
    open_bench(&bench, PIN_PCPU, "0-15");
    guest_kit_pin(&bench.kit, 0, "2");
    for (size_t g = 1; g < N; g++) {
        char pcpu[4];

        snprintf(pcpu, sizeof(pcpu), "%zu", 8 + g);
        guest_kit_pin(&bench.kit, g, pcpu);
    }
    bind(&bench, 0, 1);
    mark_again(&bench);
    vcpu_sample_sort(&bench.kit.sample);
    make_plan(&bench);
    assert_true(is_on_node(&bench, 0, 1));
    assert_int_equal(bench.plan.n_pins, 1);
    assert_non_null(strstr(bench.plan.pins[0].reason, "memory is bound to other nodes"));
    close_bench(&bench);
}

static void a_guest_goes_back_to_bound_memory(void **state)
{
    static const enum pin_level levels[] = {PIN_LLC, PIN_NODE};

    (void)state;
    for (size_t k = 0; k < sizeof(levels) / sizeof(levels[0]); k++) {
        struct bench bench;

        open_bench(&bench, levels[k], "8-15");
        guest_kit_pin(&bench.kit, 0, "0-3");
        bind(&bench, 0, 1);
        mark_again(&bench);
        vcpu_sample_sort(&bench.kit.sample);
        make_plan(&bench);
        assert_true(is_on_node(&bench, 0, 1));
        assert_non_null(strstr(bench.plan.pins[0].reason, "g0's memory is bound to other nodes"));
        close_bench(&bench);
    }
}

static void lie_about_loss(struct bench *bench)
{
    bench->plan.memory.after += 0.01;
}

static void lie_about_before(struct bench *bench)
{
    bench->plan.memory.now = NAN;
}

static void lie_about_knowing(struct bench *bench)
{
    bench->plan.memory.n_unknown--;
}

static void lie_about_guests(struct bench *bench)
{
    bench->plan.memory.n_guests++;
}

static void shares_in_a_plan_are_checked(void **state)
{
    static void (*const lies[])(struct bench *) = {lie_about_loss, lie_about_before,
                                                   lie_about_knowing, lie_about_guests};

    (void)state;
    for (size_t k = 0; k < sizeof(lies) / sizeof(lies[0]); k++) {
        struct bench bench;
        struct err err = {0};

        open_bench(&bench, PIN_NODE, "0-15");
        for (size_t g = 0; g < 6; g++)
            know(&bench, g, 1);
        make_plan(&bench);
        assert_int_equal(bench.plan.memory.n_guests, 8);
        assert_int_equal(bench.plan.memory.n_unknown, 2);
        /* Each floats over both nodes: half of 15 %, of six of eight. */
        assert_true(fabs(bench.plan.memory.now - 0.75 * 0.075) < 1e-6);
        assert_int_equal(vcpu_check(&bench.kit.sample, &bench.plan, &err), 0);
        lies[k](&bench);
        assert_int_not_equal(vcpu_check(&bench.kit.sample, &bench.plan, &err), 0);
        close_bench(&bench);
    }
}

/* Where it costs nothing else, each goes to its memory, and the reason names the share. */
static void first_pins_follow_memory(void **state)
{
    struct bench bench;

    (void)state;
    open_bench(&bench, PIN_NODE, "0-15");
    for (size_t g = 0; g < N; g++)
        know(&bench, g, g % 2);
    make_plan(&bench);
    for (size_t g = 0; g < N; g++)
        assert_true(is_on_node(&bench, g, (int)g % 2));
    assert_true(bench.plan.memory.after == 0);
    assert_non_null(strstr(bench.plan.pins[1].reason, "100 % of g1's memory is on node 1"));
    close_bench(&bench);
}

/* Pinned on node 0, with half of the guests, and 82 % of its memory on node 1. */
static void go_home(bool price_memory, struct bench *bench)
{
    struct vcpu_settings settings;

    open_bench(bench, PIN_NODE, "0-15");
    vcpu_planner_free(bench->planner);
    vcpu_settings_default(&settings);
    settings.level = PIN_NODE;
    settings.price_memory = price_memory;
    settings.keep_masks = false;
    bench->planner = guest_kit_planner(&settings);
    for (size_t g = 0; g < N; g++) {
        guest_kit_pin(&bench->kit, g, g < 4 ? "0-7" : "8-15");
        know(bench, g, g >= 4);
        bench->kit.load_permille[g] = g == 0 ? 600 : g < 4 ? 400 : 350;
    }
    bench->guests[0].memory.n = 2;
    bench->guests[0].memory.at[0].permille = 180;
    bench->guests[0].memory.at[1].node = 1;
    bench->guests[0].memory.at[1].permille = 820;
    vcpu_sample_sort(&bench->kit.sample);
    for (size_t k = 0; k < 4 && bench->plan.n_pins == 0; k++) {
        vcpu_plan_done(&bench->plan);
        guest_kit_pass(&bench->kit, 2);
        guest_kit_plan(&bench->kit, bench->planner, &bench->plan);
    }
}

static void a_guest_goes_home_and_the_reason_names_the_share(void **state)
{
    struct bench bench;

    (void)state;
    go_home(true, &bench);
    assert_int_equal(bench.plan.n_pins, 1);
    assert_true(is_on_node(&bench, 0, 1));
    assert_non_null(strstr(bench.plan.pins[0].reason, "82 % of g0's memory is on node 1"));
    close_bench(&bench);
    go_home(false, &bench);
    assert_int_equal(bench.plan.n_pins, 0);
    close_bench(&bench);
}

static void what_if_has_the_nodes_to_itself(void **state)
{
    struct vcpu_what_if what_if = {0};
    struct vcpu_sample other;
    struct vcpu_planner *copy;
    struct bench bench;

    (void)state;
    open_bench(&bench, PIN_NODE, "0-15");
    know(&bench, 0, 1);
    make_plan(&bench);
    copy = vcpu_planner_copy(bench.planner);
    assert_non_null(copy);
    assert_int_equal(vcpu_planner_suppose(copy, &what_if, &bench.kit.sample, &other), 0);
    assert_int_equal(other.n_nodes, 2);
    assert_true(other.node_ids != bench.kit.sample.node_ids);
    assert_memory_equal(other.distances, bench.kit.sample.distances, 4 * sizeof(unsigned));
    vcpu_sample_done(&other);
    vcpu_planner_free(copy);
    close_bench(&bench);
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
        cmocka_unit_test(shares_in_a_plan_are_checked),
        cmocka_unit_test(first_pins_follow_memory),
        cmocka_unit_test(a_guest_goes_home_and_the_reason_names_the_share),
        cmocka_unit_test(what_if_has_the_nodes_to_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
