/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads of guests that are no vCPUs: what they want counts where their guest is, and they follow it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/vcpu/check.h"
#include "planner/vcpu/decide.h"
#include "planner/vcpu/helpers.h"
#include "tests/unit/cpuset_fixture.h"
#include "tests/unit/guest_fixture.h"
#include "tests/unit/topology_fixture.h"

static const struct regular SHAPE = {.nodes = 2, .caches = 2, .cores = 4, .threads = 1};

/* Guests of one vCPU, each with an emulator and an I/O thread that float. */
struct helper_kit {
    struct guest_kit guests;
    struct guest_reading wholes[16];
    struct helper_reading helpers[32];
    double helpers_pct[16];
};

static void begin(struct helper_kit *kit, size_t n, const char *affinity)
{
    memset(kit, 0, sizeof(*kit));
    guest_kit_all(&kit->guests, 16, n, affinity);
    give_shape(&kit->guests.sample, &SHAPE);
    kit->guests.sample.guests = kit->wholes;
    kit->guests.sample.n_guests = n;
    kit->guests.sample.helpers = kit->helpers;
    kit->guests.sample.n_helpers = 2 * n;
    for (size_t g = 0; g < n; g++) {
        kit->wholes[g].guest = kit->guests.vcpus[g].guest;
        kit->wholes[g].has_helpers = true;
        for (unsigned t = 0; t < 2; t++) {
            kit->helpers[2 * g + t].guest = kit->wholes[g].guest;
            kit->helpers[2 * g + t].iothread = t;
            kit->helpers[2 * g + t].allowed = cpuset_of("0-15");
            kit->helpers[2 * g + t].affinity = kit->helpers[2 * g + t].allowed;
        }
    }
}

/* Two guests that we have put on the first cache. */
static void begin_pinned(struct helper_kit *kit)
{
    begin(kit, 2, "0-3");
    for (size_t g = 0; g < 2; g++)
        kit->guests.vcpus[g].is_ours = true;
}

static void pass(struct helper_kit *kit, double seconds)
{
    guest_kit_pass(&kit->guests, seconds);
    for (size_t g = 0; g < kit->guests.sample.n_guests; g++)
        kit->wholes[g].helpers_ns += (uint64_t)(1e7 * kit->helpers_pct[g] * seconds);
}

static struct vcpu_plan plan_after(struct helper_kit *kit, struct vcpu_planner *planner, int times)
{
    struct vcpu_plan plan = {0};

    for (int i = 0; i < times; i++) {
        pass(kit, 2);
        vcpu_plan_done(&plan);
        guest_kit_plan(&kit->guests, planner, &plan);
    }
    return plan;
}

/* The plan's pin of a guest's thread, or NULL. */
static const struct helper_pin *pin_of(const struct vcpu_plan *plan, const struct helper_kit *kit,
                                       size_t helper)
{
    for (size_t k = 0; k < plan->n_helper_pins; k++)
        if (guest_compare(&plan->helper_pins[k].guest, &kit->helpers[helper].guest) == 0 &&
            plan->helper_pins[k].iothread == kit->helpers[helper].iothread)
            return &plan->helper_pins[k];
    return NULL;
}

