/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "planner/memory/check.h"
#include "tests/unit/memory_fixture.h"

/* A good plan for two guests, one giving and one taking, which each test spoils in one way. */
static struct memory_settings settings;
static struct memory_reading readings[2];
static struct memory_sample sample;
static struct memory_place places[2];
static struct balloon_step reclaim, grant;
static struct memory_plan plan;
static struct err err;

static void place(size_t i, uint64_t floor_mib, uint64_t target_mib)
{
    places[i] = (struct memory_place){.guest = readings[i].guest,
                                      .actual_kib = readings[i].actual_kib,
                                      .unused_kib = readings[i].unused_kib,
                                      .floor_kib = floor_mib * MIB,
                                      .ceiling_kib = 2048 * MIB,
                                      .target_kib = target_mib * MIB};
}

static int set_up(void **state)
{
    (void)state;
    memory_settings_default(&settings);
    readings[0] = reading_make(1, 700, 190);
    readings[1] = reading_make(2, 512, 400);
    sample = sample_make(2, 500, readings, 2);
    place(0, 290, 600);
    place(1, 500, 560);
    reclaim = (struct balloon_step){readings[0].guest, 700 * MIB, 600 * MIB, ""};
    grant = (struct balloon_step){readings[1].guest, 512 * MIB, 560 * MIB, ""};
    plan = (struct memory_plan){.places = places,
                                .n_places = 2,
                                .reclaims = &reclaim,
                                .n_reclaims = 1,
                                .grants = &grant,
                                .n_grants = 1};
    return 0;
}

static void refused(const char *because)
{
    assert_int_equal(memory_check(&settings, &sample, &plan, &err), -EINVAL);
    if (!strstr(err.text, because))
        fail_msg("'%s' does not say '%s'", err.text, because);
}

static void accepted(void)
{
    if (memory_check(&settings, &sample, &plan, &err) != 0)
        fail_msg("%s", err.text);
}

static void a_good_plan_is_accepted(void **state)
{
    (void)state;
    accepted();
}

static void a_guest_that_must_not_be_touched(void **state)
{
    (void)state;
    readings[0].locked = true;
    refused("must not be touched");
    readings[0].locked = false;
    readings[0].run = GUEST_PAUSED;
    refused("must not be touched");
    readings[0].run = GUEST_RUNNING;
    readings[0].policy.excluded = true;
    refused("must not be touched");
    readings[0].policy.excluded = false;
    readings[0].has_balloon = false;
    refused("must not be touched");
}

static void below_a_floor(void **state)
{
    (void)state;
    places[0].floor_kib = 601 * MIB;
    refused("below its floor");
    places[0].floor_kib = 290 * MIB;
    readings[0].policy = (struct memory_policy){.has_floor = true, .floor_kib = 650 * MIB};
    refused("below its floor");
}

static void a_floor_that_leaves_the_guest_less_than_it_uses(void **state)
{
    (void)state;
    places[0].floor_kib = 200 * MIB;
    refused("below its need");
}

static void above_a_ceiling(void **state)
{
    (void)state;
    readings[1].maximum_kib = 550 * MIB;
    refused("above its ceiling");
    readings[1].maximum_kib = 2048 * MIB;
    readings[1].policy = (struct memory_policy){.has_ceiling = true, .ceiling_kib = 530 * MIB};
    refused("above its ceiling");
    readings[1].policy = (struct memory_policy){0};
    readings[1].limit_kib = 600 * MIB; /* its process needs 64 of them */
    refused("above its ceiling");
}

static void more_at_once_than_the_release_limit(void **state)
{
    (void)state;
    reclaim.to_kib = places[0].target_kib = 560 * MIB;
    refused("beyond the release limit");
}

static void inside_the_deadband(void **state)
{
    (void)state;
    grant.to_kib = places[1].target_kib = 516 * MIB;
    refused("inside the deadband");
}

static void in_the_wrong_list(void **state)
{
    (void)state;
    plan.grants = &reclaim;
    plan.reclaims = &grant;
    refused("wrong direction");
}

static void steps_are_exactly_the_difference(void **state)
{
    (void)state;
    plan.n_grants = 0;
    refused("without a step");
    plan.n_grants = 1;
    grant.to_kib += 20 * MIB;
    refused("not the difference");
    grant.to_kib -= 20 * MIB;
    grant.from_kib -= 20 * MIB;
    refused("not the difference");
    grant.from_kib += 20 * MIB;
    grant.guest.uuid[0] = 9;
    refused("without a place");
}

static void grants_fit_into_what_is_free_now(void **state)
{
    (void)state;
    sample.host_free_kib = sample.host_available_kib = 247 * MIB;
    refused("free now"); /* although 100 MiB are about to come back */
    sample.host_available_kib = 248 * MIB;
    accepted();
    plan.host_promised_kib = 1;
    refused("free now");
    plan.host_promised_kib = 0;
    readings[0].rss_kib -= 4; /* not touched, so it may still be taken */
    refused("free now");
    readings[0].rss_kib += 4;
    settings.host_reserve_pct = 2;
    refused("free now");
}

static void the_budget(void **state)
{
    (void)state;
    settings.host_budget_kib = (700 + 560) * MIB;
    accepted();
    settings.host_budget_kib--;
    refused("budget");
}

static void a_plan_for_other_guests(void **state)
{
    (void)state;
    places[1].guest.uuid[0] = 9;
    refused("not where the plan has it");
    plan.n_places = 1;
    refused("places for");
}

static void a_request_taken_back_may_be_small(void **state)
{
    (void)state;
    places[1].asked_kib = 514 * MIB;
    grant.to_kib = places[1].target_kib = 512 * MIB;
    grant.from_kib = 514 * MIB;
    plan.n_grants = 0;
    plan.reclaims = (struct balloon_step[]){reclaim, grant};
    plan.n_reclaims = 2;
    accepted();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_good_plan_is_accepted, set_up),
        cmocka_unit_test_setup(a_guest_that_must_not_be_touched, set_up),
        cmocka_unit_test_setup(below_a_floor, set_up),
        cmocka_unit_test_setup(a_floor_that_leaves_the_guest_less_than_it_uses, set_up),
        cmocka_unit_test_setup(above_a_ceiling, set_up),
        cmocka_unit_test_setup(more_at_once_than_the_release_limit, set_up),
        cmocka_unit_test_setup(inside_the_deadband, set_up),
        cmocka_unit_test_setup(in_the_wrong_list, set_up),
        cmocka_unit_test_setup(steps_are_exactly_the_difference, set_up),
        cmocka_unit_test_setup(grants_fit_into_what_is_free_now, set_up),
        cmocka_unit_test_setup(the_budget, set_up),
        cmocka_unit_test_setup(a_plan_for_other_guests, set_up),
        cmocka_unit_test_setup(a_request_taken_back_may_be_small, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
