/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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
    settings.explain = true;
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
}

static void says(size_t i, const char *what)
{
    if (!strstr(plan.places[i].explain, what))
        fail_msg("'%s' does not say '%s'", plan.places[i].explain, what);
}

static void each_guest_is_explained(void **state)
{
    (void)state;
    readings[1].locked = true;
    readings[2].has = 0;
    step(5000, 3);
    says(0, "has its wish: 399 MiB in use");
    says(1, "locked");
    says(2, "reports no statistics");
}

static void why_a_guest_is_left_alone_is_said(void **state)
{
    static const struct {
        enum memory_lock lock;
        enum guest_run run;
        const char *says;
    } rows[] = {
        {MEMORY_LOCK_LOCKED, GUEST_RUNNING, "its memory is locked"},
        {MEMORY_LOCK_HUGE_PAGES, GUEST_RUNNING, "huge pages"},
        {MEMORY_LOCK_DEVICE, GUEST_RUNNING, "assigned device"},
        {MEMORY_LOCK_DISK, GUEST_RUNNING, "mapped for a disk"},
        {MEMORY_LOCK_ENCRYPTED, GUEST_RUNNING, "encrypted"},
        {MEMORY_LOCK_UNCOUNTED, GUEST_RUNNING, "how much of it is plugged"},
        {MEMORY_LOCK_UNTOLD, GUEST_PAUSED, "it is paused"},
        {MEMORY_LOCK_UNTOLD, GUEST_MIGRATING, "it is migrating"},
        {MEMORY_LOCK_UNTOLD, GUEST_STARTING, "it is starting, or arriving"},
        {MEMORY_LOCK_UNTOLD, GUEST_OTHER, "it is not running"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        readings[1].locked = rows[i].lock != MEMORY_LOCK_UNTOLD;
        readings[1].lock = rows[i].lock;
        readings[1].run = rows[i].run;
        step(5000, 3);
        says(1, rows[i].says);
    }
}

static void a_size_that_is_pinned_is_named(void **state)
{
    (void)state;
    readings[1].policy = (struct memory_policy){.has_pin = true, .pin_kib = 1200 * MIB};
    for (int i = 0; i < 4; i++)
        step(5000, 3);
    says(1, "pinned to 1200 MiB");
}

static void a_floor_that_costs_nobody_anything_is_named(void **state)
{
    (void)state;
    readings[1].policy = (struct memory_policy){.has_floor = true, .floor_kib = 1200 * MIB};
    for (int i = 0; i < 4; i++)
        step(5000, 3);
    says(1, "at its floor of 1200 MiB, 801 MiB more than it needs");
}

static void what_more_memory_would_do_is_a_number(void **state)
{
    (void)state;
    readings[1] = reading_make(2, 600, 500);
    readings[0].policy = (struct memory_policy){.has_floor = true, .floor_kib = 900 * MIB};
    step(210, 2);
    step(210, 2);
    /* The last 8 MiB above the reserve are not granted: 900 - 512 - 2 are missing. */
    says(0, "384 MiB more host memory would let guest-1 reach its floor");
}

static void the_price_of_a_floor_is_named(void **state)
{
    (void)state;
    readings[1].policy = (struct memory_policy){.has_floor = true, .floor_kib = 1200 * MIB};
    reading_set(&readings[0], 512, 470);
    for (int i = 0; i < 4; i++)
        step(210, 2);
    says(1, "guest-2's floor costs the others 801 MiB");
    says(0, "more host memory would let guest-1");
}

static void a_ceiling_is_named(void **state)
{
    (void)state;
    readings[0].maximum_kib = 512 * MIB;
    reading_set(&readings[0], 512, 450);
    step(5000, 1);
    says(0, "at its ceiling of 512 MiB");
}

static void a_stuck_guest_is_named_with_when_it_is_asked_again(void **state)
{
    (void)state;
    for (int i = 0; i < 9; i++)
        step(5000, 2);
    assert_int_equal(plan.places[1].state, GUEST_STUCK);
    says(1, "does not go below 1200 MiB");
    says(1, "asked again in");
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(each_guest_is_explained),
        WITH(why_a_guest_is_left_alone_is_said),
        WITH(a_size_that_is_pinned_is_named),
        WITH(a_floor_that_costs_nobody_anything_is_named),
        WITH(what_more_memory_would_do_is_a_number),
        WITH(the_price_of_a_floor_is_named),
        WITH(a_ceiling_is_named),
        WITH(a_stuck_guest_is_named_with_when_it_is_asked_again),
    };

    return cmocka_run_group_tests_name("memory_explain", tests, NULL, NULL);
}
