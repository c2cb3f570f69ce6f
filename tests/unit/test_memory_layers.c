/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/memory/layers.h"
#include "tests/unit/memory_fixture.h"

static struct memory_settings settings;
static struct memory_reading reading;
static struct memory_track track;
static struct memory_host host;

static int set_up(void **state)
{
    (void)state;
    memory_settings_default(&settings);
    memset(&track, 0, sizeof(track));
    memset(&host, 0, sizeof(host));
    reading = reading_make(1, 600, 300);
    track.actual_kib = 600 * MIB;
    track.belief = (struct memory_belief){.known = true,
                                          .good = 10,
                                          .stats_at_ns = 10 * SECOND,
                                          .used_kib = 300 * MIB,
                                          .active_kib = 250 * MIB,
                                          .unused_kib = 300 * MIB};
    track.demand.demand_kib = 300 * MIB;
    return 0;
}

static void hold(uint64_t mib)
{
    reading.actual_kib = mib * MIB;
    track.actual_kib = (int64_t)(mib * MIB);
}

static struct memory_item want(void)
{
    struct memory_item item;

    memory_layers(&settings, &host, 10 * SECOND, &reading, &track, &item);
    return item;
}

static void a_guest_at_rest_keeps_what_it_has(void **state)
{
    struct memory_item item = want();

    (void)state;
    assert_int_equal(item.floor_kib, 400 * MIB);
    assert_int_equal(item.cached_kib, 400 * MIB);
    assert_int_equal(item.wish_kib, 400 * MIB);
    assert_int_equal(item.rest_kib, 600 * MIB);
    assert_int_equal(item.lower_kib, 472 * MIB); /* 128 MiB a step */
}

static void a_release_ends_between_100_and_130_unused(void **state)
{
    (void)state;
    track.demand.phase = PHASE_FALLING;
    assert_int_equal(want().rest_kib, 418 * MIB);
}

static void a_growing_guest_gets_room_for_the_next_interval(void **state)
{
    struct memory_item item;

    (void)state;
    track.demand.phase = PHASE_RISING;
    track.demand.growth_kib_per_s = 20 * 1024;
    track.demand.surge_kib = 40 * MIB;
    item = want();
    assert_int_equal(item.wish_kib, (400 + 100) * MIB); /* 1.5 * 2 s + 2 s */
    assert_int_equal(item.lower_kib, 600 * MIB);        /* and nothing is taken from it */
    track.demand.growth_kib_per_s = 200 * 1024;
    assert_int_equal(want().wish_kib, (400 + 148) * MIB);
    track.demand.rise_kib = 400 * MIB;
    assert_int_equal(want().wish_kib, (400 + 500) * MIB);
    settings.headroom_pct = 0;
    assert_int_equal(want().wish_kib, 400 * MIB);
}

static void only_the_reserve_is_taken_from_a_growing_guest(void **state)
{
    (void)state;
    track.demand.phase = PHASE_RISING;
    host.spare_kib = -1;
    assert_int_equal(want().lower_kib, 472 * MIB);
}

static void cache_is_the_floors_unless_told_otherwise(void **state)
{
    (void)state;
    settings.guest_cache_pct = 0;
    assert_int_equal(want().floor_kib, 350 * MIB);
    assert_int_equal(want().cached_kib, 400 * MIB);
    settings.guest_cache_pct = 50;
    assert_int_equal(want().floor_kib, 375 * MIB);
}

static void no_guest_below_the_least(void **state)
{
    (void)state;
    track.belief.used_kib = track.belief.active_kib = track.demand.demand_kib = 40 * MIB;
    assert_int_equal(want().floor_kib, 200 * MIB);
    reading.maximum_kib = 128 * MIB; /* unless it is smaller by itself */
    hold(128);
    assert_int_equal(want().floor_kib, 128 * MIB);
}

static void a_broken_floor_is_never_broken_further(void **state)
{
    (void)state;
    hold(380);
    assert_int_equal(want().lower_kib, 380 * MIB);
    hold(410);
    assert_int_equal(want().lower_kib, 400 * MIB);
}

static void policy_is_obeyed(void **state)
{
    (void)state;
    reading.policy = (struct memory_policy){.has_floor = true, .floor_kib = 500 * MIB};
    assert_int_equal(want().floor_kib, 500 * MIB);
    reading.policy = (struct memory_policy){.has_ceiling = true, .ceiling_kib = 350 * MIB};
    assert_int_equal(want().floor_kib, 350 * MIB);
    assert_int_equal(want().rest_kib, 350 * MIB);
    reading.policy = (struct memory_policy){.has_pin = true, .pin_kib = 700 * MIB};
    assert_int_equal(want().floor_kib, 700 * MIB);
    assert_int_equal(want().rest_kib, 700 * MIB);
    reading.policy = (struct memory_policy){.has_weight = true, .weight = 250};
    assert_int_equal(want().weight, 250);
    reading.policy = (struct memory_policy){.excluded = true};
    assert_int_equal(want().lower_kib, 600 * MIB);
    assert_int_equal(want().rest_kib, 600 * MIB);
}

