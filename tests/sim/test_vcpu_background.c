/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/sim/vcpu_scene.h"

/* Other programs beside the guests, and pCPUs that are not alike: what is worth a move, and what is
 * not. Each defence is won with and lost without. */

enum { SCENE_SIZE = 1500 };

static struct vcpu_settings defaults(void)
{
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    return settings;
}

static unsigned all_pins(const char *scene, const struct vcpu_settings *settings)
{
    struct cpu_record record;
    unsigned pins;

    vcpu_scene(scene, 2, settings, &record);
    pins = vcpu_scene_pins(&record, 0);
    cpu_record_done(&record);
    return pins;
}

/* Two guests on each pCPU, and on one of them another program as well. */
#define PROGRAM_BESIDE                                                                             \
    "{\"duration_s\": 90, \"host\": {\"pcpus\": 4}, \"guests\": ["                                 \
    "{\"name\": \"a\", \"count\": 2, \"pct\": 20, \"affinity\": \"0\"},"                           \
    "{\"name\": \"b\", \"count\": 2, \"pct\": 20, \"affinity\": \"1\"},"                           \
    "{\"name\": \"c\", \"count\": 2, \"pct\": 20, \"affinity\": \"2\"},"                           \
    "{\"name\": \"d\", \"count\": 2, \"pct\": 20, \"affinity\": \"3\"}], \"programs\": ["          \
    "{\"name\": \"build\", \"pct\": 50, \"affinity\": \"0\"}]}"

static void guests_make_room_for_another_program(void **state)
{
    struct vcpu_settings without = defaults();
    struct cpu_record record;

    (void)state;
    without.use_busy = false;
    vcpu_scene(PROGRAM_BESIDE, 2, NULL, &record);
    assert_int_equal(vcpu_scene_pinned_on(&record, 0), 0);
    assert_int_equal(vcpu_scene_pins(&record, 0), 2);
    cpu_record_done(&record);
    assert_int_equal(all_pins(PROGRAM_BESIDE, &without), 0);
}

/* A program works for 40 s, and later for 3 s: the first is worth room, the second is over
 * before. */
#define COMES_AND_GOES                                                                             \
    "{\"duration_s\": 160, \"host\": {\"pcpus\": 4}, \"guests\": ["                                \
    "{\"name\": \"a\", \"count\": 12, \"pct\": 15}], \"programs\": ["                              \
    "{\"name\": \"p\", \"pct\": 50, \"affinity\": \"1\", \"present\": false}],"                    \
    "\"events\": [{\"at_s\": 30, \"do\": \"start\", \"guest\": \"p\"},"                            \
    "{\"at_s\": 70, \"do\": \"stop\", \"guest\": \"p\"},"                                          \
    "{\"at_s\": 100, \"do\": \"start\", \"guest\": \"p\"},"                                        \
    "{\"at_s\": 103, \"do\": \"stop\", \"guest\": \"p\"}]}"

static void a_program_that_comes_and_goes_is_believed_when_it_stays(void **state)
{
    struct vcpu_settings without = defaults();
    unsigned pins_for_a_burst = 0;

    (void)state;
    without.news_s = 0;
    for (unsigned seed = 1; seed <= 4; seed++) {
        struct cpu_record record;
        char scene[SCENE_SIZE];

        vcpu_scene_seeded(COMES_AND_GOES, seed, scene);
        vcpu_scene(scene, 1, NULL, &record);
        assert_int_equal(cpu_record_pins(&record, 10, 30), 0);
        assert_in_range(cpu_record_pins(&record, 30, 45), 1, 4);
        assert_int_equal(cpu_record_pins(&record, 45, 70), 0);
        assert_in_range(cpu_record_pins(&record, 70, 85), 1, 4);
        assert_int_equal(vcpu_scene_pins(&record, 85), 0);
        cpu_record_done(&record);
        vcpu_scene(scene, 1, &without, &record);
        pins_for_a_burst += vcpu_scene_pins(&record, 85);
        cpu_record_done(&record);
    }
    assert_true(pins_for_a_burst >= 4);
}

/* It goes where the last pin went. Nobody can get out of its way, and after a few attempts nobody
 * tries. */
#define FOLLOWS                                                                                    \
    "{\"duration_s\": 200, \"host\": {\"pcpus\": 4}, \"guests\": ["                                \
    "{\"name\": \"a\", \"count\": 12, \"pct\": 15},"                                               \
    "{\"name\": \"b\", \"count\": 4, \"pct\": 5}], \"programs\": ["                                \
    "{\"name\": \"chaser\", \"pct\": 40, \"affinity\": \"0\", \"follows\": true}]}"

