/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/sim/balloon_worlds.h"

/* Ten thousand random hosts, guests, workloads and faults. The world itself judges every balloon
 * call and every instant; a failure prints the seed that brings it back. */

static void no_world_is_overdrawn_and_no_floor_that_could_hold_is_broken(void **state)
{
    const char *wanted = getenv("EVENKEEL_WORLDS");
    uint64_t worlds = wanted ? strtoull(wanted, NULL, 10) : 10000;
    unsigned failed = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= worlds; seed++) {
        struct world world;

        world_invent(&world, seed);
        world_run(&world, 60);
        if (world.failures > 0) {
            print_message("world %u: %u failures, first %s\n", (unsigned)seed, world.failures,
                          world.failure);
            failed++;
        }
        world_done(&world);
    }
    assert_int_equal(failed, 0);
}

/* Each defence is there for a reason: without it, some world comes to grief. These are the ones
 * whose loss random worlds show; the others have scenarios in test_memory_policy.c. */
static void each_safety_switched_off_makes_some_world_fail(void **state)
{
    static const struct {
        ablation *without;
        const char *name;
    } safeties[] = {
        {without_promises, "promises"},   {without_overhead, "overhead"},
        {without_phases, "phases"},       {without_step_limit, "step limit"},
        {without_deadband, "deadband"},   {without_floors, "floors"},
        {without_disbelief, "disbelief"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(safeties) / sizeof(safeties[0]); i++) {
        uint64_t seed = 1;
        unsigned failures = 0;

        for (; seed <= 500 && failures == 0; seed++) {
            struct world world;

            world_invent(&world, seed);
            world.without[0] = safeties[i].without;
            world.is_ungated = true;
            world_run(&world, 60);
            failures = world.failures;
            world_done(&world);
        }
        print_message("without %s: %s\n", safeties[i].name, failures ? "fails" : "HOLDS");
        assert_true(failures > 0);
    }
}

/* The same blunders with the checker in place: plans are refused, and nothing happens to any
 * host. */
static void the_checker_stops_what_the_planner_lets_through(void **state)
{
    unsigned refused = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 500; seed++) {
        struct world world;

        world_invent(&world, seed);
        world.without[0] = without_phases;
        world.without[1] = without_step_limit;
        world.without[2] = without_deadband;
        world.is_checked_only = true;
        world_run(&world, 60);
        refused += world.unsafe_plans;
        if (world.failures > 0)
            fail_msg("world %u: %s", (unsigned)seed, world.failure);
        world_done(&world);
    }
    assert_true(refused > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_world_is_overdrawn_and_no_floor_that_could_hold_is_broken),
        cmocka_unit_test(each_safety_switched_off_makes_some_world_fail),
        cmocka_unit_test(the_checker_stops_what_the_planner_lets_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
