/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places above level pcpu: which sets there are, and what the checker does not let pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/topology/seen.h"
#include "planner/vcpu/check.h"
#include "planner/vcpu/decide.h"
#include "planner/vcpu/plan_waiting.h"
#include "planner/vcpu/sets.h"
#include "tests/unit/cpuset_fixture.h"
#include "tests/unit/guest_fixture.h"
#include "tests/unit/topology_fixture.h"

static const struct regular SHAPE = {.nodes = 2, .caches = 2, .cores = 4, .threads = 1};

/* Guests of one vCPU that want this much each, seen for some intervals. */
static void begin(struct guest_kit *kit, size_t n_guests, int load_permille)
{
    guest_kit_all(kit, 16, n_guests, "0-15");
    for (size_t i = 0; i < n_guests; i++)
        kit->load_permille[i] = load_permille;
    give_shape(&kit->sample, &SHAPE);
}

static void a_sample_holds_the_tree(void **state)
{
    struct topology before = regular_topology(&SHAPE), after;
    struct guest_kit kit;

    (void)state;
    begin(&kit, 1, 0);
    assert_int_equal(topology_seen(&kit.sample, &after), 0);
    assert_sets(after.llcs, after.n_llcs, "0-3|4-7|8-11|12-15");
    assert_int_equal(after.n_nodes, 2);
    assert_set(&after.nodes[1].pcpus, "8-15");
    assert_memory_equal(&before.places[9], &after.places[9], sizeof(before.places[9]));
    assert_true(after.llcs_from != TOPOLOGY_FROM_NODE);
    topology_done(&before);
    topology_done(&after);
}

static void a_pcpu_that_the_tree_lacks_leaves_no_shape(void **state)
{
    struct topology topology = regular_topology(&SHAPE);
    struct guest_kit kit;

    (void)state;
    guest_kit_all(&kit, 16, 1, "0-15");
    kit.pcpus[15].id = 40;
    assert_false(topology_mark(&topology, &kit.sample));
    assert_false(kit.sample.has_shape);
    topology_done(&topology);
}

static void sets_of_a_level_and_nodes_behind_them(void **state)
{
    struct vcpu_sets sets;
    struct guest_kit kit;
    struct cpuset mask;

    (void)state;
    begin(&kit, 1, 0);
    kit.pcpus[3].use = PCPU_ISOLATED;
    assert_int_equal(vcpu_sets_new(&kit.sample, TOPOLOGY_LEVEL_LLC, &sets), 0);
    assert_int_equal(sets.n, 4);
    assert_int_equal(sets.n_all, 6);
    assert_set(&sets.set[0].pcpus, "0-2");
    assert_true(plan_set_worth(&sets.set[0]) == 3);
    assert_set(&sets.set[5].pcpus, "8-15");
    assert_int_equal(sets.of_pcpu[3], -1);
    assert_int_equal(sets.of_pcpu[4], 1);

    mask = cpuset_of("1-3"); /* what guests may not use does not count */
    assert_int_equal(vcpu_sets_holding(&sets, &mask), 0);
    mask = cpuset_of("1-4");
    assert_int_equal(vcpu_sets_holding(&sets, &mask), 4);
    mask = cpuset_of("1,9");
    assert_int_equal(vcpu_sets_holding(&sets, &mask), -1);
    mask = cpuset_of("3");
    assert_int_equal(vcpu_sets_holding(&sets, &mask), -1);
    vcpu_sets_done(&sets);
}

/* A plan that pins guests, and the planner that made it. */
static struct vcpu_planner *plan_first(struct guest_kit *kit, enum pin_level level,
                                       struct vcpu_plan *ret)
{
    struct vcpu_planner *planner = guest_kit_planner_at(level);

    begin(kit, 8, 500);
    guest_kit_plan(kit, planner, ret);
    assert_int_equal(ret->verdict, VERDICT_HOLD_OBSERVING);
    vcpu_plan_done(ret);
    guest_kit_pass(kit, 2);
    guest_kit_plan(kit, planner, ret);
    assert_int_equal(ret->verdict, VERDICT_APPLY);
    return planner;
}

