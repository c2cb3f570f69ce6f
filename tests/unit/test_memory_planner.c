/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/memory/check.h"
#include "planner/memory/planner.h"
#include "tests/unit/memory_fixture.h"

static struct memory_settings settings;
static struct memory_planner *planner;
static struct memory_reading readings[3];
static struct memory_plan plan;
static double now_s;

static int set_up(void **state)
{
    (void)state;
    memory_settings_default(&settings);
    settings.keep_lp = settings.explain = true;
    planner = memory_planner_new(&settings);
    now_s = 0;
    readings[0] = reading_make(1, 512, 400);
    readings[1] = reading_make(2, 1200, 300);
    readings[2] = reading_make(3, 512, 300);
    return planner ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    memory_planner_free(planner);
    memory_plan_done(&plan);
    return 0;
}

static void step(uint64_t free_mib, size_t n)
{
    struct memory_sample sample = sample_make(now_s += 2, free_mib, readings, n);
    struct err err;

    for (size_t i = 0; i < n; i++)
        readings[i].unused_kib += 1; /* a report that repeats itself is none */
    memory_plan_done(&plan);
    assert_int_equal(memory_planner_step(planner, &sample, &plan, &err), 0);
    if (memory_check(&settings, &sample, &plan, &err) < 0)
        fail_msg("%s", err.text);
}

/* What the plan asks for has arrived by the next sample. */
static void obey(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t used = readings[i].actual_kib - readings[i].unused_kib;

        readings[i].actual_kib = plan.places[i].target_kib;
        readings[i].unused_kib = readings[i].actual_kib - used;
        readings[i].usable_kib = readings[i].unused_kib;
        readings[i].available_kib = readings[i].actual_kib - 16 * MIB;
        readings[i].rss_kib = readings[i].actual_kib + 64 * MIB;
    }
}

static void the_first_interval_only_observes(void **state)
{
    (void)state;
    reading_set(&readings[0], 512, 460);
    step(5000, 3);
    assert_int_equal(plan.verdict, VERDICT_HOLD_OBSERVING);
    assert_int_equal(plan.n_grants + plan.n_reclaims, 0);
    assert_int_equal(plan.n_places, 3);
    assert_int_equal(plan.places[0].state, GUEST_LEARNING);
}

static void no_guests_is_a_plan_too(void **state)
{
    (void)state;
    step(5000, 0);
    assert_int_equal(plan.verdict, VERDICT_HOLD_IDLE);
}

static void a_short_guest_is_granted_to_in_the_second(void **state)
{
    (void)state;
    reading_set(&readings[0], 512, 460);
    step(5000, 3);
    step(5000, 3);
    assert_int_equal(plan.verdict, VERDICT_APPLY);
    assert_int_equal(plan.n_grants, 1);
    assert_int_equal(plan.grants[0].from_kib, 512 * MIB);
    assert_true(plan.grants[0].to_kib >= (460 + 100) * MIB - 1024);
    assert_true(plan.gap == 0 && plan.objective == plan.bound);
    assert_true(plan.hold_objective > plan.objective);
    assert_non_null(plan.lp);
    assert_null(plan.lp_now);
}

/* Nothing is granted against memory that is only about to come back; the second program says what
 * of the settled sizes there is room for now. */
static void reclaimed_memory_is_granted_when_it_has_arrived(void **state)
{
    (void)state;
    readings[2] = reading_make(3, 420, 300);
    for (int i = 0; i < 5; i++)
        step(208, 3);
    assert_true(plan.n_reclaims == 1 && plan.n_grants == 0);
    obey(3);
    reading_set(&readings[0], 512, 460);
    step(208, 3);
    assert_int_equal(plan.n_grants, 0);
    assert_true(plan.n_reclaims > 0);
    assert_non_null(plan.lp_now);
    obey(3);
    step(334, 3);
    assert_int_equal(plan.n_grants, 1);
    assert_true(plan.grants[0].to_kib - 512 * MIB <= 128 * MIB);
}