static void a_program_that_follows_is_not_fled_from_for_ever(void **state)
{
    struct vcpu_settings without = defaults();
    unsigned still_fleeing = 0;

    (void)state;
    without.stay_votes = 1e9;
    for (unsigned seed = 1; seed <= 4; seed++) {
        struct cpu_record record;
        char scene[SCENE_SIZE];

        vcpu_scene_seeded(FOLLOWS, seed, scene);
        vcpu_scene(scene, 2, NULL, &record);
        assert_true(vcpu_scene_pins(&record, 0) > 16);
        assert_int_equal(vcpu_scene_pins(&record, 100), 0);
        cpu_record_done(&record);
        vcpu_scene(scene, 2, &without, &record);
        still_fleeing += vcpu_scene_pins(&record, 100);
        cpu_record_done(&record);
    }
    assert_true(still_fleeing >= 8);
}

/* A program that wants 80 % comes to a pCPU on which two guests want 40 % each. There it gets a
 * third: what it ran is known, and that it wanted more. */
#define HELD_BACK                                                                                  \
    "{\"duration_s\": 90, \"host\": {\"pcpus\": 4}, \"guests\": ["                                 \
    "{\"name\": \"a\", \"count\": 2, \"pct\": 40, \"affinity\": \"0\"},"                           \
    "{\"name\": \"b\", \"count\": 2, \"pct\": 40, \"affinity\": \"1\"},"                           \
    "{\"name\": \"c\", \"count\": 2, \"pct\": 40, \"affinity\": \"2\"},"                           \
    "{\"name\": \"d\", \"count\": 2, \"pct\": 40, \"affinity\": \"3\"}], \"programs\": ["          \
    "{\"name\": \"build\", \"pct\": 80, \"affinity\": \"0\", \"present\": false}],"                \
    "\"events\": [{\"at_s\": 20, \"do\": \"start\", \"guest\": \"build\"}]}"

static void a_program_on_a_full_pcpu_wants_more_than_it_gets(void **state)
{
    struct vcpu_settings without = defaults();

    (void)state;
    without.use_busy = false;
    for (unsigned seed = 1; seed <= 4; seed++) {
        struct cpu_record record;
        char scene[SCENE_SIZE];

        vcpu_scene_seeded(HELD_BACK, seed, scene);
        vcpu_scene(scene, 2, NULL, &record);
        assert_int_equal(cpu_record_pins(&record, 0, 20), 0);
        assert_int_equal(vcpu_scene_pins(&record, 20), 1);
        assert_int_equal(vcpu_scene_pinned_on(&record, 0), 1);
        cpu_record_done(&record);
        assert_int_equal(all_pins(scene, &without), 0);
    }
}

/* Four guests crowd one of two pCPUs, and as they are seen first a program runs on the other. */
static void pulse_scene(unsigned seed, double at_s, double for_s, char *ret)
{
    snprintf(ret, SCENE_SIZE,
             "{\"duration_s\": 50, \"seed\": %u, \"host\": {\"pcpus\": 2}, \"guests\": ["
             "{\"name\": \"a\", \"count\": 4, \"pct\": 35, \"affinity\": \"0\"}], \"programs\": ["
             "{\"name\": \"p\", \"pct\": 96, \"affinity\": \"1\", \"present\": false}],"
             "\"events\": [{\"at_s\": %g, \"do\": \"start\", \"guest\": \"p\"},"
             "{\"at_s\": %g, \"do\": \"stop\", \"guest\": \"p\"}]}",
             seed, at_s, at_s + for_s);
}

/* Two guests move at once, and nothing else for as long as they run. */
static bool is_pulse_ignored(const char *scene, double interval_s,
                             const struct vcpu_settings *settings)
{
    struct cpu_record record;
    bool is;

    vcpu_scene(scene, interval_s, settings, &record);
    is = vcpu_scene_pins(&record, 0) == 2 && vcpu_scene_pins(&record, 15) == 0;
    cpu_record_done(&record);
    return is;
}

static void a_pulse_of_another_program_costs_no_move(void **state)
{
    static const double intervals_s[] = {1, 2, 5}, lengths_s[] = {1, 1.5, 2};
    struct vcpu_settings without = defaults();
    unsigned lost = 0;

    (void)state;
    without.news_s = 0;
    for (size_t k = 0; k < 3; k++)
        for (size_t length = 0; length < 3; length++)
            for (int at = 0; at <= 3; at++) {
                char scene[SCENE_SIZE];

                pulse_scene((unsigned)at + 1, at, lengths_s[length], scene);
                assert_true(is_pulse_ignored(scene, intervals_s[k], NULL));
                lost += !is_pulse_ignored(scene, intervals_s[k], &without);
            }
    assert_true(lost > 9);
}

/* A program that works for seven seconds and rests for seven, again and again. */
static void returning_scene(unsigned seed, char *ret)
{
    int n = snprintf(ret, 4 * SCENE_SIZE,
                     "{\"duration_s\": 400, \"seed\": %u, \"host\": {\"pcpus\": 4}, \"guests\": ["
                     "{\"name\": \"a\", \"count\": 8, \"pct\": 30}], \"programs\": ["
                     "{\"name\": \"p\", \"pct\": 60, \"affinity\": \"1\"}], \"events\": [",
                     seed);

    for (int at = 20; at < 400; at += 14)
        n += snprintf(ret + n, 4 * SCENE_SIZE - (size_t)n,
                      "%s{\"at_s\": %d, \"do\": \"stop\", \"guest\": \"p\"},"
                      "{\"at_s\": %d, \"do\": \"start\", \"guest\": \"p\"}",
                      at > 20 ? "," : "", at, at + 7);
    snprintf(ret + n, 4 * SCENE_SIZE - (size_t)n, "]}");
}

