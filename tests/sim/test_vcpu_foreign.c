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

enum { END_S = 900 };

/* A script that moves one guest between two pCPUs, and two groups of others that want much in turn. */
struct turns {
    int move_s, step_s, least_pct, most_pct;
};

static void with_one_moved(const struct turns *turns, char ret[TEXT])
{
    size_t n = (size_t)sprintf(ret,
                               "{\"duration_s\": %d, \"guests\": [{\"name\": \"s\", \"pct\": 20},"
                               " {\"name\": \"b\", \"count\": 4, \"pct\": 40},"
                               " {\"name\": \"c\", \"count\": 4, \"pct\": 40}], \"events\": [",
                               END_S);

    for (int at_s = BEGIN_S; at_s < END_S; at_s += turns->move_s)
        n += (size_t)snprintf(
            ret + n, TEXT - n,
            "{\"at_s\": %d.3, \"do\": \"pin\", \"guest\": \"s\", \"pcpus\": \"%d\"},", at_s,
            at_s / turns->move_s % 2);
    for (int i = 1; i * turns->step_s < END_S; i++)
        n +=
            (size_t)snprintf(ret + n, TEXT - n,
                             "{\"at_s\": %d.5, \"do\": \"load\", \"guest\": \"b-*\", \"pct\": %d},"
                             "{\"at_s\": %d.5, \"do\": \"load\", \"guest\": \"c-*\", \"pct\": %d},",
                             i * turns->step_s, i % 2 ? turns->most_pct : turns->least_pct,
                             i * turns->step_s, i % 2 ? turns->least_pct : turns->most_pct);
    ret[n - 1] = ']';
    snprintf(ret + n, TEXT - n, "}");
}

/* Of what was wanted, in percent. */
static double unserved(const struct cpu_record *record)
{
    double ran = 0, wanted = 0;

    for (size_t k = 0; k < record->n_samples * record->n_vcpus; k++) {
        ran += record->usage_pct[k];
        wanted += record->demand[k] / 10.0;
    }
    return 100 * (1 - ran / wanted);
}

/* The others are planned on, around it, and do not run after it. */
static void a_script_that_moves_one_guest_is_left_that_guest(void **state)
{
    static const struct turns turns = {
        .move_s = 10, .step_s = 170, .least_pct = 10, .most_pct = 45};
    struct vcpu_settings settings;
    struct cpu_record record;
    char scene[TEXT];

    (void)state;
    with_one_moved(&turns, scene);
    vcpu_scene(scene, 2, NULL, &record);
    assert_in_range(vcpu_scene_pins(&record, BEGIN_S), 1, 18);
    assert_true(unserved(&record) < 0.3);
    cpu_record_done(&record);
    vcpu_settings_default(&settings);
    settings.corrections = ALWAYS;
    vcpu_scene(scene, 2, &settings, &record);
    assert_true(vcpu_scene_pins(&record, BEGIN_S) >= 25);
    cpu_record_done(&record);
}

/* Two that share a pCPU and want nearly two do not stay so for a quarter of an hour. */
static void who_has_followed_enough_moves_where_too_much_is_missing(void **state)
{
    static const struct turns turns = {
        .move_s = 50, .step_s = 100, .least_pct = 10, .most_pct = 90};
    struct cpu_record record;
    char scene[TEXT];
    double sigma = 0;

    (void)state;
    with_one_moved(&turns, scene);
    vcpu_scene(scene, 2, NULL, &record);
    for (size_t s = BEGIN_S; s < record.n_samples; s++)
        sigma += cpu_record_sigma(&record, s) / (double)(record.n_samples - BEGIN_S);
    if (unserved(&record) > 7 || sigma > 4)
        fail_msg("%.1f %% unserved, sigma %.1f", unserved(&record), sigma);
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
        cmocka_unit_test(who_has_followed_enough_moves_where_too_much_is_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
