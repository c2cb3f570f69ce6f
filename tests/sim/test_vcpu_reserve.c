/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest for which its definition reserves capacity sleeps, and wakes at once: what it is promised
 * has to be there then, and not after the next plan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/sim/vcpu_scene.h"

enum { WAKES_S = 60 };

/* Six vCPUs of 45 % fill three pCPUs, or all four half. */
static const char pcpus[] =
    "{\"duration_s\": 80, \"host\": {\"pcpus\": 4}, \"guests\": ["
    "{\"name\": \"rt\", \"pct\": 3, \"affinity\": \"0\", \"reserve_pct\": 90},"
    "{\"name\": \"web\", \"count\": 6, \"pct\": 45}],"
    "\"events\": [{\"at_s\": 60, \"do\": \"load\", \"guest\": \"rt\", \"pct\": 90}]}";

/* Eight of them fill one of two caches, or both half. */
static const char caches[] =
    "{\"duration_s\": 80, \"topology\": \"llc:2 core:4\", \"guests\": ["
    "{\"name\": \"rt\", \"vcpus\": 4, \"pct\": 3, \"reserve_pct\": 80},"
    "{\"name\": \"web\", \"count\": 8, \"pct\": 45}],"
    "\"events\": [{\"at_s\": 60, \"do\": \"load\", \"guest\": \"rt\", \"pct\": 80}]}";

/* What it misses of what it wants in the two seconds after it wakes, in percent of a pCPU; and the
 * pins that others pay for that. */
static double missed(const char *scene, enum pin_level level, bool use_reserves,
                     unsigned *ret_late_pins)
{
    struct vcpu_settings settings;
    struct cpu_record record = {0};
    double sum = 0;

    vcpu_settings_default(&settings);
    settings.level = level;
    settings.use_reserves = use_reserves;
    vcpu_scene(scene, 2, &settings, &record);
    for (size_t v = 0; v < (scene == caches ? 4 : 1); v++)
        for (size_t s = WAKES_S + 1; s < WAKES_S + 3; s++)
            sum += (record.demand[s * record.n_vcpus + v] / 10.0 -
                    record.usage_pct[s * record.n_vcpus + v]) /
                   2;
    *ret_late_pins = vcpu_scene_pins(&record, WAKES_S);
    cpu_record_done(&record);
    return sum;
}

static void what_is_reserved_is_there_at_once(void **state)
{
    unsigned pins;

    (void)state;
    assert_true(missed(pcpus, PIN_PCPU, true, &pins) < 3);
    assert_int_equal(pins, 0);
    assert_true(missed(caches, PIN_LLC, true, &pins) < 12);
    assert_int_equal(pins, 0);
}

static void without_reserves_others_are_in_the_way(void **state)
{
    unsigned pins;

    (void)state;
    assert_true(missed(pcpus, PIN_PCPU, false, &pins) > 10);
    assert_true(pins > 0);
    assert_true(missed(caches, PIN_LLC, false, &pins) > 40);
    assert_true(pins > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_reserved_is_there_at_once),
        cmocka_unit_test(without_reserves_others_are_in_the_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