static void a_program_that_returns_is_not_followed_for_ever(void **state)
{
    struct vcpu_settings without = defaults();

    (void)state;
    without.stay_votes = 1e9;
    for (unsigned seed = 1; seed <= 4; seed++) {
        char scene[4 * SCENE_SIZE];
        struct cpu_record record;

        returning_scene(seed, scene);
        vcpu_scene(scene, 2, NULL, &record);
        assert_in_range(vcpu_scene_pins(&record, 10), 1, 12);
        assert_int_equal(vcpu_scene_pins(&record, 100), 0);
        cpu_record_done(&record);
        vcpu_scene(scene, 2, &without, &record);
        assert_true(vcpu_scene_pins(&record, 100) > 4);
        cpu_record_done(&record);
    }
}

/* Background of 0 to 15 % that is another one in each interval. */
#define JITTER "\"background_pct\": 7.5, \"background_noise_pct\": 4.5"

static void background_that_wavers_moves_nobody_later(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 4; seed++) {
        struct cpu_record record;
        char scene[SCENE_SIZE];

        snprintf(scene, sizeof(scene),
                 "{\"duration_s\": 300, \"seed\": %u, \"host\": {\"pcpus\": 4, " JITTER "},"
                 "\"guests\": [{\"name\": \"a\", \"count\": 8, \"pct\": %u, \"affinity\": \"0\"}]}",
                 seed, 10 * seed);
        vcpu_scene(scene, 2, NULL, &record);
        assert_int_equal(vcpu_scene_pins(&record, 0), 6);
        assert_int_equal(vcpu_scene_pins(&record, 10), 0);
        cpu_record_done(&record);
    }
}

/* Four equal guests on two pCPUs of which the second is a fifth slower. */
static unsigned pins_on_unlike_pcpus(unsigned seed, unsigned pct, const char *place_of_b,
                                     const char *host, const struct vcpu_settings *settings)
{
    char scene[SCENE_SIZE];

    snprintf(scene, sizeof(scene),
             "{\"duration_s\": 300, \"seed\": %u, \"host\": {\"pcpus\": 2, \"slow\": \"1\", %s},"
             "\"guests\": [{\"name\": \"a\", \"count\": 2, \"pct\": %u, \"affinity\": \"0\"},"
             "{\"name\": \"b\", \"count\": 2, \"pct\": %u, \"affinity\": \"%s\"}]}",
             seed, host, pct, pct, place_of_b);
    return all_pins(scene, settings);
}

/* 45 and 57 %, or 68 and 85 %: nothing that can be moved would change that. */
static void equal_guests_on_unlike_pcpus_are_not_swapped(void **state)
{
    struct vcpu_settings without = defaults();

    (void)state;
    without.learn_speeds = false;
    for (unsigned seed = 1; seed <= 4; seed++) {
        assert_int_equal(pins_on_unlike_pcpus(seed, 23, "1", JITTER, NULL), 0);
        assert_int_equal(pins_on_unlike_pcpus(seed, 34, "1", JITTER, NULL), 0);
        assert_int_equal(pins_on_unlike_pcpus(seed, 34, "1", "\"run_delay\": true", NULL), 0);
    }
    assert_true(pins_on_unlike_pcpus(1, 34, "1", JITTER, &without) > 20);
}

/* Two of them move, and what they want then tells of the pCPU and not of them. */
static void moves_to_a_slower_pcpu_are_not_taken_back(void **state)
{
    struct vcpu_settings without = defaults();

    (void)state;
    without.learn_speeds = false;
    for (unsigned seed = 1; seed <= 4; seed++) {
        assert_int_equal(pins_on_unlike_pcpus(seed, 23, "0", JITTER, NULL), 2);
        assert_int_equal(pins_on_unlike_pcpus(seed, 34, "0", JITTER, NULL), 2);
    }
    assert_true(pins_on_unlike_pcpus(1, 34, "0", JITTER, &without) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_make_room_for_another_program),
        cmocka_unit_test(a_program_that_comes_and_goes_is_believed_when_it_stays),
        cmocka_unit_test(a_program_that_follows_is_not_fled_from_for_ever),
        cmocka_unit_test(a_program_on_a_full_pcpu_wants_more_than_it_gets),
        cmocka_unit_test(a_pulse_of_another_program_costs_no_move),
        cmocka_unit_test(background_that_wavers_moves_nobody_later),
        cmocka_unit_test(a_program_that_returns_is_not_followed_for_ever),
        cmocka_unit_test(equal_guests_on_unlike_pcpus_are_not_swapped),
        cmocka_unit_test(moves_to_a_slower_pcpu_are_not_taken_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
