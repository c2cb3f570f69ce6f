/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/memory/track.h"
#include "tests/unit/memory_fixture.h"

static struct memory_settings settings;
static struct memory_reading reading;
static struct memory_track track;
static double now_s;

static int set_up(void **state)
{
    (void)state;
    memory_settings_default(&settings);
    memset(&track, 0, sizeof(track));
    reading = reading_make(1, 512, 190);
    now_s = 0;
    return 0;
}

static enum guest_state see(bool is_bulk)
{
    struct memory_track next;
    uint64_t at_ns = (uint64_t)((now_s += 2) * 1e9);
    int64_t host_kib = 8192 * (int64_t)MIB + (int64_t)reading.rss_kib;

    reading.unused_kib++;
    memory_track_follow(&settings, at_ns, &reading, host_kib, &track, &next);
    memory_track_next(&settings, at_ns, &reading, &track, is_bulk, &next);
    track = next;
    return track.state;
}

static void learning_ends_after_three_readings(void **state)
{
    (void)state;
    assert_int_equal(see(false), GUEST_LEARNING);
    assert_int_equal(see(false), GUEST_LEARNING);
    assert_int_equal(see(false), GUEST_OK);
    assert_int_equal(track.since_ns, 6 * SECOND);
    assert_int_equal(see(false), GUEST_OK);
    assert_int_equal(track.since_ns, 6 * SECOND);
}

static void what_may_not_be_touched_is_fixed(void **state)
{
    (void)state;
    see(false);
    reading.run = GUEST_PAUSED;
    assert_int_equal(see(false), GUEST_FIXED);
    reading.run = GUEST_RUNNING;
    reading.locked = true;
    assert_int_equal(see(false), GUEST_FIXED);
    reading.locked = false;
    reading.has_balloon = false;
    assert_int_equal(see(false), GUEST_FIXED);
    reading.has_balloon = true;
    reading.policy.excluded = true;
    assert_int_equal(see(false), GUEST_FIXED);
    reading.policy.excluded = false;
    assert_int_equal(see(false), GUEST_OK);
}

static void silence_outweighs_being_stuck_and_both_being_late(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        see(false);
    memory_response_ask(&track.response, (uint64_t)(now_s * 1e9), 512 * 1024, 400 * 1024);
    reading.actual_kib -= 2 * MIB;
    see(false);
    reading.actual_kib -= 2 * MIB;
    see(false);
    reading.actual_kib -= 2 * MIB;
    assert_int_equal(see(false), GUEST_SLOW);
    for (int i = 0; i < 3; i++)
        see(false);
    assert_int_equal(track.state, GUEST_STUCK);
    reading.has = 0;
    see(false);
    see(false);
    assert_int_equal(see(false), GUEST_SILENT);
}

static void a_guest_that_touched_everything_shows_its_overhead(void **state)
{
    (void)state;
    see(false);
    assert_int_equal(track.overhead_kib, 64 * MIB);
    reading.rss_kib = (512 + 150) * MIB;
    see(false);
    assert_int_equal(track.overhead_kib, 150 * MIB);
    reading.actual_kib -= 100 * MIB; /* moving: the numbers do not belong together */
    see(false);
    assert_int_equal(track.overhead_kib, 150 * MIB);
    reading.rss_kib = 300 * MIB; /* not all touched: shows nothing, and what was learned stays */
    see(false);
    assert_int_equal(track.overhead_kib, 150 * MIB);
}

static void sizes_set_in_bulk_restart_the_quiet(void **state)
{
    (void)state;
    see(false);
    see(false);
    assert_int_equal(track.demand.quiet_since_ns, 2 * SECOND);
    see(true);
    assert_int_equal(track.demand.quiet_since_ns, 6 * SECOND);
}

static void current_is_held_or_promised(void **state)
{
    (void)state;
    see(false);
    assert_int_equal(memory_track_current_kib(&track), 512 * MIB);
    track.response.asked_kib = 600 * MIB;
    assert_int_equal(memory_track_current_kib(&track), 600 * MIB);
    track.response.asked_kib = 400 * MIB;
    assert_int_equal(memory_track_current_kib(&track), 512 * MIB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(learning_ends_after_three_readings, set_up),
        cmocka_unit_test_setup(what_may_not_be_touched_is_fixed, set_up),
        cmocka_unit_test_setup(silence_outweighs_being_stuck_and_both_being_late, set_up),
        cmocka_unit_test_setup(a_guest_that_touched_everything_shows_its_overhead, set_up),
        cmocka_unit_test_setup(sizes_set_in_bulk_restart_the_quiet, set_up),
        cmocka_unit_test_setup(current_is_held_or_promised, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