/* Two guests are short, a third is about to give more than both need: until that has arrived they
 * share what there is. Fed one after the other the second would starve meanwhile. */
static void what_is_free_now_is_shared(void **state)
{
    uint64_t first, second;

    (void)state;
    readings[0] = reading_make(1, 610, 500);
    readings[1] = reading_make(2, 610, 500);
    readings[2] = reading_make(3, 512, 400);
    for (int i = 0; i < 4; i++)
        step(256, 3);
    assert_int_equal(plan.n_grants + plan.n_reclaims, 0);
    reading_set(&readings[0], 610, 543);
    reading_set(&readings[1], 610, 543);
    reading_set(&readings[2], 512, 150);
    step(256, 3);
    assert_int_equal(plan.n_reclaims, 1);
    assert_int_equal(plan.n_grants, 2);
    first = plan.grants[0].to_kib - plan.grants[0].from_kib;
    second = plan.grants[1].to_kib - plan.grants[1].from_kib;
    assert_in_range(first + second, 42 * MIB, 50 * MIB);
    assert_true(first <= second + 2 * settings.deadband_kib);
    assert_true(second <= first + 2 * settings.deadband_kib);
}

static void idle_memory_is_released_until_it_rests(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        step(5000, 3);
        for (size_t k = 0; k < plan.n_reclaims; k++)
            assert_true(plan.reclaims[k].from_kib - plan.reclaims[k].to_kib <= 128 * MIB);
        obey(3);
    }
    assert_int_equal(plan.n_reclaims + plan.n_grants, 0);
    assert_in_range(readings[1].unused_kib, 100 * MIB, 130 * MIB);
    assert_in_range(readings[2].unused_kib, 100 * MIB, 130 * MIB);
}

static void the_order_of_the_list_does_not_matter(void **state)
{
    struct memory_reading swapped[3] = {readings[2], readings[0], readings[1]};
    struct memory_sample sample = sample_make(2, 300, swapped, 3);

    (void)state;
    memory_sample_sort(&sample);
    assert_memory_equal(swapped, readings, sizeof(readings));
}

/* In a dry run nothing was asked of anybody, and so nobody is stuck. */
static void a_retracted_plan_was_never_asked(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        step(5000, 3);
        memory_planner_retract(planner, NULL);
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(plan.places[k].asked_kib, 0);
            assert_int_not_equal(plan.places[k].state, GUEST_STUCK);
        }
    }
    assert_int_equal(plan.n_reclaims, 2);
}

static void a_refused_guest_is_left_alone_for_a_while_and_longer_each_time(void **state)
{
    double wait_s[2];

    (void)state;
    for (int i = 0; i < 5; i++)
        step(5000, 3);
    assert_true(plan.n_reclaims > 0);
    for (int i = 0; i < 2; i++) {
        double from_s = now_s;

        assert_int_equal(memory_planner_refused(planner, &readings[1].guest), i == 0);
        do {
            step(5000, 3);
            if (plan.places[1].state == GUEST_REFUSED)
                assert_true(plan.places[1].target_kib == plan.places[1].actual_kib &&
                            strstr(plan.places[1].explain, "refused"));
        } while (plan.places[1].state == GUEST_REFUSED);
        assert_true(plan.places[1].target_kib < plan.places[1].actual_kib); /* asked again */
        wait_s[i] = now_s - from_s;
    }
    assert_true(wait_s[0] == 10);
    assert_true(wait_s[1] == 20);
}

/* What is plugged beside a balloon on its way is no doing of the balloon. */
static void plugged_memory_moves_the_sizes_that_were_asked_for(void **state)
{
    uint64_t asked_kib;

    (void)state;
    for (int i = 0; i < 5; i++)
        step(5000, 3);
    asked_kib = plan.places[1].target_kib;
    assert_true(asked_kib < readings[1].actual_kib);
    readings[1].actual_kib += 256 * MIB;
    readings[1].maximum_kib += 256 * MIB;
    readings[1].beside_kib += 256 * MIB;
    readings[1].unused_kib += 256 * MIB;
    readings[1].available_kib += 256 * MIB;
    step(5000, 3);
    assert_int_equal(plan.places[1].asked_kib, asked_kib + 256 * MIB);
}

