/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/memory/pressure.h"

enum { MIB = 1024, N = 3 };

static struct memory_settings settings;
static struct memory_host host;
static struct memory_track tracks[N];
static struct memory_item items[N];

/* Each needs 400 MiB and would be brought to 420; they hold 1000, 700 and 500. A host of 6000 MiB:
 * at 20 %, 800 have to be free. */
static int set_up(void **state)
{
    static const int64_t held_mib[N] = {1000, 700, 500};

    (void)state;
    memory_settings_default(&settings);
    settings.only_pressed = true;
    host = (struct memory_host){.total_kib = 6000 * MIB, .spare_kib = 2000 * MIB};
    memset(tracks, 0, sizeof(tracks));
    for (int i = 0; i < N; i++)
        items[i] = (struct memory_item){.floor_kib = 400 * MIB,
                                        .cached_kib = 400 * MIB,
                                        .wish_kib = 400 * MIB,
                                        .rest_kib = 420 * MIB,
                                        .current_kib = held_mib[i] * MIB,
                                        .weight = 100};
    return 0;
}

static int64_t rest_mib(int i)
{
    return (items[i].rest_kib + MIB / 2) / MIB;
}

static void relax(void)
{
    memory_pressure_relax(&settings, &host, tracks, N, items);
}

static void assert_rests(int64_t a_mib, int64_t b_mib, int64_t c_mib)
{
    assert_int_equal(rest_mib(0), a_mib);
    assert_int_equal(rest_mib(1), b_mib);
    assert_int_equal(rest_mib(2), c_mib);
}

static void a_host_with_enough_takes_nothing(void **state)
{
    (void)state;
    relax();
    assert_rests(1000, 700, 500);
}

static void always_takes_all_that_is_idle(void **state)
{
    (void)state;
    settings.only_pressed = false;
    relax();
    assert_rests(420, 420, 420);
}

static void no_more_is_taken_than_the_host_lacks_and_from_the_richest(void **state)
{
    (void)state;
    host.spare_kib = 700 * MIB; /* 100 are missing */
    relax();
    assert_rests(900, 700, 500);
    set_up(NULL);
    host.spare_kib = 300 * MIB; /* 500 are */
    relax();
    assert_rests(600, 600, 500);
    set_up(NULL);
    host.spare_kib = -2000 * MIB;
    relax();
    assert_rests(420, 420, 420);
}

static void an_unmet_wish_is_pressure(void **state)
{
    (void)state;
    settings.pressure_pct = 0;
    host.spare_kib = 0;
    relax();
    assert_rests(1000, 700, 500);
    set_up(NULL);
    settings.pressure_pct = 0;
    host.spare_kib = 0;
    items[2].wish_kib = items[2].rest_kib = 750 * MIB;
    relax();
    assert_rests(750, 700, 750);
}

static void who_is_used_to_jump_keeps_room_for_it(void **state)
{
    (void)state;
    tracks[0].demand.jump_kib = 500 * MIB;
    host.spare_kib = 600 * MIB; /* 200 are missing; a has 100 beside its jump, b 280, c 80 */
    relax();
    assert_rests(990, 510, 500);
    set_up(NULL);
    tracks[0].demand.jump_kib = 500 * MIB;
    settings.use_jumps = false;
    host.spare_kib = 600 * MIB;
    relax();
    assert_rests(800, 700, 500);
    set_up(NULL);
    tracks[0].demand.jump_kib = 500 * MIB;
    host.spare_kib = -2000 * MIB; /* the host comes first */
    relax();
    assert_rests(420, 420, 420);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_host_with_enough_takes_nothing, set_up),
        cmocka_unit_test_setup(always_takes_all_that_is_idle, set_up),
        cmocka_unit_test_setup(no_more_is_taken_than_the_host_lacks_and_from_the_richest, set_up),
        cmocka_unit_test_setup(an_unmet_wish_is_pressure, set_up),
        cmocka_unit_test_setup(who_is_used_to_jump_keeps_room_for_it, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
