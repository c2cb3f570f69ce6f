/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report that cannot be true changes nothing of what is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/memory/track.h"

enum { MIB = 1024 };
static const uint64_t STEP_NS = 2000000000;

static struct memory_reading true_reading(void)
{
    return (struct memory_reading){
        .run = GUEST_RUNNING,
        .has_balloon = true,
        .has = MEMORY_HAS_UNUSED | MEMORY_HAS_AVAILABLE | MEMORY_HAS_USABLE | MEMORY_HAS_AGE |
               MEMORY_HAS_SWAP,
        .actual_kib = 1000 * MIB,
        .maximum_kib = 2000 * MIB,
        .unused_kib = 300 * MIB,
        .available_kib = 960 * MIB,
        .usable_kib = 400 * MIB,
    };
}

static struct memory_belief believe_three(const struct memory_settings *settings)
{
    struct memory_belief belief = {0}, next;

    for (uint64_t i = 1; i <= 3; i++) {
        struct memory_reading reading = true_reading();

        reading.unused_kib -= i * MIB;
        memory_belief_next(settings, i * STEP_NS, &reading, i == 1 ? 0 : 1000 * MIB,
                           (i - 1) * STEP_NS, &belief, &next);
        belief = next;
        assert_true(belief.fresh);
    }
    assert_int_equal(belief.used_kib, 703 * MIB);
    return belief;
}

static void lies_are_not_believed(void **state)
{
    static const struct {
        uint64_t unused_kib, available_kib, age_ns;
        const char *why;
    } lies[] = {
        {0, 960 * MIB, 0, "no unused memory"},
        {UINT64_MAX, 960 * MIB, 0, "more unused"},
        {1001 * MIB, 960 * MIB, 0, "more unused"},
        {300 * MIB, UINT64_MAX, 0, "larger total"},
        {300 * MIB, INT64_MAX, 0, "larger total"},
        {300 * MIB, (uint64_t)INT64_MAX + 1, 0, "larger total"},
        {300 * MIB, 2001 * MIB, 0, "larger total"},
        {300 * MIB, 960 * MIB, UINT64_MAX - 5 * STEP_NS, "from the future"},
        {300 * MIB, 960 * MIB, 60 * STEP_NS, "120 s old"},
    };
    struct memory_settings settings;
    struct memory_belief before;

    (void)state;
    memory_settings_default(&settings);
    before = believe_three(&settings);
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        struct memory_reading reading = true_reading();
        struct memory_belief after;

        reading.unused_kib = lies[i].unused_kib;
        reading.available_kib = lies[i].available_kib;
        reading.stats_age_ns = lies[i].age_ns;
        memory_belief_next(&settings, 4 * STEP_NS, &reading, 1000 * MIB, 3 * STEP_NS, &before,
                           &after);
        assert_false(after.fresh);
        assert_int_equal(after.used_kib, before.used_kib);
        if (!strstr(after.why_not, lies[i].why))
            fail_msg("lie %zu: '%s' instead of '%s'", i, after.why_not, lies[i].why);
    }
}

/* Swap counters run over, are reset by a reboot, and are sometimes nonsense. */
static void no_more_comes_from_swap_than_the_guest_holds(void **state)
{
    static const uint64_t counters[] = {0, 50 * MIB, 5000 * MIB, INT64_MAX, UINT64_MAX};
    static const int64_t swapped_kib[] = {0, 0, 1000 * MIB, 1000 * MIB, 1000 * MIB};
    struct memory_settings settings;
    struct memory_belief belief;
    struct memory_demand old = {.demand_kib = 703 * MIB, .swap_in_kib = 50 * MIB};

    (void)state;
    memory_settings_default(&settings);
    belief = believe_three(&settings);
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
        struct memory_reading reading = true_reading();
        struct memory_demand demand;

        reading.swap_in_kib = counters[i];
        memory_demand_next(&settings, 4 * STEP_NS, &reading, &belief, &belief, false, &old,
                           &demand);
        assert_int_equal(demand.swapped_kib, swapped_kib[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lies_are_not_believed),
        cmocka_unit_test(no_more_comes_from_swap_than_the_guest_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