static void a_guest_that_is_replaced_starts_clean(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        step(5000, 2);
    assert_int_equal(plan.places[1].state, GUEST_OK);
    readings[1].guest.uuid[0] = 9;
    step(5000, 2);
    assert_int_equal(plan.places[0].state, GUEST_OK);
    assert_int_equal(plan.places[1].state, GUEST_LEARNING);
    assert_int_equal(plan.places[1].state_since_ns, (uint64_t)(now_s * 1e9));
}

static void floors_that_cannot_be_met_are_named_with_what_is_missing(void **state)
{
    (void)state;
    readings[1] = reading_make(2, 600, 500);
    readings[0].policy = (struct memory_policy){.has_floor = true, .floor_kib = 900 * MIB};
    step(210, 2);
    step(210, 2);
    /* 900 + 600 against 512 + 600 + 10 above the reserve */
    assert_int_equal(plan.missing_kib, 378 * MIB);
    assert_non_null(strstr(plan.note, "guest-1"));
    assert_null(strstr(plan.note, "guest-2"));
    assert_int_equal(plan.verdict, VERDICT_HOLD_INFEASIBLE);
}

/* A paused guest stays as it is, and so does the host, 110 MiB below its reserve. */
static void where_no_guest_is_short_it_is_the_host(void **state)
{
    (void)state;
    readings[0].run = GUEST_PAUSED;
    step(90, 1);
    step(90, 1);
    assert_int_equal(plan.missing_kib, 110 * MIB);
    assert_null(strstr(plan.note, "short of them"));
    assert_string_equal(plan.note,
                        "the floors need 110 MiB more than there is; every guest has its "
                        "own, the host lacks it of its reserve");
}

static bool stop(void *arg)
{
    (void)arg;
    return true;
}

static void asked_to_stop_nothing_moves(void **state)
{
    (void)state;
    memory_planner_free(planner);
    settings.limits.stop = stop;
    planner = memory_planner_new(&settings);
    reading_set(&readings[0], 512, 460);
    step(5000, 3);
    step(5000, 3);
    assert_int_equal(plan.verdict, VERDICT_HOLD_STOPPED);
    assert_int_equal(plan.n_grants, 0);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* A difference of such a size and another one does not fit into 64 bits. */
static void a_size_that_no_machine_has_stops_one_plan_and_no_history(void **state)
{
    struct memory_sample sample = sample_make(3, 8000, readings, 2);
    struct memory_plan none = {0};
    struct err err = {0};

    (void)state;
    step(8000, 2);
    readings[1].rss_kib = (uint64_t)INT64_MAX - 15;
    assert_int_equal(memory_planner_step(planner, &sample, &none, &err), -EINVAL);
    assert_non_null(strstr(err.text, readings[1].guest.name));
    assert_null(none.places);
    readings[1].rss_kib = 1264 * MIB;
    step(8000, 2);
    assert_int_equal(plan.n_places, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(the_first_interval_only_observes),
        WITH(no_guests_is_a_plan_too),
        WITH(a_short_guest_is_granted_to_in_the_second),
        WITH(reclaimed_memory_is_granted_when_it_has_arrived),
        WITH(what_is_free_now_is_shared),
        WITH(idle_memory_is_released_until_it_rests),
        WITH(the_order_of_the_list_does_not_matter),
        WITH(a_retracted_plan_was_never_asked),
        WITH(a_refused_guest_is_left_alone_for_a_while_and_longer_each_time),
        WITH(plugged_memory_moves_the_sizes_that_were_asked_for),
        WITH(a_guest_that_is_replaced_starts_clean),
        WITH(floors_that_cannot_be_met_are_named_with_what_is_missing),
        WITH(where_no_guest_is_short_it_is_the_host),
        WITH(asked_to_stop_nothing_moves),
        WITH(a_size_that_no_machine_has_stops_one_plan_and_no_history),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
