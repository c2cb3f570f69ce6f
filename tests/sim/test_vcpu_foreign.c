/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/vcpu_scene.h"

/* Other hands on the same pins: a change is answered once or twice, and then left to them. */

enum { TEXT = 40000, BEGIN_S = 20 };

static const char two_on_one[] =
    "\"guests\": ["
    "{\"name\": \"a\", \"count\": 2, \"pct\": 60, \"affinity\": \"0\"},"
    "{\"name\": \"b\", \"count\": 3, \"pct\": 40, \"affinity\": \"1\"}],"
    " \"events\": [";
static const char three_on_one[] =
    "\"guests\": ["
    "{\"name\": \"a\", \"count\": 3, \"pct\": 40, \"affinity\": \"0\"},"
    "{\"name\": \"b\", \"count\": 3, \"pct\": 40, \"affinity\": \"1\"}], \"events\": [";

/* A script that pins each guest that matches to pCPU 0, every so many seconds. */
static void with_script(const char *guests, const char *glob, int every_s, int until_s,
                        int duration_s, char ret[TEXT])
{
    size_t n = (size_t)sprintf(ret, "{\"duration_s\": %d, %s", duration_s, guests);

    for (int at_s = BEGIN_S; at_s < until_s; at_s += every_s)
        n += (size_t)snprintf(
            ret + n, TEXT - n,
            "%s{\"at_s\": %d.3, \"do\": \"pin\", \"guest\": \"%s\", \"pcpus\": \"0\"}",
            at_s > BEGIN_S ? "," : "", at_s, glob);
    snprintf(ret + n, TEXT - n, "]}");
}

/* How often the scheduler pinned anything once the script had begun. */
static unsigned answers(const char *scene, double corrections)
{
    struct vcpu_settings settings;
    struct cpu_record record;
    unsigned pins;

    vcpu_settings_default(&settings);
    settings.corrections = corrections;
    vcpu_scene(scene, 2, &settings, &record);
    pins = vcpu_scene_pins(&record, BEGIN_S);
    cpu_record_done(&record);
    return pins;
}

enum { ALWAYS = 1000000000 };

static void a_script_that_pins_two_guests_is_answered_three_times_at_most(void **state)
{
    char scene[TEXT];

    (void)state;
    with_script(two_on_one, "a-*", 5, 300, 300, scene);
    assert_in_range(answers(scene, 1), 1, 3);
    assert_true(answers(scene, ALWAYS) > 20);
}

static void a_script_that_pins_three_guests_is_answered_three_times_at_most(void **state)
{
    char scene[TEXT];

    (void)state;
    with_script(three_on_one, "a-*", 5, 300, 300, scene);
    assert_in_range(answers(scene, 1), 1, 3);
    assert_true(answers(scene, ALWAYS) > 20);
}

static void a_faster_script_is_answered_no_more_often(void **state)
{
    char scene[TEXT];

    (void)state;
    with_script(two_on_one, "a-*", 1, 120, 120, scene);
    assert_in_range(answers(scene, 1), 1, 3);
    assert_true(answers(scene, ALWAYS) > 20);
}

static void what_was_changed_once_is_put_back(void **state)
{
    char scene[TEXT];
    struct cpu_record record;

    (void)state;
    with_script(two_on_one, "a-*", 5, BEGIN_S + 1, 60, scene);
    vcpu_scene(scene, 2, NULL, &record);
    assert_int_equal(vcpu_scene_pinned_on(&record, 0), 1);
    assert_int_equal(vcpu_scene_pins(&record, BEGIN_S), 1);
    cpu_record_done(&record);
}

enum { SECOND_STEP_S = 350, END_S = 600 };

/* A script that moves one guest between two pCPUs, and others whose loads change twice. */
static void with_one_moved(char ret[TEXT])
{
    size_t n = (size_t)sprintf(ret,
                               "{\"duration_s\": %d, \"guests\": [{\"name\": \"s\", \"pct\": 30},"
                               " {\"name\": \"b\", \"count\": 4, \"pct\": 40},"
                               " {\"name\": \"c\", \"count\": 4, \"pct\": 40}], \"events\": [",
                               END_S);

    for (int at_s = BEGIN_S; at_s < END_S; at_s += 10) {
        n += (size_t)snprintf(
            ret + n, TEXT - n,
            "{\"at_s\": %d.3, \"do\": \"pin\", \"guest\": \"s\", \"pcpus\": \"%d\"},", at_s,
            at_s / 10 % 2);
        if (at_s == SECOND_STEP_S / 2 / 10 * 10 || at_s == SECOND_STEP_S)
            n += (size_t)snprintf(
                ret + n, TEXT - n,
                "{\"at_s\": %d.5, \"do\": \"load\", \"guest\": \"b-*\", \"pct\": %d},"
                "{\"at_s\": %d.5, \"do\": \"load\", \"guest\": \"c-*\", \"pct\": %d},",
                at_s, at_s < SECOND_STEP_S ? 70 : 10, at_s, at_s < SECOND_STEP_S ? 10 : 70);
    }
    ret[n - 1] = ']';
    snprintf(ret + n, TEXT - n, "}");
}

/* The others are planned on, around it, and do not run after it. */
static void a_script_that_moves_one_guest_is_left_that_guest(void **state)
{
    struct vcpu_settings settings;
    struct cpu_record record;
    char scene[TEXT];

    (void)state;
    with_one_moved(scene);
    vcpu_scene(scene, 2, NULL, &record);
    assert_in_range(vcpu_scene_pins(&record, SECOND_STEP_S), 1, 8);
    assert_true(vcpu_scene_pins(&record, BEGIN_S) < 15);
    cpu_record_done(&record);
    vcpu_settings_default(&settings);
    settings.corrections = ALWAYS;
    vcpu_scene(scene, 2, &settings, &record);
    assert_true(vcpu_scene_pins(&record, BEGIN_S) > 20);
    cpu_record_done(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_script_that_pins_two_guests_is_answered_three_times_at_most),
        cmocka_unit_test(a_script_that_pins_three_guests_is_answered_three_times_at_most),
        cmocka_unit_test(a_faster_script_is_answered_no_more_often),
        cmocka_unit_test(what_was_changed_once_is_put_back),
        cmocka_unit_test(a_script_that_moves_one_guest_is_left_that_guest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
