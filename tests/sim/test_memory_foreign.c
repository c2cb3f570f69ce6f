/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/memory_scene.h"

/* Other hands on the same balloons: a change is answered once or twice, and then left to them. */

enum { TEXT = 40000, BEGIN_S = 30, CLEAR_MIB = 10 };
static const double ALWAYS = 1e9;

/* A script that sets the size of each guest that matches, every so many seconds. */
static void with_script(const char *glob, int mib, int every_s, int until_s, int duration_s,
                        char ret[TEXT])
{
    size_t n = (size_t)sprintf(
        ret,
        "{\"duration_s\": %d, \"host\": {\"memory_mib\": 8000, \"other_mib\": 250}, \"guests\": "
        "[{\"name\": \"a\", \"count\": 2, \"maximum_mib\": 1024}, {\"name\": \"b\"}], "
        "\"events\": [{\"at_s\": 1, \"do\": \"use\", \"guest\": \"a-*\", \"mib\": 330}",
        duration_s);

    for (int at_s = BEGIN_S; at_s < until_s; at_s += every_s)
        n += (size_t)snprintf(
            ret + n, TEXT - n,
            ",{\"at_s\": %d.3, \"do\": \"resize\", \"guest\": \"%s\", \"mib\": %d}", at_s, glob,
            mib);
    snprintf(ret + n, TEXT - n, "]}");
}

/* How often the size of guest a-1 went against the script once that had begun; *ret_mib: at the end. */
static unsigned answers(const char *scene, double corrections, bool is_raised, uint64_t *ret_mib)
{
    struct memory_settings settings;
    struct memory_record record;
    bool is_going = false;
    unsigned n = 0;

    memory_settings_default(&settings);
    settings.corrections = corrections;
    settings.max_reverts = corrections > 1 ? UINT64_C(1) << 36 : settings.max_reverts;
    memory_scene(scene, 2, &settings, &record);
    for (size_t s = BEGIN_S; s < record.n_samples * MEMORY_SAMPLE_S; s += MEMORY_SAMPLE_S) {
        uint64_t before = memory_scene_actual_mib(&record, "a-1", s - MEMORY_SAMPLE_S);
        uint64_t now = memory_scene_actual_mib(&record, "a-1", s);
        bool goes = is_raised ? now + CLEAR_MIB < before : now > before + CLEAR_MIB;

        n += goes && !is_going; /* it comes down by steps */
        is_going = goes;
    }
    *ret_mib = memory_scene_actual_mib(&record, "a-1", 0);
    memory_record_done(&record);
    return n;
}

static void a_script_that_sets_sizes_is_answered_three_times_at_most(void **state)
{
    static const struct {
        int mib, every_s;
        unsigned duel;
    } rows[] = {{400, 5, 20}, {400, 20, 10}, {900, 20, 10}, {900, 40, 5}};
    char scene[TEXT];
    uint64_t mib;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool is_raised = rows[i].mib > 512;

        with_script("a-*", rows[i].mib, rows[i].every_s, 300, 300, scene);
        assert_in_range(answers(scene, 1, is_raised, &mib), 1, 3);
        assert_in_range(mib, rows[i].mib - 10, rows[i].mib + 10);
        assert_true(answers(scene, ALWAYS, is_raised, &mib) > rows[i].duel);
    }
}

/* Whose guests need memory in between. */
static void who_sets_sizes_minutes_apart_is_no_rival(void **state)
{
    char scene[TEXT];
    uint64_t mib;

    (void)state;
    with_script("a-*", 400, 150, 500, 560, scene);
    assert_int_equal(answers(scene, 1, false, &mib), 4);
    assert_true(mib >= 425);
}

static void what_was_set_once_is_set_back(void **state)
{
    char scene[TEXT];
    uint64_t mib;

    (void)state;
    with_script("a-*", 400, 5, BEGIN_S + 1, 90, scene);
    assert_in_range(answers(scene, 1, false, &mib), 1, 3);
    assert_true(mib >= 425);
    with_script("a-*", 900, 5, BEGIN_S + 1, 90, scene);
    assert_in_range(answers(scene, 1, true, &mib), 1, 3);
    assert_true(mib <= 600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_script_that_sets_sizes_is_answered_three_times_at_most),
        cmocka_unit_test(who_sets_sizes_minutes_apart_is_no_rival),
        cmocka_unit_test(what_was_set_once_is_set_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
