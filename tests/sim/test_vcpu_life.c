/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/vcpu_scene.h"

/* Guests come, go and fail; hosts have odd pCPUs; connections break. */

static void a_guest_that_starts_is_placed(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene("{\"duration_s\": 80, \"host\": {\"pcpus\": 2}, \"guests\": ["
               "{\"name\": \"a\", \"pct\": 45, \"affinity\": \"0\"},"
               "{\"name\": \"b\", \"pct\": 45, \"affinity\": \"1\"},"
               "{\"name\": \"c\", \"pct\": 45, \"present\": false},"
               "{\"name\": \"d\", \"pct\": 45, \"present\": false}],"
               "\"events\": [{\"at_s\": 20, \"do\": \"start\", \"guest\": \"[cd]\"}]}",
               2, NULL, &record);
    assert_int_equal(cpu_record_pins(&record, 0, 20), 0);
    assert_int_equal(vcpu_scene_pins(&record, 20), 2);
    assert_int_equal(vcpu_scene_pinned_on(&record, 0), 2);
    assert_int_equal(vcpu_scene_pinned_on(&record, 1), 2);
    cpu_record_done(&record);
}

/* Stopped and paused guests have no demand: the rest is spread evenly. */
static void stopped_and_paused_guests_do_not_count(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene("{\"duration_s\": 80, \"host\": {\"pcpus\": 2}, \"guests\": ["
               "{\"name\": \"a\", \"count\": 2, \"pct\": 40, \"affinity\": \"0\"},"
               "{\"name\": \"b\", \"count\": 2, \"pct\": 40, \"affinity\": \"1\"}],"
               "\"events\": [{\"at_s\": 20, \"do\": \"stop\", \"guest\": \"b-1\"},"
               "{\"at_s\": 20, \"do\": \"pause\", \"guest\": \"b-2\"}]}",
               2, NULL, &record);
    assert_int_equal(cpu_record_pins(&record, 0, 20), 0);
    assert_int_equal(vcpu_scene_pins(&record, 20), 1);
    assert_true(vcpu_scene_sigma(&record) < 2.5);
    cpu_record_done(&record);
}

static void pins_outlive_an_outage(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene("{\"duration_s\": 80, \"host\": {\"pcpus\": 4}, \"guests\": ["
               "{\"name\": \"a\", \"count\": 8, \"pct\": 40, \"affinity\": \"0\"}],"
               "\"events\": [{\"at_s\": 1, \"do\": \"outage\", \"for_s\": 30}]}",
               2, NULL, &record);
    assert_int_equal(cpu_record_pins(&record, 0, 31), 0);
    assert_int_equal(vcpu_scene_pins(&record, 31), 6);
    assert_true(vcpu_scene_sigma(&record) < 2.5);
    cpu_record_done(&record);
}

/* Pins would have to wait for the end of a migration. The others are balanced around the guest, and it is
 * put right afterwards. */
static void a_migrating_guest_stays_where_it_is(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene("{\"duration_s\": 120, \"host\": {\"pcpus\": 4}, \"guests\": ["
               "{\"name\": \"a\", \"count\": 8, \"pct\": 40, \"affinity\": \"0\"}],"
               "\"events\": [{\"do\": \"migrate\", \"guest\": \"a-[1-3]\", \"for_s\": 40}]}",
               2, NULL, &record);
    assert_in_range(cpu_record_pins(&record, 0, 40), 5, 8);
    assert_in_range(vcpu_scene_pins(&record, 40), 1, 3);
    for (unsigned p = 0; p < 4; p++)
        assert_int_equal(vcpu_scene_pinned_on(&record, p), 2);
    cpu_record_done(&record);
}

/* The others are balanced although one guest's calls fail and another is gone when it is to
 * move. */
static void one_failing_guest_does_not_stop_the_others(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene("{\"duration_s\": 80, \"host\": {\"pcpus\": 4}, \"guests\": ["
               "{\"name\": \"a\", \"count\": 8, \"pct\": 40, \"affinity\": \"0\"}],"
               "\"events\": [{\"do\": \"refuse\", \"guest\": \"a-3\", \"for_s\": 40},"
               "{\"do\": \"vanish\", \"guest\": \"a-5\"}]}",
               2, NULL, &record);
    for (unsigned p = 0; p < 4; p++)
        assert_in_range(vcpu_scene_pinned_on(&record, p), 1, 3);
    assert_int_equal(vcpu_scene_pins(&record, 50), 0);
    cpu_record_done(&record);
}

static void an_offline_pcpu_is_left(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene("{\"duration_s\": 80, \"host\": {\"pcpus\": 4}, \"guests\": ["
               "{\"name\": \"a\", \"count\": 3, \"pct\": 30, \"affinity\": \"0\"},"
               "{\"name\": \"b\", \"count\": 3, \"pct\": 30, \"affinity\": \"1\"},"
               "{\"name\": \"c\", \"count\": 3, \"pct\": 30, \"affinity\": \"2\"},"
               "{\"name\": \"d\", \"count\": 3, \"pct\": 30, \"affinity\": \"3\"}],"
               "\"events\": [{\"at_s\": 20, \"do\": \"offline\", \"pcpus\": \"2\"}]}",
               2, NULL, &record);
    assert_int_equal(cpu_record_pins(&record, 0, 20), 0);
    assert_int_equal(vcpu_scene_pins(&record, 20), 3);
    assert_int_equal(vcpu_scene_pinned_on(&record, 2), 0);
    assert_int_equal(vcpu_scene_pinned_on(&record, 0), 4);
    cpu_record_done(&record);
}

