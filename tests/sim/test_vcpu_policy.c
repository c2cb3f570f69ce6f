/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/sim/vcpu_scene.h"

/* What the scheduler does over time, on hosts as they come. */

#define FOUR "\"host\": {\"pcpus\": 4}"
#define PAIRS(pct, noise)                                                                          \
    "\"guests\": ["                                                                                \
    "{\"name\": \"a\", \"count\": 2, \"pct\": " pct ", \"noise_pct\": " noise                      \
    ", \"affinity\": \"0\"},"                                                                      \
    "{\"name\": \"b\", \"count\": 2, \"pct\": " pct ", \"noise_pct\": " noise                      \
    ", \"affinity\": \"1\"},"                                                                      \
    "{\"name\": \"c\", \"count\": 2, \"pct\": " pct ", \"noise_pct\": " noise                      \
    ", \"affinity\": \"2\"},"                                                                      \
    "{\"name\": \"d\", \"count\": 2, \"pct\": " pct ", \"noise_pct\": " noise                      \
    ", \"affinity\": \"3\"}]"

static void assert_pins(const char *scenario, double interval_s, size_t from_s, unsigned min,
                        unsigned max)
{
    struct cpu_record record;

    vcpu_scene(scenario, interval_s, NULL, &record);
    if (vcpu_scene_pins(&record, from_s) < min || vcpu_scene_pins(&record, from_s) > max) {
        cpu_record_print(&record, stderr);
        fail_msg("%u pins from second %zu on, not %u to %u", vcpu_scene_pins(&record, from_s),
                 from_s, min, max);
    }
    cpu_record_done(&record);
}

static void noise_of_five_points_moves_nothing(void **state)
{
    (void)state;
    assert_pins("{\"duration_s\": 400, " FOUR ", " PAIRS("40", "5") "}", 2, 0, 0, 0);
    assert_pins("{\"duration_s\": 400, " FOUR ", " PAIRS("25", "5") "}", 1, 0, 0, 0);
}

static void idle_noise_moves_nothing(void **state)
{
    (void)state;
    assert_pins("{\"duration_s\": 400, " FOUR ", " PAIRS("1", "1") "}", 1, 0, 0, 0);
}

/* Three, three and two equal guests are as even as eight on three pCPUs can be: what the first
 * seconds tell of them differs by noise, which is not yet known to be so large. */
static void what_little_is_known_at_first_moves_nothing(void **state)
{
    char scene[40];

    (void)state;
    for (int seed = 1; seed <= 16; seed++) {
        snprintf(scene, sizeof(scene), "cpu-3:low:8x3:seed=%d", seed);
        assert_pins(scene, 1, 0, 0, 0);
    }
}

/* Someone else pins everyone to pCPU 0: what was remembered of earlier plans is not the truth. */
static void an_outside_pin_is_seen(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene("{\"duration_s\": 80, " FOUR
               ", " PAIRS("40", "1") ", \"events\": ["
                                     "{\"at_s\": 40, \"do\": \"pin\", \"pcpus\": \"0\"}]}",
               2, NULL, &record);
    assert_int_equal(cpu_record_pins(&record, 0, 40), 0);
    assert_int_equal(vcpu_scene_pins(&record, 40), 6);
    assert_true(vcpu_scene_sigma(&record) < 2.5);
    cpu_record_done(&record);
}

/* Balanced by the kernel's luck is not balanced. */
static void floating_guests_are_pinned_once(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene("{\"duration_s\": 60, " FOUR
               ", \"guests\": [{\"name\": \"a\", \"count\": 8, \"pct\": 40}]}",
               2, NULL, &record);
    assert_int_equal(vcpu_scene_pins(&record, 0), 8);
    for (unsigned p = 0; p < 4; p++)
        assert_int_equal(vcpu_scene_pinned_on(&record, p), 2);
    cpu_record_done(&record);
}

/* A second and a half of work is not a load. */
static void a_short_burst_moves_nothing(void **state)
{
    (void)state;
    assert_pins(
        "{\"duration_s\": 80, " FOUR ", " PAIRS(
            "40", "1") ", \"events\": ["
                       "{\"at_s\": 30.5, \"do\": \"load\", \"guest\": \"a-1\", \"pct\": 95},"
                       "{\"at_s\": 32.0, \"do\": \"load\", \"guest\": \"a-1\", \"pct\": 40}]}",
        2, 0, 0, 0);
}

/* A lasting change is acted upon. */
static void a_lasting_change_is_balanced(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene(
        "{\"duration_s\": 80, " FOUR ", " PAIRS(
            "30", "1") ", \"events\": ["
                       "{\"at_s\": 30.5, \"do\": \"load\", \"guest\": \"a-*\", \"pct\": 60}]}",
        2, NULL, &record);
    assert_int_equal(cpu_record_pins(&record, 0, 30), 0);
    assert_in_range(vcpu_scene_pins(&record, 30), 2, 3);
    assert_int_equal(vcpu_scene_pins(&record, 40), 0);
    cpu_record_done(&record);
}

/* Both pCPUs are 100 % busy; three vCPUs share one of them. */
static void saturation_does_not_hide_demand(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene("{\"host\": {\"pcpus\": 2}, \"guests\": ["
               "{\"name\": \"a\", \"count\": 3, \"pct\": 98, \"affinity\": \"0\"},"
               "{\"name\": \"b\", \"pct\": 98, \"affinity\": \"1\"}]}",
               2, NULL, &record);
    assert_int_equal(vcpu_scene_pins(&record, 0), 1);
    assert_int_equal(vcpu_scene_pinned_on(&record, 0), 2);
    cpu_record_done(&record);
}

/* One guest that needs more than its share, fewer guests than pCPUs: nothing to gain, so rest. */
static void what_cannot_be_balanced_is_left_alone(void **state)
{
    (void)state;
    assert_pins("{\"duration_s\": 200, " FOUR ", \"guests\": ["
                "{\"name\": \"big\", \"pct\": 95, \"affinity\": \"0\"},"
                "{\"name\": \"s1\", \"pct\": 15, \"affinity\": \"1\"},"
                "{\"name\": \"s2\", \"pct\": 15, \"affinity\": \"2\"},"
                "{\"name\": \"s3\", \"pct\": 15, \"affinity\": \"3\"}]}",
                2, 0, 0, 0);
    assert_pins("{\"duration_s\": 200, " FOUR ", \"guests\": ["
                "{\"name\": \"a\", \"pct\": 60, \"affinity\": \"0\"},"
                "{\"name\": \"b\", \"pct\": 60, \"affinity\": \"2\"}]}",
                2, 0, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_of_five_points_moves_nothing),
        cmocka_unit_test(idle_noise_moves_nothing),
        cmocka_unit_test(what_little_is_known_at_first_moves_nothing),
        cmocka_unit_test(an_outside_pin_is_seen),
        cmocka_unit_test(floating_guests_are_pinned_once),
        cmocka_unit_test(a_short_burst_moves_nothing),
        cmocka_unit_test(a_lasting_change_is_balanced),
        cmocka_unit_test(saturation_does_not_hide_demand),
        cmocka_unit_test(what_cannot_be_balanced_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
