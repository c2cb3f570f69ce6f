/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --level auto: pins only where they are worth it. Each scene is lost without that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/vcpu_scene.h"

static struct vcpu_settings automatic(void)
{
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    settings.level = PIN_AUTO;
    return settings;
}

static struct vcpu_settings ungated(void)
{
    struct vcpu_settings settings = automatic();

    settings.gate_waiting = false;
    return settings;
}

struct outcome {
    unsigned pins;
    size_t pinned; /* vCPUs, at the end */
};

static struct outcome play(const char *scene, const struct vcpu_settings *settings)
{
    struct outcome outcome = {0};
    struct cpu_record record;

    vcpu_scene(scene, 2, settings, &record);
    outcome.pins = vcpu_scene_pins(&record, 0);
    for (size_t p = 0; p < record.n_pcpus; p++)
        outcome.pinned += vcpu_scene_pinned_on(&record, record.pcpu_ids[p]);
    cpu_record_done(&record);
    return outcome;
}

#define THREE_ON_EIGHT                                                                             \
    "{\"duration_s\": 200, \"host\": {\"pcpus\": 8}, \"guests\": ["                                \
    "{\"name\": \"a\", \"count\": 3, \"pct\": 90}]}"

static void three_busy_guests_on_eight_pcpus_are_left_floating(void **state)
{
    struct vcpu_settings with = automatic(), without = ungated();

    (void)state;
    assert_int_equal(play(THREE_ON_EIGHT, &with).pins, 0);
    assert_int_equal(play(THREE_ON_EIGHT, &without).pinned, 3);
    assert_int_equal(play(THREE_ON_EIGHT, NULL).pinned, 3);
}

/* Programs that work and sleep by turns wait long behind each other on one pCPU, and hardly where any
 * of four may be free. */
#define BURSTS                                                                                     \
    "{\"duration_s\": 200, \"bursts_ms\": 20, \"host\": {\"pcpus\": 4}, \"guests\": ["             \
    "{\"name\": \"a\", \"count\": 12, \"pct\": 18}]}"

static void guests_that_come_in_bursts_are_left_floating(void **state)
{
    struct vcpu_settings with = automatic(), without = ungated();

    (void)state;
    assert_int_equal(play(BURSTS, &with).pinned, 0);
    assert_int_equal(play(BURSTS, &without).pinned, 12);
}

/* Smooth load, heavy and light: what pins let vCPUs wait is seen once some are pinned, and it is less
 * than they wait for a kernel that takes a while to balance. The light ones may rest later. */
#define SMOOTH(LATER)                                                                              \
    "{\"duration_s\": 240, \"host\": {\"pcpus\": 8}, \"guests\": ["                                \
    "{\"name\": \"a\", \"count\": 4, \"pct\": 80},"                                                \
    "{\"name\": \"b\", \"count\": 12, \"pct\": 8}], \"events\": ["                                 \
    "{\"at_s\": " LATER ", \"do\": \"load\", \"guest\": \"b-*\", \"pct\": 1}]}"

static void guests_are_pinned_where_they_wait_less_then(void **state)
{
    struct vcpu_settings with = automatic();

    (void)state;
    assert_int_equal(play(SMOOTH("239"), &with).pinned, 16);
}

static void our_pins_are_taken_back_where_nobody_needs_them(void **state)
{
    struct vcpu_settings with = automatic(), without = ungated();

    (void)state;
    assert_int_equal(play(SMOOTH("150"), &with).pinned, 0);
    assert_int_equal(play(SMOOTH("150"), &without).pinned, 16);
}

/* Somebody pinned all to one pCPU beside three idle ones. */
#define PILED_UP                                                                                   \
    "{\"duration_s\": 60, \"host\": {\"pcpus\": 4}, \"guests\": ["                                 \
    "{\"name\": \"a\", \"count\": 4, \"pct\": 50, \"affinity\": \"0\"}]}"

/* Or two to one and none to another, which is uneven, and nobody has to wait. */
#define UNEVEN                                                                                     \
    "{\"duration_s\": 60, \"host\": {\"pcpus\": 3}, \"guests\": ["                                 \
    "{\"name\": \"a\", \"count\": 2, \"pct\": 45, \"affinity\": \"0\"},"                           \
    "{\"name\": \"b\", \"pct\": 25, \"affinity\": \"1\"},"                                         \
    "{\"name\": \"c\", \"pct\": 25, \"affinity\": \"2\"}]}"

static void what_harms_is_repaired_and_nothing_else_is_touched(void **state)
{
    struct vcpu_settings with = automatic();

    (void)state;
    assert_int_equal(play(PILED_UP, &with).pins, 3);
    assert_int_equal(play(UNEVEN, &with).pins, 0);
    assert_true(play(UNEVEN, NULL).pins > 0);
}

/* A pCPU goes offline: who was pinned there has to go where it will wait. */
#define OFFLINE                                                                                    \
    "{\"duration_s\": 60, \"host\": {\"pcpus\": 2}, \"guests\": ["                                 \
    "{\"name\": \"a\", \"pct\": 60, \"affinity\": \"0\"},"                                         \
    "{\"name\": \"b\", \"pct\": 60, \"affinity\": \"1\"}], \"events\": ["                          \
    "{\"at_s\": 20, \"do\": \"offline\", \"pcpus\": \"1\"}]}"

static void who_cannot_stay_moves_whatever_it_costs(void **state)
{
    struct vcpu_settings with = automatic();

    (void)state;
    assert_int_equal(play(OFFLINE, &with).pins, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_busy_guests_on_eight_pcpus_are_left_floating),
        cmocka_unit_test(guests_that_come_in_bursts_are_left_floating),
        cmocka_unit_test(guests_are_pinned_where_they_wait_less_then),
        cmocka_unit_test(our_pins_are_taken_back_where_nobody_needs_them),
        cmocka_unit_test(who_cannot_stay_moves_whatever_it_costs),
        cmocka_unit_test(what_harms_is_repaired_and_nothing_else_is_touched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