static void guests_are_spread_over_the_sets(void **state)
{
    static const struct {
        enum pin_level level;
        size_t n_bins, guests_in_each, pcpus_in_each;
    } rows[] = {{PIN_LLC, 4, 2, 4}, {PIN_NODE, 2, 4, 8}};

    (void)state;
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        struct guest_kit kit;
        struct vcpu_plan plan;
        struct vcpu_planner *planner = plan_first(&kit, rows[r].level, &plan);

        assert_int_equal(plan.n_bins, rows[r].n_bins);
        assert_int_equal(plan.n_pins, 8);
        for (size_t s = 0; s < plan.n_bins; s++) {
            size_t n = 0;

            for (size_t i = 0; i < plan.n_places; i++)
                n += plan.places[i].to_place == (int)s;
            assert_int_equal(n, rows[r].guests_in_each);
        }
        for (size_t k = 0; k < plan.n_pins; k++)
            assert_int_equal(cpuset_count(&plan.pins[k].to), rows[r].pcpus_in_each);
        vcpu_plan_done(&plan);
        vcpu_planner_free(planner);
    }
}

static void a_host_without_a_shape_has_no_such_level(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner_at(PIN_LLC);
    struct guest_kit kit;
    struct vcpu_plan plan;

    (void)state;
    begin(&kit, 8, 500);
    kit.sample.has_shape = false;
    guest_kit_plan(&kit, planner, &plan);
    vcpu_plan_done(&plan);
    guest_kit_pass(&kit, 2);
    guest_kit_plan(&kit, planner, &plan);
    assert_int_equal(plan.verdict, VERDICT_HOLD_INFEASIBLE);
    assert_non_null(strstr(plan.note, "shape is not known"));
    assert_int_equal(plan.n_pins, 0);
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

/* ---- the checker ---- */

/* Seven guests on three caches, and an eighth that has just come and gets the fourth one. It is nearly even
 * then, and would be more so if a small guest joined it. */
static struct vcpu_plan plan_with_newcomer(bool keeps_settled)
{
    static const struct {
        const char *cache;
        int load_permille;
    } guests[] = {{"0-3", 332},  {"0-3", 333},  {"4-7", 332},  {"4-7", 333},
                  {"8-11", 333}, {"8-11", 332}, {"8-11", 110}, {"0-15", 555}};
    struct vcpu_planner *planner;
    struct vcpu_settings settings;
    struct guest_kit kit;
    struct vcpu_plan plan = {0};

    vcpu_settings_default(&settings);
    settings.level = PIN_LLC;
    settings.keep_settled = keeps_settled;
    settings.penalty_points = 0.2;
    settings.confirm_s = 0;
    planner = guest_kit_planner(&settings);
    begin(&kit, 8, 500);
    for (size_t i = 0; i < 8; i++) {
        guest_kit_pin(&kit, i, guests[i].cache);
        kit.vcpus[i].is_ours = i < 7;
        kit.load_permille[i] = guests[i].load_permille;
    }
    for (int i = 0; i < 3; i++) {
        vcpu_plan_done(&plan);
        guest_kit_pass(&kit, 10);
        guest_kit_plan(&kit, planner, &plan);
        if (plan.verdict == VERDICT_APPLY)
            break;
    }
    vcpu_planner_free(planner);
    return plan;
}

/* That nothing is better among plans that leave who has a set says nothing about all others. */
static void what_is_best_for_newcomers_alone_is_not_told_as_the_best(void **state)
{
    struct vcpu_plan kept = plan_with_newcomer(true), free = plan_with_newcomer(false);

    (void)state;
    assert_int_equal(kept.verdict, VERDICT_APPLY);
    assert_int_equal(kept.n_pins, 1);
    assert_int_equal(free.status, SOLVE_OPTIMAL);
    assert_true(free.objective < kept.objective);
    assert_int_equal(kept.status, SOLVE_FEASIBLE);
    assert_true(kept.bound <= free.objective);
    assert_true(kept.gap > 0);
    vcpu_plan_done(&kept);
    vcpu_plan_done(&free);
}

/* It would fit into a cache by what it wants now. */
static void who_has_outgrown_a_cache_stays_on_its_node(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner_at(PIN_LLC);
    struct guest_reading wholes[2] = {{.run = 1}, {.run = 1}};
    struct vcpu_plan plan;
    struct guest_kit kit;

    (void)state;
    begin(&kit, 2, 400);
    guest_kit_pin(&kit, 0, "0-7");
    guest_kit_pin(&kit, 1, "8-11");
    kit.sample.guests = wholes;
    kit.sample.n_guests = 2;
    for (size_t g = 0; g < 2; g++) {
        wholes[g].guest = kit.vcpus[g].guest;
        kit.vcpus[g].is_ours = true;
    }
    for (int i = 0; i < 4; i++) {
        guest_kit_pass(&kit, 2);
        guest_kit_plan(&kit, planner, &plan);
        if (i > 0)
            assert_int_equal(vcpu_plan_changes(&plan, 0), i == 3);
        planner->tracks.guests.track[0].wide.until_ns = i < 2 ? UINT64_MAX : 0;
        vcpu_plan_done(&plan);
    }
    vcpu_planner_free(planner);
}

static void set_overlaps(struct guest_kit *kit, struct vcpu_plan *plan)
{
    (void)kit;
    plan->sets[4] = plan->sets[0];
    plan->n_bins = 5;
}

static void set_is_of_two_caches(struct guest_kit *kit, struct vcpu_plan *plan)
{
    (void)kit;
    cpuset_or(&plan->sets[0].pcpus, &plan->sets[1].pcpus);
    plan->sets[1].pcpus = plan->sets[2].pcpus;
    plan->sets[2].pcpus = plan->sets[3].pcpus;
    plan->n_bins = 3;
}

static void set_has_what_is_kept(struct guest_kit *kit, struct vcpu_plan *plan)
{
    (void)plan;
    kit->pcpus[0].use = PCPU_RESERVED;
}

static void pin_leaves_its_set(struct guest_kit *kit, struct vcpu_plan *plan)
{
    (void)kit;
    cpuset_or(&plan->pins[0].to, &plan->sets[plan->pins[0].to_place == 0].pcpus);
}

static void pin_is_forbidden(struct guest_kit *kit, struct vcpu_plan *plan)
{
    guest_kit_allow(kit, 0, plan->pins[0].to_place == 0 ? "4-15" : "0-3");
}

static void pin_is_missing(struct guest_kit *kit, struct vcpu_plan *plan)
{
    (void)kit;
    plan->n_pins--;
}

static void load_is_wrong(struct guest_kit *kit, struct vcpu_plan *plan)
{
    (void)kit;
    plan->pcpus[0].after_permille += 1;
}

static void gate_is_passed_by(struct guest_kit *kit, struct vcpu_plan *plan)
{
    (void)kit;
    plan->gate.is_on = true;
    plan->gate.most = -1;
}

/* Sets are worth what the sample's cores are, whatever the plan makes of them. */
static void waiting_is_of_other_cores(struct guest_kit *kit, struct vcpu_plan *plan)
{
    (void)kit;
    plan->gate.is_on = true;
    plan->gate.most = 1;
    for (size_t s = 0; s < plan->n_sets; s++)
        plan->sets[s].cores = 1;
    assert_int_equal(plan_waiting_placed(plan, true, &plan->waiting.after), 0);
}

static void the_checker_refuses_what_is_wrong(void **state)
{
    static const struct {
        void (*spoil)(struct guest_kit *kit, struct vcpu_plan *plan);
        const char *says;
    } rows[] = {
        {set_overlaps, "overlap"},
        {set_is_of_two_caches, "wrongly put together"},
        {set_has_what_is_kept, "reserved"},
        {pin_leaves_its_set, "not its set's"},
        {pin_is_forbidden, "its definition forbids"},
        {pin_is_missing, "without its pin"},
        {load_is_wrong, "the plan says"},
        {gate_is_passed_by, "more are allowed"},
        {waiting_is_of_other_cores, "the plan says"},
    };

    (void)state;
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        struct guest_kit kit;
        struct vcpu_plan plan;
        struct err err = {0};
        struct vcpu_planner *planner = plan_first(&kit, PIN_LLC, &plan);

        assert_int_equal(vcpu_check(&kit.sample, &plan, &err), 0);
        rows[r].spoil(&kit, &plan);
        if (vcpu_check(&kit.sample, &plan, &err) == 0 || !strstr(err.text, rows[r].says))
            fail_msg("row %zu: '%s' instead of '%s'", r, err.text, rows[r].says);
        vcpu_plan_done(&plan);
        vcpu_planner_free(planner);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_holds_the_tree),
        cmocka_unit_test(a_pcpu_that_the_tree_lacks_leaves_no_shape),
        cmocka_unit_test(sets_of_a_level_and_nodes_behind_them),
        cmocka_unit_test(guests_are_spread_over_the_sets),
        cmocka_unit_test(a_host_without_a_shape_has_no_such_level),
        cmocka_unit_test(who_has_outgrown_a_cache_stays_on_its_node),
        cmocka_unit_test(what_is_best_for_newcomers_alone_is_not_told_as_the_best),
        cmocka_unit_test(the_checker_refuses_what_is_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
