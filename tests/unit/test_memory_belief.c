/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/memory/belief.h"
#include "tests/unit/memory_fixture.h"

static struct memory_settings settings;

/* Reads the guest at at_s after last_s; old may be NULL. */
static struct memory_belief next(const struct memory_reading *reading, double at_s,
                                 uint64_t last_mib, const struct memory_belief *old)
{
    const struct memory_belief nothing = {0};
    struct memory_belief belief;
    double last_s = old ? at_s - settings.interval_s : 0;

    memory_belief_next(&settings, (uint64_t)(at_s * 1e9), reading, (int64_t)(last_mib * MIB),
                       (uint64_t)(last_s * 1e9), old ? old : &nothing, &belief);
    return belief;
}

static int set_up(void **state)
{
    (void)state;
    memory_settings_default(&settings);
    return 0;
}

static void used_is_what_is_held_and_not_free(void **state)
{
    struct memory_reading reading = reading_make(1, 512, 190);
    struct memory_belief belief = next(&reading, 2, 0, NULL);

    (void)state;
    assert_true(belief.known && belief.fresh && !belief.silent);
    assert_int_equal(belief.used_kib, 190 * MIB);
    assert_int_equal(belief.kernel_kib, 16 * MIB);
    reading.usable_kib = reading.unused_kib + 40 * MIB;
    belief = next(&reading, 4, 512, &belief);
    assert_int_equal(belief.active_kib, 150 * MIB);
    assert_int_equal(belief.used_kib, 190 * MIB);
}

/* A report from before the balloon moved still says what was used then. */
static void report_and_size_of_different_instants(void **state)
{
    struct memory_reading reading = reading_make(1, 1024, 300);
    struct memory_belief belief = next(&reading, 2, 0, NULL);

    (void)state;
    reading.unused_kib -= 5 * MIB;
    reading.actual_kib = 896 * MIB;
    belief = next(&reading, 4, 1024, &belief);
    assert_int_equal(belief.used_kib, 305 * MIB);
    settings.use_pairing = false;
    reading.unused_kib += 1;
    belief = next(&reading, 6, 896, &belief);
    assert_true(belief.used_kib < (int64_t)(200 * MIB));
}

/* First seen while its balloon is on its way, by a report from before: the kernel's part is not
 * known until the guest rests, and until then as much is unsure as the balloon moves. */
static void a_kernels_part_that_is_seen_on_the_way_is_not_kept(void **state)
{
    struct memory_reading reading = reading_make(1, 1024, 300);
    struct memory_belief belief;

    (void)state;
    reading.actual_kib = 1012 * MIB;
    belief = next(&reading, 2, 0, NULL);
    assert_int_equal(belief.used_kib, 288 * MIB);
    reading_set(&reading, 984, 300);
    reading.actual_kib = 972 * MIB;
    belief = next(&reading, 4, 1012, &belief);
    assert_true(belief.used_kib + belief.unsure_kib >= (int64_t)(300 * MIB));
    reading_set(&reading, 972, 300);
    belief = next(&reading, 6, 972, &belief);
    assert_int_equal(belief.used_kib, 300 * MIB);
    assert_int_equal(belief.unsure_kib, 0);
}

/* Nobody knows yet how total and size go together, and a report that says it is old is not: what it
 * says itself is in use. */
static void what_a_report_says_is_in_use_is_in_use(void **state)
{
    struct memory_reading reading = reading_make(1, 900, 300);
    struct memory_belief belief;

    (void)state;
    reading.actual_kib = 800 * MIB;
    belief = next(&reading, 2, 0, NULL);
    assert_int_equal(belief.kernel_kib, -1);
    reading_set(&reading, 900, 400);
    reading.stats_age_ns = 8 * SECOND;
    belief = next(&reading, 4, 800, &belief);
    assert_true(belief.used_kib >= (int64_t)(reading.available_kib - reading.unused_kib));
}

/* Where the guest's total does not follow its balloon it is no use. */
static void a_total_that_does_not_follow(void **state)
{
    struct memory_reading reading = reading_make(1, 1024, 300);
    struct memory_belief belief;

    (void)state;
    reading.available_kib = 2048 * MIB;
    belief = next(&reading, 2, 0, NULL);
    assert_int_equal(belief.kernel_kib, -1);
    assert_int_equal(belief.used_kib, 300 * MIB);
    reading.unused_kib -= 100 * MIB;
    reading.actual_kib -= 128 * MIB;
    belief = next(&reading, 4, 1024, &belief);
    assert_int_equal(belief.unsure_kib, 128 * MIB);
}

static void one_odd_reading_is_passed_over_and_two_are_silence(void **state)
{
    struct memory_reading reading = reading_make(1, 512, 190);
    struct memory_belief belief = next(&reading, 2, 0, NULL);

    (void)state;
    reading.unused_kib = 600 * MIB;
    belief = next(&reading, 4, 512, &belief);
    assert_true(belief.known && !belief.silent && !belief.fresh);
    assert_int_equal(belief.used_kib, 190 * MIB);
    assert_int_not_equal(belief.bad_since_ns, 0);
    belief = next(&reading, 6, 512, &belief);
    assert_false(belief.silent);
    belief = next(&reading, 8, 512, &belief);
    assert_true(belief.silent);
    assert_string_not_equal(belief.why_not, "");
    reading.unused_kib = 320 * MIB;
    belief = next(&reading, 10, 512, &belief);
    assert_true(belief.silent);
    belief = next(&reading, 12, 512, &belief);
    assert_false(belief.silent);
}

