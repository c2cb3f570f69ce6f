/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/memory/restore.h"
#include "tests/unit/memory_fixture.h"

static struct memory_settings settings;
static struct memory_reading readings[2];

static int set_up(void **state)
{
    (void)state;
    memory_settings_default(&settings);
    readings[0] = reading_make(1, 1024, 300);
    readings[1] = reading_make(2, 512, 400);
    return 0;
}

static uint64_t size_mib(uint64_t kept_mib, uint64_t spare_mib)
{
    return memory_restore_size_kib(&settings, &readings[0], kept_mib * MIB, spare_mib * MIB) / MIB;
}

static uint64_t spare_mib(uint64_t free_mib)
{
    struct memory_sample sample = sample_make(2, free_mib, readings, 2);

    return memory_restore_spare_kib(&settings, &sample) / MIB;
}

static void down_to_what_it_needs_now(void **state)
{
    (void)state;
    assert_int_equal(size_mib(600, 0), 600);
    assert_int_equal(size_mib(350, 0), 400); /* 300 in use, 100 unused */
    reading_set(&readings[0], 1024, 50);
    assert_int_equal(size_mib(100, 0), 200);
    reading_set(&readings[0], 1024, 990); /* short already: nothing is taken, nothing is added */
    assert_int_equal(size_mib(600, 0), 1024);
}

static void not_down_at_all_where_its_report_does_not_tell(void **state)
{
    (void)state;
    readings[0].stats_age_ns = 11 * SECOND;
    assert_int_equal(size_mib(600, 0), 1024);
    readings[0].stats_age_ns = 9 * SECOND;
    assert_int_equal(size_mib(600, 0), 600);
    settings.interval_s = 5; /* then a report of 11 s is fresh */
    readings[0].stats_age_ns = 11 * SECOND;
    assert_int_equal(size_mib(600, 0), 600);
    readings[0].unused_kib = 1025 * MIB;
    assert_int_equal(size_mib(600, 0), 1024);
    readings[0].has = 0;
    assert_int_equal(size_mib(600, 0), 1024);
}

static void up_as_far_as_there_is_memory(void **state)
{
    (void)state;
    assert_int_equal(size_mib(1500, 1000), 1500);
    assert_int_equal(size_mib(1500, 100), 1124);
    assert_int_equal(size_mib(1500, 0), 1024);
    readings[0].has = 0; /* growing hurts nobody */
    assert_int_equal(size_mib(1500, 1000), 1500);
}

static void the_reserve_and_what_was_promised_are_spent(void **state)
{
    (void)state;
    assert_int_equal(spare_mib(1000), 800);
    readings[0].rss_kib = 500 * MIB; /* 524 and 64 MiB untouched */
    assert_int_equal(spare_mib(1000), 212);
    assert_int_equal(spare_mib(700), 0);
    readings[0].locked = true; /* taken as a whole at its start */
    assert_int_equal(spare_mib(1000), 800);
    readings[0].locked = false;
    readings[0].has &= ~(unsigned)MEMORY_HAS_RSS; /* the host does not tell */
    assert_int_equal(spare_mib(1000), 800);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(down_to_what_it_needs_now, set_up),
        cmocka_unit_test_setup(not_down_at_all_where_its_report_does_not_tell, set_up),
        cmocka_unit_test_setup(up_as_far_as_there_is_memory, set_up),
        cmocka_unit_test_setup(the_reserve_and_what_was_promised_are_spent, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
