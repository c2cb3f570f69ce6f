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

    guest->rate_kib_per_s = 8 * MIB;
    guest->max_kib = 9 * MIB;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_growth_stays_above_the_floor),
        cmocka_unit_test(a_dip_is_no_growth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
