/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/report/report_json.h"
#include "agent/report/report_memory.h"
#include "agent/report/report_vcpu.h"
#include "agent/report/summary.h"
#include "planner/base/units.h"

/* A guest without persistent definition is another one each time it is made. */
static void guests_that_come_and_go_for_ever_are_not_all_remembered(void **state)
{
    struct memory_summary summary = {0};
    struct memory_place places[2] = {{.actual_kib = 100}, {.actual_kib = 200}};
    struct memory_plan plan = {.places = places, .n_places = 2};
    const struct memory_sample sample = {0};
    const struct interval interval = {0};

    (void)state;
    places[1].guest.uuid[15] = 1;
    for (unsigned i = 0; i < 1000; i++) {
        places[0].guest.uuid[0] = (unsigned char)(i % 256);
        places[0].guest.uuid[1] = (unsigned char)(i / 256);
        assert_int_equal(memory_summary_add(&summary, &sample, &plan, &interval), 0);
        assert_in_range(summary.n_guests, 1, REPORT_MAX_ROWS + 2);
    }
    assert_memory_equal(summary.guests[1].guest.uuid, places[1].guest.uuid, 16);
    assert_true(summary.guests[1].present);
    memory_summary_done(&summary);
}

static void a_long_summary_adds_the_rest_up(void **state)
{
    struct guest_track tracks[REPORT_MAX_ROWS + 3] = {0};
    struct memory_summary summary = {
        .intervals = 1, .guests = tracks, .n_guests = REPORT_MAX_ROWS + 3};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    for (size_t i = 0; i < REPORT_MAX_ROWS + 3; i++)
        tracks[i] = (struct guest_track){.first_kib = 100 * KIB_PER_MIB,
                                         .last_kib = 200 * KIB_PER_MIB,
                                         .lowest_unused_kib = (1000 - i) * KIB_PER_MIB};
    report_memory_summary(out, &summary);
    fclose(out);
    assert_non_null(strstr(text, "  3 others              300      600           958\n"));
    assert_null(strstr(text, "  4 others"));
    free(text);
}

/* A dry run plans the same moves each time, and none of them helps anybody. */
static void a_dry_run_claims_nothing(void **state)
{
    const struct interval interval = {.dry_run = true};
    const struct vcpu_plan plan = {
        .verdict = VERDICT_APPLY, .n_pins = 3, .ran = {.sigma_pct = 40, .sigma_after_pct = 2}};
    const struct memory_plan memory_plan = {.n_reclaims = 2, .n_grants = 1};
    const struct memory_sample sample = {0};
    struct vcpu_summary vcpus = {0};
    struct memory_summary memory = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    for (int k = 0; k < 5; k++) {
        vcpu_summary_add(&vcpus, &plan, &interval);
        assert_int_equal(memory_summary_add(&memory, &sample, &memory_plan, &interval), 0);
    }
    report_vcpu_summary(out, &vcpus);
    report_memory_summary(out, &memory);
    fclose(out);
    assert_non_null(
        strstr(text, "nothing was changed, 5 had a plan, the last of 3\n             moves"));
    assert_non_null(strstr(text, "sigma 40.00 points at first, 40.00 at last; the last plan would\n"
                                 "             have made it 2.00"));
    assert_non_null(strstr(text, "nothing was changed, the last plan has 2"));
    free(text);
    memory_summary_done(&memory);
}

static void the_summary_says_when_it_was(void **state)
{
    static const char at[] = "2026-11-30T03:12:07+01:00";
    struct interval interval = {.t_s = 4};
    const struct vcpu_plan plan = {.verdict = VERDICT_HOLD_IDLE};
    struct vcpu_summary summary = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    json_t *json;

    (void)state;
    vcpu_summary_add(&summary, &plan, &interval);
    json = report_json_vcpu_summary(&summary);
    assert_true(json_is_null(json_object_get(json_object_get(json, "summary"), "at")));
    json_decref(json);
    memcpy(interval.at, at, sizeof(at));
    vcpu_summary_add(&summary, &plan, &interval);
    json = report_json_vcpu_summary(&summary);
    assert_string_equal(json_string_value(json_object_get(json_object_get(json, "summary"), "at")),
                        at);
    json_decref(json);
    report_vcpu_summary(out, &summary);
    fclose(out);
    assert_non_null(
        strstr(text, "summary: 2 intervals in 4.0 s until 2026-11-30T03:12:07+01:00, "));
    free(text);
}

/* 94 intervals at 1 point, 6 at 30; one of a host that is far off. */
static void sigmas_are_counted_in_little_room(void **state)
{
    const struct interval interval = {0};
    struct vcpu_plan plan = {.verdict = VERDICT_HOLD_BALANCED};
    struct vcpu_summary summary = {0};

    (void)state;
    for (int k = 0; k < 100; k++) {
        plan.ran.sigma_pct = plan.ran.sigma_after_pct = k < 94 ? 1.04 : 30;
        vcpu_summary_add(&summary, &plan, &interval);
    }
    assert_int_equal(summary.sigmas.n, 100);
    assert_true(fabs(sigma_mean_pct(&summary.sigmas) - (0.94 * 1.04 + 0.06 * 30)) < 1e-9);
    assert_true(fabs(sigma_quantile_pct(&summary.sigmas, 0.94) - 1.0) < 1e-9);
    assert_true(fabs(sigma_quantile_pct(&summary.sigmas, 0.95) - 30) < 1e-9);
    plan.ran.sigma_pct = 1e6;
    vcpu_summary_add(&summary, &plan, &interval);
    assert_true(fabs(sigma_quantile_pct(&summary.sigmas, 1) - 409.5) < 1e-9);
}

/* What only a simulated host knows is told of no other. */
static void what_was_not_served_is_told_where_it_is_known(void **state)
{
    struct vcpu_summary summary = {
        .intervals = 4, .moves = 6, .n_waiting = 2, .waiting = 0.2, .waiting_floating = 0.1};
    json_t *json, *members;

    (void)state;
    json = report_json_vcpu_summary(&summary);
    members = json_object_get(json, "summary");
    assert_true(json_is_null(json_object_get(members, "unserved_pct")));
    json_decref(json);
    summary.is_served_known = true;
    summary.wanted_s = 50;
    summary.unserved_s = 2;
    json = report_json_vcpu_summary(&summary);
    members = json_object_get(json, "summary");
    assert_true(fabs(json_real_value(json_object_get(members, "unserved_pct")) - 4) < 1e-9);
    assert_true(fabs(json_real_value(json_object_get(members, "moves_per_interval")) - 1.5) < 1e-9);
    members = json_object_get(members, "waiting");
    assert_true(fabs(json_real_value(json_object_get(members, "measured_pct")) - 10) < 1e-9);
    assert_true(fabs(json_real_value(json_object_get(members, "floating_pct")) - 5) < 1e-9);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dry_run_claims_nothing),
        cmocka_unit_test(the_summary_says_when_it_was),
        cmocka_unit_test(sigmas_are_counted_in_little_room),
        cmocka_unit_test(what_was_not_served_is_told_where_it_is_known),
        cmocka_unit_test(a_long_summary_adds_the_rest_up),
        cmocka_unit_test(guests_that_come_and_go_for_ever_are_not_all_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
