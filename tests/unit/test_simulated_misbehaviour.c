/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/simulated_fixture.h"

/* Guests that do not do as they are told, and hosts that go away. */

static const uint64_t MIB = 1024;

static void open_one(struct kit *kit, const char *members, const char *events)
{
    char text[1000];

    snprintf(text, sizeof(text),
             "{\"guests\": [{\"name\": \"a\", \"actual_mib\": 1000%s}], \"events\": [%s]}", members,
             events);
    kit_open(kit, SIMULATED_MEMORY, 1, text);
    kit_wait(kit, 1);
}

static uint64_t actual_mib(const struct kit *kit)
{
    return (kit_guest(kit, 0).actual_kib + MIB / 2) / MIB;
}

/* Asks for a size and tells where the guest is n seconds later. */
static uint64_t after(struct kit *kit, double mib, int n)
{
    assert_int_equal(kit_balloon(kit, "a", mib), 0);
    kit_wait(kit, n);
    return actual_mib(kit);
}

static void balloons_with_a_will_of_their_own(void **state)
{
    struct kit kit;

    (void)state;
    open_one(&kit, ", \"balloon_driver\": false", "");
    assert_int_equal(after(&kit, 600, 10), 1000);
    kit_close(&kit);
    open_one(&kit, ", \"balloon_mib_per_s\": 0", "");
    assert_int_equal(after(&kit, 600, 10), 1000);
    kit_close(&kit);
    open_one(&kit, ", \"balloon_least_mib\": 700, \"balloon_most_mib\": 1100", "");
    assert_int_equal(after(&kit, 500, 10), 700);
    assert_int_equal(after(&kit, 1500, 10), 1100);
    kit_close(&kit);
    open_one(&kit, ", \"balloon_reverts_s\": 5", "");
    assert_int_equal(after(&kit, 600, 4), 600);
    kit_wait(&kit, 6);
    assert_int_equal(actual_mib(&kit), 1000);
    kit_close(&kit);
    open_one(&kit, ", \"balloon_device\": false", "");
    assert_int_equal(kit_balloon(&kit, "a", 600), -ENOTSUP);
    assert_int_equal(kit_guest(&kit, 0).forbidden_calls, 1);
    kit_close(&kit);
}

static void a_balloon_that_deflates_by_itself(void **state)
{
    struct kit kit;

    (void)state;
    open_one(&kit, ", \"autodeflate\": true",
             "{\"at_s\": 2, \"do\": \"grow\", \"mib_per_s\": 40, \"until_mib\": 1300}");
    kit_wait(&kit, 35);
    assert_true(actual_mib(&kit) > 1400);
    assert_int_equal(kit_guest(&kit, 0).oom_below, 0);
    kit_close(&kit);
}

static struct memory_reading reading(struct kit *kit)
{
    struct memory_sample sample;
    struct memory_reading one;

    assert_int_equal(kit->host.sample_memory(kit->host.self, &sample, NULL), 0);
    assert_int_equal(sample.n_guests, 1);
    one = sample.guests[0];
    memory_sample_done(&sample);
    return one;
}

static struct memory_reading reading_with(const char *kind)
{
    struct memory_reading one;
    char event[100];
    struct kit kit;

    snprintf(event, sizeof(event), "{\"at_s\": 2, \"do\": \"statistics\", \"are\": \"%s\"}", kind);
    open_one(&kit, "", event);
    kit_wait(&kit, 5);
    one = reading(&kit);
    kit_close(&kit);
    return one;
}

static void statistics_that_lie(void **state)
{
    (void)state;
    assert_in_range(reading_with("ok").stats_age_ns, 0, 1100000000);
    assert_false(reading_with("missing").has & MEMORY_HAS_UNUSED);
    assert_true(reading_with("missing").has & MEMORY_HAS_RSS);
    assert_in_range(reading_with("frozen").stats_age_ns, 2900000000, 5000000000);
    assert_true(reading_with("minus-one").unused_kib == UINT64_MAX);
    assert_int_equal(reading_with("zero").unused_kib, 0);
    assert_true(reading_with("absurd").unused_kib > reading_with("absurd").actual_kib);
    assert_true(reading_with("future").stats_age_ns > UINT64_MAX / 2);
}