static void what_is_not_believed(void **state)
{
    static const struct {
        unsigned has;
        uint64_t unused_kib, age_ns;
        const char *why;
    } rows[] = {
        {0, 300 * MIB, 0, "it reports no statistics"},
        {MEMORY_HAS_UNUSED | MEMORY_HAS_AGE, 0, 0, "it reports no unused memory at all"},
        {MEMORY_HAS_UNUSED | MEMORY_HAS_AGE, UINT64_MAX, 0,
         "it reports more unused memory than it holds"},
        {MEMORY_HAS_UNUSED | MEMORY_HAS_AGE, 513 * MIB, 0,
         "it reports more unused memory than it holds"},
        {MEMORY_HAS_UNUSED | MEMORY_HAS_AGE, 300 * MIB, 11 * SECOND, "its statistics are 11 s old"},
        {MEMORY_HAS_UNUSED | MEMORY_HAS_AGE, 300 * MIB, (uint64_t)(-60 * (int64_t)SECOND),
         "its statistics come from the future"},
        {MEMORY_HAS_UNUSED | MEMORY_HAS_AGE, 300 * MIB, (uint64_t)(-1 * (int64_t)SECOND), ""},
        {MEMORY_HAS_UNUSED | MEMORY_HAS_AGE, 300 * MIB, 9 * SECOND, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct memory_reading reading = reading_make(1, 512, 190);
        struct memory_belief belief;

        reading.has = rows[i].has;
        reading.unused_kib = rows[i].unused_kib;
        reading.stats_age_ns = rows[i].age_ns;
        belief = next(&reading, 100, 0, NULL);
        assert_string_equal(belief.why_not, rows[i].why);
        assert_int_equal(belief.silent, rows[i].why[0] != '\0');
    }
}

/* The size moves and nothing of what is reported does: not at once, but after a while. */
static void numbers_that_never_change_are_no_reports(void **state)
{
    struct memory_reading reading = reading_make(1, 1024, 300);
    struct memory_belief belief = next(&reading, 2, 0, NULL);
    uint64_t last = 1024;

    (void)state;
    for (int at_s = 4; at_s <= 14; at_s += 2) {
        reading.actual_kib = 896 * MIB;
        belief = next(&reading, at_s, last, &belief);
        last = 896;
        assert_int_equal(belief.used_kib, 300 * MIB);
    }
    assert_true(belief.silent);
    assert_non_null(strstr(belief.why_not, "have not changed by a KiB"));
}

/* At rest the same numbers are simply true. */
static void the_same_numbers_at_rest_are_fresh(void **state)
{
    struct memory_reading reading = reading_make(1, 512, 190);
    struct memory_belief belief = next(&reading, 2, 0, NULL);

    (void)state;
    belief = next(&reading, 4, 512, &belief);
    assert_true(belief.fresh);
    assert_int_equal(belief.stats_at_ns, 4 * SECOND);
}

/* First seen while a balloon was on its way, and paired with the size before: the same numbers with
 * a later time go with the size that it came to. Without a later time they say nothing new. */
static void the_same_numbers_later_go_with_the_size_at_rest(void **state)
{
    struct memory_reading reading = reading_make(1, 683, 79);
    struct memory_belief belief;

    (void)state;
    reading.unused_kib = 809 * MIB;
    belief = next(&reading, 2, 0, NULL);
    assert_true(belief.silent);
    reading_set(&reading, 512, 79);
    reading.stats_age_ns = 3 * SECOND / 2;
    belief = next(&reading, 4, 683, &belief);
    assert_int_equal(belief.used_kib, 250 * MIB);
    reading.stats_age_ns = 7 * SECOND / 2;
    belief = next(&reading, 6, 512, &belief);
    assert_false(belief.fresh);
    assert_int_equal(belief.used_kib, 250 * MIB);
    reading.stats_age_ns = 3 * SECOND / 2;
    belief = next(&reading, 8, 512, &belief);
    assert_true(belief.fresh && !belief.silent);
    assert_int_equal(belief.used_kib, 79 * MIB);
    assert_int_equal(belief.unsure_kib, 0);
}

/* A dry run asks nobody: what was reported hours ago counts, and counts again. */
static void an_old_report_will_do_for_a_look(void **state)
{
    struct memory_reading reading = reading_make(1, 1024, 300);
    struct memory_belief belief;

    (void)state;
    settings.use_old_reports = true;
    reading.stats_age_ns = 7200 * SECOND;
    belief = next(&reading, 2, 0, NULL);
    assert_int_equal(belief.used_kib, 300 * MIB);
    belief = next(&reading, 4, 1024, &belief);
    assert_true(belief.fresh && !belief.silent && belief.good == 2);
    settings.use_old_reports = false;
    belief = next(&reading, 6, 1024, &belief);
    assert_true(!belief.fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(used_is_what_is_held_and_not_free, set_up),
        cmocka_unit_test_setup(report_and_size_of_different_instants, set_up),
        cmocka_unit_test_setup(a_kernels_part_that_is_seen_on_the_way_is_not_kept, set_up),
        cmocka_unit_test_setup(what_a_report_says_is_in_use_is_in_use, set_up),
        cmocka_unit_test_setup(a_total_that_does_not_follow, set_up),
        cmocka_unit_test_setup(one_odd_reading_is_passed_over_and_two_are_silence, set_up),
        cmocka_unit_test_setup(what_is_not_believed, set_up),
        cmocka_unit_test_setup(numbers_that_never_change_are_no_reports, set_up),
        cmocka_unit_test_setup(the_same_numbers_at_rest_are_fresh, set_up),
        cmocka_unit_test_setup(the_same_numbers_later_go_with_the_size_at_rest, set_up),
        cmocka_unit_test_setup(an_old_report_will_do_for_a_look, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