/* An administrator's <vcpupin> is a constraint. */
static void an_allowed_mask_is_never_widened(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene("{\"duration_s\": 60, \"host\": {\"pcpus\": 4}, \"guests\": ["
               "{\"name\": \"a\", \"count\": 4, \"pct\": 60, \"affinity\": \"0\","
               "\"allowed\": \"0-1\"},"
               "{\"name\": \"b\", \"count\": 2, \"pct\": 60, \"affinity\": \"0\"}]}",
               2, NULL, &record);
    for (size_t v = 0; v < 4; v++)
        assert_in_range(record.pinned[(record.n_samples - 1) * record.n_vcpus + v], 0, 1);
    assert_int_equal(vcpu_scene_pinned_on(&record, 0), 2);
    assert_int_equal(vcpu_scene_pinned_on(&record, 1), 2);
    assert_int_equal(vcpu_scene_pinned_on(&record, 2), 1);
    cpu_record_done(&record);
}

static void sparse_and_large_pcpu_numbers(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene("{\"duration_s\": 40, \"host\": {\"pcpus\": \"0,9,64,300\"}, \"guests\": ["
               "{\"name\": \"a\", \"vcpus\": 4, \"pct\": 50, \"affinity\": \"0\"},"
               "{\"name\": \"a-guest-with-quite-a-long-name-that-no-table-was-made-for\","
               "\"vcpus\": 4, \"pct\": 50, \"affinity\": \"0\"}]}",
               2, NULL, &record);
    assert_int_equal(vcpu_scene_pins(&record, 0), 6);
    assert_int_equal(vcpu_scene_pinned_on(&record, 0), 2);
    assert_int_equal(vcpu_scene_pinned_on(&record, 9), 2);
    assert_int_equal(vcpu_scene_pinned_on(&record, 64), 2);
    assert_int_equal(vcpu_scene_pinned_on(&record, 300), 2);
    cpu_record_done(&record);
}

static void a_host_without_guests(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene("{\"duration_s\": 20, \"guests\": []}", 2, NULL, &record);
    assert_int_equal(record.n_samples, 20);
    cpu_record_done(&record);
}

/* Who comes first in a list decides nothing, and neither do guests that leave and come back. */
static void the_order_of_guests_decides_nothing(void **state)
{
    struct cpu_record forward, backward;
    size_t last;

    (void)state;
    vcpu_scene("{\"duration_s\": 30, \"host\": {\"background_noise_pct\": 0}, \"guests\": ["
               "{\"name\": \"a\", \"pct\": 60, \"noise_pct\": 0, \"affinity\": \"0\"},"
               "{\"name\": \"b\", \"pct\": 20, \"noise_pct\": 0, \"affinity\": \"0\"},"
               "{\"name\": \"c\", \"pct\": 60, \"noise_pct\": 0, \"affinity\": \"0\"},"
               "{\"name\": \"d\", \"pct\": 20, \"noise_pct\": 0, \"affinity\": \"0\"}]}",
               2, NULL, &forward);
    vcpu_scene("{\"duration_s\": 30, \"host\": {\"background_noise_pct\": 0}, \"guests\": ["
               "{\"name\": \"d\", \"pct\": 20, \"noise_pct\": 0, \"affinity\": \"0\"},"
               "{\"name\": \"c\", \"pct\": 60, \"noise_pct\": 0, \"affinity\": \"0\"},"
               "{\"name\": \"b\", \"pct\": 20, \"noise_pct\": 0, \"affinity\": \"0\"},"
               "{\"name\": \"a\", \"pct\": 60, \"noise_pct\": 0, \"affinity\": \"0\"}]}",
               2, NULL, &backward);
    last = (forward.n_samples - 1) * forward.n_vcpus;
    for (size_t v = 0; v < 4; v++)
        assert_int_equal(forward.pinned[last + v], backward.pinned[last + 3 - v]);
    assert_true(vcpu_scene_pins(&forward, 0) > 0);
    cpu_record_done(&forward);
    cpu_record_done(&backward);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_that_starts_is_placed),
        cmocka_unit_test(stopped_and_paused_guests_do_not_count),
        cmocka_unit_test(pins_outlive_an_outage),
        cmocka_unit_test(a_migrating_guest_stays_where_it_is),
        cmocka_unit_test(one_failing_guest_does_not_stop_the_others),
        cmocka_unit_test(an_offline_pcpu_is_left),
        cmocka_unit_test(an_allowed_mask_is_never_widened),
        cmocka_unit_test(sparse_and_large_pcpu_numbers),
        cmocka_unit_test(a_host_without_guests),
        cmocka_unit_test(the_order_of_guests_decides_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