static void states_of_a_guest(void **state)
{
    struct kit kit;

    (void)state;
    open_one(&kit, ", \"locked\": true",
             "{\"at_s\": 3, \"do\": \"pause\"}, {\"at_s\": 5, \"do\": \"resume\"},"
             "{\"at_s\": 6, \"do\": \"migrate\", \"for_s\": 3}, {\"at_s\": 12, \"do\": \"reboot\"},"
             "{\"at_s\": 30, \"do\": \"plug\", \"mib\": 512}, {\"at_s\": 33, \"do\": \"stop\"},"
             "{\"at_s\": 36, \"do\": \"start\"}");
    assert_int_equal(reading(&kit).run, GUEST_RUNNING);
    assert_true(reading(&kit).locked);
    kit_wait(&kit, 4);
    assert_int_equal(reading(&kit).run, GUEST_PAUSED);
    kit_wait(&kit, 3);
    assert_int_equal(reading(&kit).run, GUEST_MIGRATING);
    assert_int_equal(kit_balloon(&kit, "a", 900), -EBUSY);
    assert_int_equal(kit_guest(&kit, 0).forbidden_calls, 2);
    kit_wait(&kit, 4);
    assert_int_equal(reading(&kit).run, GUEST_RUNNING);
    kit_wait(&kit, 2);
    assert_int_equal(reading(&kit).actual_kib, 2048 * MIB);
    assert_false(reading(&kit).has & MEMORY_HAS_UNUSED);
    kit_wait(&kit, 10);
    assert_int_equal(reading(&kit).actual_kib, 1000 * MIB);
    assert_true(reading(&kit).has & MEMORY_HAS_UNUSED);
    kit_wait(&kit, 8);
    assert_int_equal(reading(&kit).maximum_kib, 2560 * MIB);
    assert_int_equal(reading(&kit).actual_kib, 1512 * MIB);
    kit_wait(&kit, 5);
    assert_int_equal(reading(&kit).run, GUEST_STARTING);
    kit_close(&kit);
}

static void calls_that_fail(void **state)
{
    struct memory_sample sample;
    struct guest_id id;
    struct kit kit;

    (void)state;
    open_one(&kit, "",
             "{\"at_s\": 2, \"do\": \"refuse\", \"for_s\": 2},"
             "{\"at_s\": 5, \"do\": \"outage\", \"for_s\": 3}, {\"at_s\": 9, \"do\": \"vanish\"}");
    id = kit_id(&kit, "a");
    kit_wait(&kit, 2);
    assert_int_equal(kit_balloon(&kit, "a", 900), -EIO);
    kit_wait(&kit, 2);
    assert_int_equal(kit_balloon(&kit, "a", 900), 0);
    kit_wait(&kit, 1);
    assert_int_equal(kit.host.sample_memory(kit.host.self, &sample, NULL), -ENOTCONN);
    assert_int_equal(kit.host.set_balloon(kit.host.self, &id, 900 * MIB, NULL), -ENOTCONN);
    kit_wait(&kit, 4);
    assert_int_equal(kit_balloon(&kit, "a", 700), -ENOENT);
    assert_int_equal(kit_guest(&kit, 0).balloon_calls, 1);
    assert_false(kit_guest(&kit, 0).alive);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balloons_with_a_will_of_their_own),
        cmocka_unit_test(a_balloon_that_deflates_by_itself),
        cmocka_unit_test(statistics_that_lie),
        cmocka_unit_test(states_of_a_guest),
        cmocka_unit_test(calls_that_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
