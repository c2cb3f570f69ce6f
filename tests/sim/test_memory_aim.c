/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/sim/balloon_world.h"

/* How much a guest is given beside what it needs: each rule is played with it and without it. */

static void play(void (*make)(struct world *world), ablation *without, double until_s,
                 struct world *ret)
{
    world_init(ret, 11, 16384 * MIB);
    make(ret);
    ret->without[0] = without;
    world_run(ret, until_s);
}

static struct world_guest *add(struct world *world, const char *name, int64_t actual_mib,
                               int64_t base_mib)
{
    struct world_guest *guest = world_add(world, name, 2048 * MIB, actual_mib * MIB);

    guest->base_kib = base_mib * MIB;
    return guest;
}

static void one_grows_slowly(struct world *world)
{
    struct world_guest *guest = add(world, "slow", 300, 190);

    guest->rate_kib_per_s = 3 * MIB / 2;
    guest->start_s = 6;
    guest->max_kib = 600 * MIB;
}

static void slow_growth_stays_above_the_floor(void **state)
{
    struct world with, without;

    (void)state;
    play(one_grows_slowly, NULL, 420, &with);
    play(one_grows_slowly, without_margin, 420, &without);
    assert_true(with.guests[0].program_kib >= 590 * MIB);
    assert_int_equal(with.guests[0].low_samples, 0);
    assert_true(without.guests[0].low_samples > 20);
    world_done(&with);
    world_done(&without);
}

static void one_takes_a_little(struct world *world)
{
    struct world_guest *guest = add(world, "clerk", 400, 290);

    guest->rate_kib_per_s = 7 * MIB;
    guest->max_kib = 7 * MIB;
    guest->start_s = 20;
    guest->end_s = 26;
    guest->period_s = 180;
}

static void a_dip_is_no_growth(void **state)
{
    struct world with, without;

    (void)state;
    play(one_takes_a_little, NULL, 900, &with);
    play(one_takes_a_little, without_dips, 900, &without);
    assert_true(with.guests[0].flips <= 2);
    assert_true(with.guests[0].highest_actual_kib <= 420 * MIB);
    assert_true(without.guests[0].highest_actual_kib > 420 * MIB);
    world_done(&with);
    world_done(&without);
}

/* On a host with plenty one guest leaps by far more than 100 MiB within two seconds. */
static void one_leaps_where_there_is_plenty(struct world *world)
{
    struct world_guest *guest = add(world, "leaper", 1500, 300);

    world->settings.only_pressed = true;
    guest->start_s = 100;
    guest->rate_kib_per_s = 400 * MIB;
    guest->max_kib = 400 * MIB;
    add(world, "idle", 1500, 300);
}

static void what_nobody_wants_lies_where_it_is(void **state)
{
    struct world with, without;

    (void)state;
    play(one_leaps_where_there_is_plenty, NULL, 200, &with);
    play(one_leaps_where_there_is_plenty, without_pressure, 200, &without);
    assert_int_equal(with.calls, 0);
    assert_int_equal(with.guests[0].low_samples, 0);
    assert_int_equal(with.guests[1].actual_kib, 1500 * MIB);
    assert_true(without.calls > 10);
    assert_true(without.guests[0].low_samples > 0);
    world_done(&with);
    world_done(&without);
}

/* The host is short of memory, but not so short that the leaper, whose leaps are known, has to give
 * its room: the idle guest has enough. */
static void one_leaps_again_where_memory_is_short(struct world *world)
{
    one_leaps_where_there_is_plenty(world);
    world->settings.pressure_pct = 60;
    world->host_total_kib = 4600 * MIB;
    world->other_later_kib = world->other_kib + 700 * MIB;
    world->other_s = 150;
    world->guests[0].end_s = 110;
    world->guests[0].period_s = 600;
    world->guests[0].max_kib = 600 * MIB;
    world->guests[0].actual_kib = world->guests[1].actual_kib = 1200 * MIB;
}

static void room_to_leap_is_taken_last(void **state)
{
    struct world with, without;

    (void)state;
    play(one_leaps_again_where_memory_is_short, NULL, 705, &with);
    play(one_leaps_again_where_memory_is_short, without_jumps, 705, &without);
    assert_true(with.guests[1].actual_kib < without.guests[1].actual_kib);
    assert_int_equal(with.guests[0].low_samples, 0);
    assert_true(without.guests[0].low_samples > 0);
    world_done(&with);
    world_done(&without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_growth_stays_above_the_floor),
        cmocka_unit_test(a_dip_is_no_growth),
        cmocka_unit_test(what_nobody_wants_lies_where_it_is),
        cmocka_unit_test(room_to_leap_is_taken_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
