/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "tests/sim/balloon_world.h"

/* A daemon runs for months: 100,000 intervals are 55 hours at 2 s. */

/* AddressSanitizer keeps freed memory for a while, and finds leaks by itself. */
#ifdef __SANITIZE_ADDRESS__
static const long MAY_GROW_KIB = 1024 * 1024;
#else
static const long MAY_GROW_KIB = 512;
#endif

static long max_memory_kib(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void populate(struct world *world)
{
    world_init(world, 3, 3072 * MIB);
    for (int i = 0; i < 5; i++) {
        struct world_guest *guest = world_add(world, &"abcde"[i], 1024 * MIB, 400 * MIB);

        guest->noise_kib = 4 * MIB;
        guest->rate_kib_per_s = 10 * MIB;
        guest->max_kib = 300 * MIB;
        guest->start_s = 10 + 7 * i;
        guest->end_s = guest->start_s + 60;
        guest->period_s = 200 + 13 * i;
    }
    world->settings.keep_lp = world->settings.explain = true;
}

static void memory_is_flat_over_100000_intervals(void **state)
{
    struct world world;
    long after_a_while;

    (void)state;
    populate(&world);
    world.settings.interval_s = 0.1; /* the world's own step: as many plans as instants */
    world_run(&world, 200);
    after_a_while = max_memory_kib();
    world_run(&world, 10000);
    assert_in_range(max_memory_kib() - after_a_while, 0, MAY_GROW_KIB);
    if (world.failures > 0)
        fail_msg("%s", world.failure);
    world_done(&world);
}

/* A day of guests at rest: sizes are found once, and then nobody's balloon is called. */
static void a_day_at_rest_costs_no_calls(void **state)
{
    struct world world;
    unsigned calls;

    (void)state;
    world_init(&world, 9, 16384 * MIB);
    for (int i = 0; i < 4; i++)
        world_add(&world, &"wxyz"[i], 2048 * MIB, 512 * MIB)->noise_kib = 5 * MIB;
    world_run(&world, 120);
    calls = world.calls;
    world_run(&world, 86400);
    assert_int_equal(world.calls, calls);
    assert_int_equal(world.failures, 0);
    world_done(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_flat_over_100000_intervals),
        cmocka_unit_test(a_day_at_rest_costs_no_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
