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

/* A script that sets the size of each guest a-N, every so many seconds: so many times the one size, as
 * often the other, and so on, and each time so much more. */
struct script {
    int mib, other_mib, turn, more_mib, every_s, until_s;
};

static int size_at(const struct script *script, int i)
{
    bool is_other = script->turn > 0 && i / script->turn % 2 > 0;

    return (is_other ? script->other_mib : script->mib) + i * script->more_mib;
}

/* Returns its last size. */
static int with_script(const struct script *script, int duration_s, char ret[TEXT])
{
    int i = 0;
    size_t n = (size_t)sprintf(
        ret,
        "{\"duration_s\": %d, \"host\": {\"memory_mib\": 8000, \"other_mib\": 250}, \"guests\": "
        "[{\"name\": \"a\", \"count\": 2, \"maximum_mib\": 1024}, {\"name\": \"b\"}], "
        "\"events\": [{\"at_s\": 1, \"do\": \"use\", \"guest\": \"a-*\", \"mib\": 330}",
        duration_s);

    for (int at_s = BEGIN_S; at_s < script->until_s; at_s += script->every_s)
        n += (size_t)snprintf(
            ret + n, TEXT - n,
            ",{\"at_s\": %d.3, \"do\": \"resize\", \"guest\": \"a-*\", \"mib\": %d}", at_s,
            size_at(script, i++));
    snprintf(ret + n, TEXT - n, "]}");
    return size_at(script, i - 1);
}

/* How often the size of guest a-1 went against the script once that had begun, unless to what it sets;
 * *ret_mib: at the end. */
static unsigned answers(const struct script *script, const char *scene, double corrections,
                        bool is_raised, uint64_t *ret_mib)
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
        int i = ((int)s - BEGIN_S) / script->every_s;
        bool goes = (is_raised ? now + CLEAR_MIB < before : now > before + CLEAR_MIB) &&
                    now != (uint64_t)size_at(script, i);

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
        struct script script;
        unsigned duel;
    } rows[] = {
        {{.mib = 400, .every_s = 5}, 20},
        {{.mib = 400, .every_s = 20}, 10},
        {{.mib = 900, .every_s = 20}, 10},
        {{.mib = 900, .every_s = 40}, 5},
        /* and not the same size each time */
        {{.mib = 410, .other_mib = 440, .turn = 1, .every_s = 10}, 10},
        {{.mib = 450, .other_mib = 410, .turn = 3, .every_s = 10}, 10},
        {{.mib = 455, .more_mib = -2, .every_s = 10}, 10},
        {{.mib = 700, .more_mib = 10, .every_s = 20}, 10},
    };
    char scene[TEXT];
    uint64_t mib;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct script script = rows[i].script;
        bool is_raised = script.mib > 512;
        int last;

        script.until_s = 300;
        last = with_script(&script, 300, scene);
        assert_in_range(answers(&script, scene, 1, is_raised, &mib), 1, 3);
        assert_in_range(mib, last - 10, last + 10);
        assert_true(answers(&script, scene, ALWAYS, is_raised, &mib) > rows[i].duel);
    }
}

/* Whose guests need memory in between. */
static void who_sets_sizes_minutes_apart_is_no_rival(void **state)
{
    const struct script script = {.mib = 400, .every_s = 150, .until_s = 500};
    char scene[TEXT];
    uint64_t mib;

    (void)state;
    with_script(&script, 560, scene);
    assert_int_equal(answers(&script, scene, 1, false, &mib), 4);
    assert_true(mib >= 425);
}

static void what_was_set_once_is_set_back(void **state)
{
    struct script script = {.mib = 400, .every_s = 5, .until_s = BEGIN_S + 1};
    char scene[TEXT];
    uint64_t mib;

    (void)state;
    with_script(&script, 90, scene);
    assert_in_range(answers(&script, scene, 1, false, &mib), 1, 3);
    assert_true(mib >= 425);
    script.mib = 900;
    with_script(&script, 90, scene);
    assert_in_range(answers(&script, scene, 1, true, &mib), 1, 3);
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