static void they_follow_their_guest_to_its_node(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner_at(PIN_LLC);
    struct helper_kit kit;
    struct vcpu_plan plan;

    (void)state;
    begin(&kit, 4, "0-15");
    for (size_t g = 0; g < 4; g++) {
        static const char *const caches[] = {"0-3", "4-7", "8-11", "12-15"};

        guest_kit_pin(&kit.guests, g, caches[g]);
        kit.guests.vcpus[g].is_ours = true;
        kit.guests.load_permille[g] = 500;
    }
    kit.guests.pcpus[9].use = PCPU_ISOLATED;
    plan = plan_after(&kit, planner, 3);
    assert_int_equal(plan.verdict, VERDICT_APPLY);
    assert_int_equal(plan.n_helper_pins, 8);
    for (size_t h = 0; h < 8; h++)
        assert_set(&plan.helper_pins[h].to, h < 4 ? "0-7" : "8,10-15"); /* no isolated ones */
    assert_non_null(strstr(plan.helper_pins[0].reason, "its emulator follows"));
    assert_non_null(strstr(plan.helper_pins[1].reason, "its I/O thread 1 follows"));
    assert_int_equal(vcpu_check(&kit.guests.sample, &plan, NULL), 0);
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

static void who_decided_otherwise_is_left_alone(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner_at(PIN_LLC);
    struct helper_kit kit;
    struct vcpu_plan plan;

    (void)state;
    begin(&kit, 4, "0-3");
    for (size_t g = 0; g < 4; g++) {
        kit.guests.vcpus[g].is_ours = true;
        kit.guests.load_permille[g] = 200;
    }
    kit.helpers[0].is_owners = true;               /* its definition */
    kit.helpers[2].affinity = cpuset_of("8-15");   /* somebody since */
    kit.helpers[4].allowed = cpuset_of("8-15");    /* no pCPU is left of its node */
    kit.guests.vcpus[3].has_strange_limits = true; /* paused */
    kit.helpers[4].affinity = kit.helpers[4].allowed;
    plan = plan_after(&kit, planner, 3);
    for (size_t h = 0; h < 8; h++)
        assert_int_equal(pin_of(&plan, &kit, h) != NULL, h == 1 || h == 3 || h == 5);
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

static void without_a_node_ours_are_set_free_and_others_stay(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner_at(PIN_AUTO);
    struct helper_kit kit;
    struct vcpu_plan plan;

    (void)state;
    begin(&kit, 2, "0-15"); /* few guests float, as the gate has it or not: here nobody is busy */
    for (size_t h = 0; h < 4; h++) {
        kit.helpers[h].affinity = cpuset_of("0-7");
        kit.helpers[h].is_ours = h < 2;
    }
    plan = plan_after(&kit, planner, 3);
    assert_int_equal(plan.n_helper_pins, 2);
    assert_int_equal(plan.helper_pins[0].to_node, -1);
    assert_set(&plan.helper_pins[0].to, "0-15");
    assert_non_null(strstr(plan.note, "I/O threads (2) of guests on no single node are set free"));
    assert_null(strstr(plan.note, "follow them"));
    assert_int_equal(vcpu_check(&kit.guests.sample, &plan, NULL), 0);
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

/* Guests that stay keep their whole masks, with pCPUs that were reserved since. Those that are offline run
 * nobody. The kit has the checker look at each plan. */
static void a_guest_whose_mask_spans_two_nodes_is_on_none(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner_at(PIN_LLC);
    struct helper_kit kit;
    struct vcpu_plan plan;

    (void)state;
    begin(&kit, 2, "4-11");
    guest_kit_pin(&kit.guests, 1, "4-7");
    for (size_t g = 0; g < 2; g++)
        kit.guests.vcpus[g].is_ours = true;
    for (unsigned p = 8; p < 16; p++)
        kit.guests.pcpus[p].use = PCPU_RESERVED;
    for (int without_offline = 0; without_offline < 2; without_offline++) {
        kit.guests.sample.n_pcpus = without_offline ? 8 : 16;
        plan = plan_after(&kit, planner, 3);
        assert_false(vcpu_plan_changes(&plan, 0));
        assert_int_equal(plan.n_helper_pins, without_offline ? 4 : 2);
        assert_non_null(pin_of(&plan, &kit, 2));
        vcpu_plan_done(&plan);
    }
    vcpu_planner_free(planner);
}

/* The first vCPU's limits are not known, and it does not run. */
static void a_guest_with_a_strange_vcpu_is_left_alone(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner_at(PIN_LLC);
    struct helper_kit kit;
    struct vcpu_plan plan;

    (void)state;
    begin_pinned(&kit);
    kit.guests.vcpus[1].guest = kit.guests.vcpus[0].guest;
    kit.guests.vcpus[1].vcpu = 1;
    kit.guests.sample.n_guests = 1;
    kit.guests.sample.n_helpers = 2;
    plan = plan_after(&kit, planner, 3);
    assert_int_equal(plan.n_helper_pins, 2);
    vcpu_plan_done(&plan);
    kit.guests.vcpus[0].has_strange_limits = true;
    kit.guests.vcpus[0].running = false;
    plan = plan_after(&kit, planner, 1);
    assert_int_equal(plan.n_helper_pins, 0);
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

/* Somebody else moves one guest again and again, or all. */
static void what_is_left_to_somebody_else_is_left_with_its_threads(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner_at(PIN_LLC);
    struct helper_kit kit;
    struct vcpu_plan plan;

    (void)state;
    begin_pinned(&kit);
    plan = plan_after(&kit, planner, 3);
    assert_int_equal(plan.n_helper_pins, 4);
    vcpu_plan_done(&plan);
    planner->tracks.track[0].foreign.backoff.until_ns = UINT64_MAX;
    plan = plan_after(&kit, planner, 1);
    assert_int_equal(plan.n_helper_pins, 2);
    assert_null(pin_of(&plan, &kit, 0));
    assert_non_null(pin_of(&plan, &kit, 2));
    vcpu_plan_done(&plan);
    planner->tracks.duel.backoff.until_ns = UINT64_MAX;
    plan = plan_after(&kit, planner, 1);
    assert_int_equal(plan.n_helper_pins, 0);
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

/* One vCPU alone looks light; with its emulator the guest is as heavy as two others. */
static void what_they_want_counts_with_their_guest(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner_at(PIN_NODE);
    struct helper_kit kit;
    struct vcpu_plan plan;

    (void)state;
    begin(&kit, 3, "0-15");
    for (size_t g = 0; g < 3; g++)
        kit.guests.load_permille[g] = 400;
    kit.helpers_pct[0] = 60;
    plan = plan_after(&kit, planner, 6);
    assert_int_equal(plan.n_helpers, 1);
    assert_int_equal(plan.helpers[0].vcpu, 0);
    assert_in_range(plan.helpers[0].demand_permille, 590, 610);
    assert_int_not_equal(plan.places[0].to_place, plan.places[1].to_place);
    assert_int_equal(plan.places[1].to_place, plan.places[2].to_place);
    assert_non_null(strstr(plan.note, "g0 keeps 0.6 pCPUs busy beside its vCPUs"));
    vcpu_plan_done(&plan);
    kit.helpers[1].is_owners = true; /* it stays where it is, and counts there */
    plan = plan_after(&kit, planner, 1);
    assert_int_equal(plan.n_helpers, 0);
    assert_null(strstr(plan.note, "beside its vCPUs"));
    assert_in_range(plan.pcpus[0].background_permille, 30, 40);
    assert_in_range(plan.pcpus[15].background_permille, 30, 40);
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

/* Where a sample has none, on one node and in recordings from before, they are background as ever. */
static void where_nothing_depends_on_them_they_are_background(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner_at(PIN_NODE);
    struct helper_kit kit;
    struct vcpu_plan plan;

    (void)state;
    begin(&kit, 3, "0-15");
    kit.guests.sample.n_helpers = 0;
    kit.helpers_pct[0] = 60;
    plan = plan_after(&kit, planner, 6);
    assert_int_equal(plan.n_helpers + plan.n_helper_pins, 0);
    assert_null(strstr(plan.note, "beside its vCPUs"));
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

static void a_pin_that_was_refused_is_not_asked_for_in_each_interval(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner_at(PIN_LLC);
    struct helper_kit kit;
    struct vcpu_plan plan;

    (void)state;
    begin_pinned(&kit);
    plan = plan_after(&kit, planner, 3);
    assert_int_equal(plan.n_helper_pins, 4);
    vcpu_planner_refused_helpers(planner, &kit.wholes[0].guest);
    vcpu_plan_done(&plan);
    plan = plan_after(&kit, planner, 1);
    assert_int_equal(plan.n_helper_pins, 2);
    assert_null(pin_of(&plan, &kit, 0));
    vcpu_plan_done(&plan);
    plan = plan_after(&kit, planner, 3);
    assert_int_equal(plan.n_helper_pins, 4);
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

static void spoil(struct vcpu_plan *plan, struct helper_kit *kit, int what)
{
    struct helper_pin *pin = &plan->helper_pins[0];

    switch (what) {
    case 0:
        pin->to = cpuset_of("0-8"); /* a pCPU of another node */
        break;
    case 1:
        pin->to = cpuset_of("8-15"); /* the node where its guest is not */
        pin->to_node = 1;
        break;
    case 2:
        memset(&pin->to, 0, sizeof(pin->to));
        break;
    case 3:
        pin->to_node = -1; /* never pinned by us */
        break;
    case 4:
        kit->helpers[0].is_owners = true;
        break;
    case 5:
        kit->guests.pcpus[5].use = PCPU_RESERVED;
        break;
    case 6:
        plan->helper_pins[1] = *pin;
        break;
    case 7:
        kit->guests.vcpus[0].has_strange_limits = true;
        break;
    case 8:
        plan->helpers[plan->n_helpers++] =
            (struct plan_helpers){.vcpu = 0, .demand_permille = 100}; /* counted twice */
        break;
    default:
        plan->n_helper_pins = 0; /* nothing to apply */
        break;
    }
}

static void the_checker_sees_each_fault(void **state)
{
    (void)state;
    for (int what = 0; what < 10; what++) {
        struct vcpu_planner *planner = guest_kit_planner_at(PIN_LLC);
        struct err err = {0};
        struct helper_kit kit;
        struct vcpu_plan plan;

        begin(&kit, 2, "0-3");
        kit.helpers_pct[0] = 20;
        for (size_t g = 0; g < 2; g++)
            kit.guests.vcpus[g].is_ours = true;
        plan = plan_after(&kit, planner, 3);
        assert_int_equal(plan.n_helper_pins, 4);
        assert_int_equal(vcpu_check(&kit.guests.sample, &plan, NULL), 0);
        spoil(&plan, &kit, what);
        if (vcpu_check(&kit.guests.sample, &plan, &err) != -EINVAL)
            fail_msg("fault %d is not seen", what);
        vcpu_plan_done(&plan);
        vcpu_planner_free(planner);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_follow_their_guest_to_its_node),
        cmocka_unit_test(who_decided_otherwise_is_left_alone),
        cmocka_unit_test(without_a_node_ours_are_set_free_and_others_stay),
        cmocka_unit_test(a_guest_whose_mask_spans_two_nodes_is_on_none),
        cmocka_unit_test(a_guest_with_a_strange_vcpu_is_left_alone),
        cmocka_unit_test(what_is_left_to_somebody_else_is_left_with_its_threads),
        cmocka_unit_test(what_they_want_counts_with_their_guest),
        cmocka_unit_test(where_nothing_depends_on_them_they_are_background),
        cmocka_unit_test(a_pin_that_was_refused_is_not_asked_for_in_each_interval),
        cmocka_unit_test(the_checker_sees_each_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