static void who_is_not_known_well_enough_gives_nothing(void **state)
{
    (void)state;
    track.belief.good = 2;
    assert_int_equal(want().lower_kib, 600 * MIB);
    track.belief.good = 10;
    track.belief.bad_since_ns = 1;
    assert_int_equal(want().lower_kib, 600 * MIB);
    track.belief.silent = true;
    assert_int_equal(want().floor_kib, 600 * MIB);
}

static void a_refusal_is_a_limit(void **state)
{
    (void)state;
    track.response.down = (struct memory_refusal){.at_kib = 590 * MIB, .until_ns = 1};
    assert_int_equal(want().lower_kib, 590 * MIB);
    track.response.up = (struct memory_refusal){.at_kib = 610 * MIB, .until_ns = 1};
    assert_int_equal(memory_layers_ceiling_kib(&reading, &track), 610 * MIB);
}

static void what_a_process_may_hold_is_a_ceiling(void **state)
{
    (void)state;
    reading.limit_kib = 1024 * MIB;
    track.overhead_kib = 70 * MIB;
    assert_int_equal(memory_layers_ceiling_kib(&reading, &track), 954 * MIB);
    reading.limit_kib = 60 * MIB; /* nonsense, and no reason for nonsense */
    assert_true(memory_layers_ceiling_kib(&reading, &track) > 0);
    reading.limit_kib = 0;
    assert_int_equal(memory_layers_ceiling_kib(&reading, &track), 2048 * MIB);
}

static void the_balloons_own_part_keeps_the_least_size(void **state)
{
    (void)state;
    track.beside_kib = 500 * MIB;
    assert_int_equal(want().floor_kib, 700 * MIB);
}

static void a_guest_that_keeps_its_pages_gives_nothing_and_gets_its_size(void **state)
{
    (void)state;
    track.yield = (struct memory_yield){.wanted_kib = 900 * MIB, .wait = {.until_ns = 11 * SECOND}};
    assert_int_equal(want().wish_kib, 900 * MIB);
    assert_int_equal(want().lower_kib, 600 * MIB);
    track.yield.wait.until_ns = 10 * SECOND; /* it is over */
    assert_int_equal(want().wish_kib, 400 * MIB);
}

static void a_dip_gets_what_it_took(void **state)
{
    (void)state;
    hold(400);
    track.demand.phase = PHASE_RISING;
    track.demand.growth_kib_per_s = 20 * 1024;
    track.demand.surge_kib = 7 * MIB;
    assert_int_equal(want().wish_kib, 407 * MIB);
    settings.dip_kib = 0;
    assert_int_equal(want().wish_kib, 500 * MIB);
}

/* And where floors are broken that is nobody's due. */
static void the_aim_is_above_the_floor_by_the_guests_noise(void **state)
{
    (void)state;
    hold(404);
    track.demand.climb_kib = 3 * MIB;
    assert_int_equal(want().floor_kib, 400 * MIB);
    assert_int_equal(want().wish_kib, 418 * MIB);
    track.demand.climb_kib = 1 * MIB; /* it has that */
    assert_int_equal(want().wish_kib, 403 * MIB);
    track.demand.climb_kib = 3 * MIB;
    settings.margin_climbs = 0;
    assert_int_equal(want().wish_kib, 400 * MIB);
}

static void a_remainder_too_small_for_a_call_is_granted_along(void **state)
{
    (void)state;
    reading.maximum_kib = 503 * MIB;
    hold(480);
    track.demand.phase = PHASE_RISING;
    track.demand.growth_kib_per_s = 20 * 1024;
    track.demand.surge_kib = 40 * MIB;
    assert_int_equal(want().wish_kib, 503 * MIB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_guest_at_rest_keeps_what_it_has, set_up),
        cmocka_unit_test_setup(a_release_ends_between_100_and_130_unused, set_up),
        cmocka_unit_test_setup(a_growing_guest_gets_room_for_the_next_interval, set_up),
        cmocka_unit_test_setup(only_the_reserve_is_taken_from_a_growing_guest, set_up),
        cmocka_unit_test_setup(cache_is_the_floors_unless_told_otherwise, set_up),
        cmocka_unit_test_setup(no_guest_below_the_least, set_up),
        cmocka_unit_test_setup(a_broken_floor_is_never_broken_further, set_up),
        cmocka_unit_test_setup(policy_is_obeyed, set_up),
        cmocka_unit_test_setup(who_is_not_known_well_enough_gives_nothing, set_up),
        cmocka_unit_test_setup(a_refusal_is_a_limit, set_up),
        cmocka_unit_test_setup(a_dip_gets_what_it_took, set_up),
        cmocka_unit_test_setup(the_aim_is_above_the_floor_by_the_guests_noise, set_up),
        cmocka_unit_test_setup(a_remainder_too_small_for_a_call_is_granted_along, set_up),
        cmocka_unit_test_setup(what_a_process_may_hold_is_a_ceiling, set_up),
        cmocka_unit_test_setup(the_balloons_own_part_keeps_the_least_size, set_up),
        cmocka_unit_test_setup(a_guest_that_keeps_its_pages_gives_nothing_and_gets_its_size,
                               set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
