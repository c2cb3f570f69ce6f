/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Capacity that a definition reserves for a vCPU: it counts as wanted. */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/report/order.h"
#include "agent/report/report_reserves.h"
#include "planner/vcpu/check.h"
#include "planner/vcpu/harm.h"
#include "tests/unit/guest_fixture.h"

/* Four vCPUs want this, and for the first so much is reserved. */
static void make_kit(struct guest_kit *kit, const char *affinity, int load_permille,
                     unsigned reserve_permille)
{
    guest_kit_all(kit, 2, 4, affinity);
    for (size_t i = 0; i < 4; i++)
        kit->load_permille[i] = load_permille;
    kit->vcpus[0].reserve_permille = reserve_permille;
}

static void an_idle_float_is_pinned_for_its_reserve(void **state)
{
    (void)state;
    for (unsigned reserve = 0; reserve <= 500; reserve += 500) {
        struct vcpu_planner *planner = guest_kit_planner(NULL);
        struct guest_kit kit;

        make_kit(&kit, "0-1", 300, reserve);
        kit.load_permille[0] = 10;
        guest_kit_run(&kit, planner, 1.0, 4);
        assert_int_equal(guest_kit_pcpu(&kit, 0) >= 0, reserve > 0);
        vcpu_planner_free(planner);
    }
}

/* Without, one of 300 permille is beside it, or two. */
static void others_leave_what_is_reserved(void **state)
{
    (void)state;
    for (int uses = 0; uses < 2; uses++) {
        struct vcpu_settings settings;
        struct vcpu_planner *planner;
        struct guest_kit kit;
        size_t beside = 0;

        vcpu_settings_default(&settings);
        settings.use_reserves = uses;
        planner = guest_kit_planner(&settings);
        make_kit(&kit, "0", 300, 900);
        kit.load_permille[0] = 10;
        guest_kit_run(&kit, planner, 2.0, 6);
        for (size_t i = 1; i < 4; i++)
            beside += guest_kit_pcpu(&kit, i) == guest_kit_pcpu(&kit, 0);
        assert_int_equal(beside == 0, uses);
        vcpu_planner_free(planner);
    }
}

static void idle_ones_with_reserves_part(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;

    (void)state;
    guest_kit_all(&kit, 2, 2, "1");
    kit.vcpus[0].reserve_permille = kit.vcpus[1].reserve_permille = 700;
    guest_kit_run(&kit, planner, 2.0, 4);
    assert_int_not_equal(guest_kit_pcpu(&kit, 0), guest_kit_pcpu(&kit, 1));
    vcpu_planner_free(planner);
}

/* 1,100 permille on pCPU 1; one of them goes to where 50 are wanted. */
static void a_move_onto_reserved_capacity_is_harm(void **state)
{
    struct guest_kit kit;
    struct pcpu_load pcpus[2] = {{.id = 0, .cost = 1}, {.id = 1, .cost = 1}};
    struct vcpu_place places[3] = {
        {.vcpu = 0, .from_place = 0, .to_place = 0, .demand_permille = 50},
        {.vcpu = 1, .from_place = 1, .to_place = 1, .demand_permille = 600},
        {.vcpu = 2, .from_place = 1, .to_place = 0, .demand_permille = 500}};
    struct vcpu_plan plan = {.places = places, .n_places = 3, .pcpus = pcpus, .n_pcpus = 2};
    struct harm harm;
    char text[80];

    (void)state;
    guest_kit_all(&kit, 2, 3, "1");
    guest_kit_pin(&kit, 0, "0");
    vcpu_sample_sort(&kit.sample);
    assert_int_equal(harm_of(&kit.sample, &plan, &harm), 0);
    assert_false(harm_text(&harm, text, sizeof(text)));
    places[0].reserve_permille = 800;
    assert_int_equal(harm_of(&kit.sample, &plan, &harm), 0);
    assert_true(harm_text(&harm, text, sizeof(text)));
    assert_string_equal(text, "overload would grow from 9.0 to 29.0 %");
}

/* The plan has to say of each vCPU what its definition says, and report it. */
static void plans_tell_the_reserves_and_are_checked(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;
    struct vcpu_plan plan;
    struct err err = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct order_row *rows;
    json_t *json;

    (void)state;
    make_kit(&kit, "0", 300, 450);
    guest_kit_run(&kit, planner, 1.0, 1);
    guest_kit_pass(&kit, 1.0);
    guest_kit_plan(&kit, planner, &plan);
    assert_true(plan.counts_reserves);
    rows = order_places(&kit.sample, &plan);
    report_reserves(out, &kit.sample, &plan, rows);
    free(rows);
    fclose(out);
    assert_non_null(strstr(text, "reserve g0/0 45.0 % of a pCPU, 30.0 % wanted: kept on "));
    assert_null(strstr(text, "g1"));
    json = report_reserves_json(&kit.sample, &plan);
    assert_int_equal(json_array_size(json), 1);
    assert_true(json_number_value(json_object_get(json_array_get(json, 0), "reserve_pct")) == 45);
    json_decref(json);
    free(text);
    assert_int_equal(vcpu_check(&kit.sample, &plan, &err), 0);
    plan.places[0].reserve_permille = 0;
    assert_int_equal(vcpu_check(&kit.sample, &plan, &err), -EINVAL);
    assert_non_null(strstr(err.text, "has a reserve of 450 permille, not 0"));
    plan.places[0].reserve_permille = 450;
    plan.places[2].reserve_permille = 1;
    assert_int_equal(vcpu_check(&kit.sample, &plan, &err), -EINVAL);
    assert_non_null(strstr(err.text, "'g2'"));
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_float_is_pinned_for_its_reserve),
        cmocka_unit_test(others_leave_what_is_reserved),
        cmocka_unit_test(idle_ones_with_reserves_part),
        cmocka_unit_test(a_move_onto_reserved_capacity_is_harm),
        cmocka_unit_test(plans_tell_the_reserves_and_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
