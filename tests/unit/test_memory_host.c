/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/memory/host.h"
#include "tests/unit/memory_fixture.h"

static struct memory_settings settings;
static struct memory_reading readings[2];
static struct memory_track tracks[2];

static int set_up(void **state)
{
    (void)state;
    memory_settings_default(&settings);
    memset(tracks, 0, sizeof(tracks));
    for (unsigned char i = 0; i < 2; i++) {
        readings[i] = reading_make(i, 512, 190);
        tracks[i].actual_kib = 512 * MIB;
        tracks[i].overhead_kib = 64 * MIB;
        tracks[i].belief.known = true;
        tracks[i].belief.used_kib = 190 * MIB;
    }
    return 0;
}

static struct memory_host account(uint64_t free_mib)
{
    struct memory_sample sample = sample_make(1, free_mib, readings, 2);
    struct memory_host host;

    memory_host_account(&settings, &sample, tracks, &host);
    return host;
}

static void a_guest_that_touched_everything_is_promised_nothing(void **state)
{
    struct memory_host host = account(1000);

    (void)state;
    assert_int_equal(host.promised_kib, 0);
    assert_int_equal(host.spare_kib, 800 * MIB);
    assert_int_equal(host.current_kib, 1024 * MIB);
}

static void held_and_not_yet_touched_counts_as_spent(void **state)
{
    (void)state;
    readings[0].rss_kib = 300 * MIB;
    assert_int_equal(account(1000).promised_kib, (512 + 64 - 300) * MIB);
    settings.promised_pct = 0;
    assert_int_equal(account(1000).promised_kib, 0);
}

/* Its size is that which it set out with. */
static void an_arriving_guest_may_hold_all_of_its_memory(void **state)
{
    (void)state;
    readings[0].rss_kib = 300 * MIB;
    readings[0].run = GUEST_ARRIVING;
    readings[0].maximum_kib = 2048 * MIB;
    assert_int_equal(account(1000).promised_kib, (2048 + 64 - 300) * MIB);
    assert_int_equal(account(1000).current_kib, (2048 + 512) * MIB);
    readings[0].maximum_kib = 0; /* not told */
    assert_int_equal(account(1000).promised_kib, (512 + 64 - 300) * MIB);
}

static void granted_and_not_yet_arrived_counts_as_spent(void **state)
{
    (void)state;
    tracks[1].response.asked_kib = 700 * MIB;
    assert_int_equal(account(1000).promised_kib, 188 * MIB);
    assert_int_equal(account(1000).current_kib, (512 + 700) * MIB);
    tracks[1].response.asked_kib = 400 * MIB; /* on its way down: still held */
    assert_int_equal(account(1000).promised_kib, 0);
}

static void locked_memory_was_taken_at_the_start(void **state)
{
    (void)state;
    readings[0].locked = true;
    readings[0].rss_kib = 10 * MIB; /* huge pages are not part of it */
    assert_int_equal(account(1000).promised_kib, 0);
}

static void where_touched_memory_is_unknown_used_memory_is_what_is_certain(void **state)
{
    (void)state;
    readings[0].has &= ~(unsigned)MEMORY_HAS_RSS;
    assert_int_equal(account(1000).promised_kib, (512 - 190) * MIB);
    tracks[0].belief.known = false;
    assert_int_equal(account(1000).promised_kib, 512 * MIB);
    tracks[0].belief.known = true;
    tracks[0].response.disturbed = true;
    assert_int_equal(account(1000).unsure_kib, 190 * MIB);
}

/* A host with a warm page cache has little free memory and much that it can free. */
static void what_the_host_can_drop_is_free(void **state)
{
    struct memory_sample sample = sample_make(1, 300, readings, 2);
    struct memory_host host;

    (void)state;
    sample.host_available_kib = 5000 * MIB;
    memory_host_account(&settings, &sample, tracks, &host);
    assert_int_equal(host.free_kib, 5000 * MIB);
    sample.host_available_kib = 0; /* not told */
    memory_host_account(&settings, &sample, tracks, &host);
    assert_int_equal(host.free_kib, 300 * MIB);
}

static void the_budget_is_one_more_limit(void **state)
{
    (void)state;
    settings.host_budget_kib = 1100 * MIB;
    assert_int_equal(account(1000).spare_kib, 76 * MIB);
    assert_int_equal(account(250).spare_kib, 50 * MIB);
    settings.host_budget_kib = 900 * MIB;
    assert_int_equal(account(1000).spare_kib, -(int64_t)(124 * MIB));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_guest_that_touched_everything_is_promised_nothing, set_up),
        cmocka_unit_test_setup(held_and_not_yet_touched_counts_as_spent, set_up),
        cmocka_unit_test_setup(an_arriving_guest_may_hold_all_of_its_memory, set_up),
        cmocka_unit_test_setup(granted_and_not_yet_arrived_counts_as_spent, set_up),
        cmocka_unit_test_setup(locked_memory_was_taken_at_the_start, set_up),
        cmocka_unit_test_setup(where_touched_memory_is_unknown_used_memory_is_what_is_certain,
                               set_up),
        cmocka_unit_test_setup(what_the_host_can_drop_is_free, set_up),
        cmocka_unit_test_setup(the_budget_is_one_more_limit, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
