/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/memory/demand.h"
#include "tests/unit/memory_fixture.h"

static struct memory_settings settings;
static struct memory_belief belief, was;
static struct memory_demand demand;
static struct memory_reading reading;
static double now_s;

static int set_up(void **state)
{
    (void)state;
    memory_settings_default(&settings);
    memset(&belief, 0, sizeof(belief));
    memset(&demand, 0, sizeof(demand));
    reading = reading_make(1, 1024, 300);
    now_s = 2;
    return 0;
}

static void report(uint64_t used_mib)
{
    struct memory_demand next;

    was = belief;
    now_s += settings.interval_s;
    belief = (struct memory_belief){.known = true,
                                    .fresh = true,
                                    .stats_at_ns = (uint64_t)(now_s * 1e9),
                                    .used_kib = (int64_t)(used_mib * MIB),
                                    .unused_kib =
                                        (int64_t)reading.actual_kib - (int64_t)(used_mib * MIB)};
    memory_demand_next(&settings, belief.stats_at_ns, &reading, &was, &belief, false, &demand,
                       &next);
    demand = next;
}

static void a_rise_is_believed_at_once_and_a_fall_by_half(void **state)
{
    (void)state;
    report(300);
    report(400);
    assert_int_equal(demand.demand_kib, 400 * MIB);
    settings.fall_half_life_s = settings.interval_s;
    report(300);
    assert_int_equal(demand.demand_kib, 350 * MIB);
    settings.fall_half_life_s = 0;
    report(200);
    assert_int_equal(demand.demand_kib, 200 * MIB);
}

static void growth_is_a_rate_and_is_remembered(void **state)
{
    (void)state;
    report(300);
    report(340);
    assert_int_equal(demand.phase, PHASE_RISING);
    /* The first report of growth may cover only a part of the interval: doubled. */
    assert_true(demand.growth_kib_per_s == 40.0 * 1024);
    report(380);
    report(420);
    assert_true(demand.growth_kib_per_s >= 20.0 * 1024 && demand.growth_kib_per_s < 30.0 * 1024);
    report(421);
    assert_true(demand.growth_kib_per_s > 10.0 * 1024);
    assert_int_equal(demand.phase, PHASE_RISING);
}

static void growth_has_to_stop_for_a_while_before_anything_is_released(void **state)
{
    int reports = 0;

    (void)state;
    report(300);
    report(400);
    while (demand.phase == PHASE_RISING && reports++ < 20)
        report(400);
    assert_int_equal(reports, 4); /* quiet_s at 2 s */
    assert_int_equal(demand.phase, PHASE_FALLING);
}

static void a_large_fall_is_released_at_once(void **state)
{
    (void)state;
    report(300);
    report(700);
    report(300);
    assert_int_equal(demand.phase, PHASE_FALLING);
}

/* What was freed and used again a moment later is not taken at once the next time. */
static void patience_is_forgotten_when_nothing_is_regretted(void **state)
{
    (void)state;
    report(300);
    demand.patience_s = 10;
    report(300);
    assert_true(demand.patience_s == 10);
    now_s += 3600;
    report(300);
    assert_true(demand.patience_s == 0);
}

static void a_regretted_release_teaches_patience(void **state)
{
    (void)state;
    report(300);
    report(700);
    report(300);
    assert_true(demand.patience_s == 0);
    report(700);
    assert_true(demand.patience_s == settings.quiet_s);
    report(300);
    assert_int_not_equal(demand.phase, PHASE_FALLING);
    report(700);
    assert_true(demand.patience_s == 2 * settings.quiet_s);
}

static void noise_is_not_growth(void **state)
{
    (void)state;
    report(300);
    report(330);
    report(300);
    report(325);
    assert_int_equal(demand.wander_kib / (int64_t)MIB, 29);
    for (int i = 0; i < 10; i++)
        report(i % 2 ? 322 : 305);
    assert_int_not_equal(demand.phase, PHASE_RISING);
    assert_true(memory_demand_unrest_kib(&demand) > 0);
}

/* The last of a program that ended comes in a report of its own. */
static void what_is_freed_once_is_not_kept(void **state)
{
    (void)state;
    report(80);
    report(827);
    report(123);
    report(80);
    assert_int_equal(memory_demand_unrest_kib(&demand), 0);
    report(827); /* nor does the next program make it a wave */
    report(123);
    report(80);
    assert_int_equal(memory_demand_unrest_kib(&demand), 0);
    report(60);
    report(81);
    report(60);
    assert_true(memory_demand_unrest_kib(&demand) > 0);
}

static void swapping_back_in_is_a_wish(void **state)
{
    (void)state;
    reading.has |= MEMORY_HAS_SWAP;
    reading.swap_in_kib = 5000 * MIB; /* of long ago */
    report(300);
    assert_int_equal(demand.swapped_kib, 0);
    reading.swap_in_kib += 20 * MIB;
    report(300);
    assert_int_equal(demand.swapped_kib, 20 * MIB);
    assert_int_equal(demand.phase, PHASE_RISING);
}

static void faults_count_only_where_memory_is_short(void **state)
{
    (void)state;
    reading.has |= MEMORY_HAS_FAULTS;
    report(300);
    reading.major_faults += 1000;
    report(300);
    assert_int_equal(demand.phase, PHASE_RESTING);
    reading_set(&reading, 360, 300);
    reading.major_faults += 1000;
    report(300);
    assert_int_equal(demand.phase, PHASE_RISING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_rise_is_believed_at_once_and_a_fall_by_half, set_up),
        cmocka_unit_test_setup(growth_is_a_rate_and_is_remembered, set_up),
        cmocka_unit_test_setup(growth_has_to_stop_for_a_while_before_anything_is_released, set_up),
        cmocka_unit_test_setup(a_large_fall_is_released_at_once, set_up),
        cmocka_unit_test_setup(patience_is_forgotten_when_nothing_is_regretted, set_up),
        cmocka_unit_test_setup(a_regretted_release_teaches_patience, set_up),
        cmocka_unit_test_setup(noise_is_not_growth, set_up),
        cmocka_unit_test_setup(what_is_freed_once_is_not_kept, set_up),
        cmocka_unit_test_setup(swapping_back_in_is_a_wish, set_up),
        cmocka_unit_test_setup(faults_count_only_where_memory_is_short, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
