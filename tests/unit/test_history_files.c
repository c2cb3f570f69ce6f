/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/history/changes.h"
#include "agent/history/chapter.h"
#include "tests/unit/history_fixture.h"

static void it_survives_restarts_and_comes_in_pages(void **state)
{
    struct history *history = history_reopen(NULL, *state, 0);
    struct history_case c;
    size_t n_pages;
    json_t *lines;

    history_case_make(&c);
    for (int run = 0; run < 3; run++) {
        for (int i = 0; i < 1000; i++)
            history_case_pass(history, &c, START_S + 60 * (1000 * run + i), true, false);
        assert_true(history_assert_all(history, HISTORY_CHANGES, 0, START_S, 60,
                                       1000 * ((size_t)run + 1)) > 1);
        history = history_reopen(history, *state, 0);
        assert_true(history_assert_all(history, HISTORY_MINUTES, 0, START_S, 60,
                                       1000 * ((size_t)run + 1)) > 2);
    }
    history_assert_all(history, HISTORY_MINUTES, START_S + 60 * 2900, START_S + 60 * 2900, 60, 100);
    lines = history_read_all(history, HISTORY_MINUTES, START_S + 60 * 2900, &n_pages);
    assert_non_null(json_object_get(json_array_get(lines, 0), "guests"));
    json_decref(lines);
    history_free(history);
}

static int lines_of_first_page(struct history *history)
{
    struct history_page page;
    int n = 0;

    assert_int_equal(history_read(history, HISTORY_CHANGES, 0, "", &page), 0);
    for (const char *end = page.lines; (end = strchr(end, '\n')) != NULL; end++)
        n++;
    free(page.lines);
    free(page.next);
    return n;
}

/* A page may be full just where the files end and memory begins. */
static void pages_end_wherever_the_files_do(void **state)
{
    enum { IN_FILES = 1000, IN_MEMORY = 5 };
    struct history *history = history_reopen(NULL, *state, 0);
    struct history_case c;
    int n_page;

    history_case_make(&c);
    for (int i = 0; i < IN_FILES + IN_MEMORY; i++) {
        if (i == IN_FILES)
            history = history_reopen(history, *state, 0);
        history_case_pass(history, &c, START_S + i, true, false);
    }
    n_page = lines_of_first_page(history);
    assert_in_range(n_page, 100, IN_FILES - 100);
    for (int n = n_page - 10; n < n_page + 10; n++) {
        const int64_t since_s = START_S + IN_FILES - n;

        history_assert_all(history, HISTORY_CHANGES, since_s, since_s, 1, (size_t)n + IN_MEMORY);
    }
    history_free(history);
}

/* Whoever reads slowly goes on in the files where memory has forgotten what comes next, also after a
 * restart. */
static void what_memory_forgets_meanwhile_is_read_from_the_files(void **state)
{
    enum { PINS = 500, LINES = 40 }; /* memory does not hold them all */
    struct history *history = history_reopen(NULL, *state, 0);
    struct vcpu_pin pins[PINS];
    struct history_case c;
    char *cursor = strdup("");
    int n_lines = 0, n_read = 0;

    history_case_make(&c);
    memset(c.pin.reason, 'x', sizeof(c.pin.reason) - 1);
    for (size_t i = 0; i < PINS; i++)
        pins[i] = c.pin;
    c.plan.pins = pins;
    do {
        struct history_page page;

        if (n_lines == 0 || (n_lines == LINES && cursor[0] == 'm'))
            for (int end = n_lines + LINES; n_lines < end; n_lines++)
                history_case_pass(history, &c, START_S + n_lines, PINS, false);
        else if (n_lines == 2 * LINES && cursor[0] == 'm' && n_read > LINES)
            history = history_reopen(history, *state, 0);
        assert_int_equal(history_read(history, HISTORY_CHANGES, 0, cursor, &page), 0);
        for (char *line = strtok(page.lines, "\n"); line; line = strtok(NULL, "\n"))
            if (strstr(line, "\"changes\""))
                assert_int_equal(strtoll(line + 5, NULL, 10), START_S + n_read++);
        free(page.lines);
        free(cursor);
        cursor = page.next;
    } while (cursor[0]);
    free(cursor);
    assert_int_equal(n_read, 2 * LINES);
    history_free(history);
}

static int64_t since_of(struct history *history, bool is_kept_wanted)
{
    bool is_kept = false;
    int64_t since_s = history_since(history, &is_kept);

    assert_int_equal(is_kept, is_kept_wanted);
    return since_s;
}

static void it_says_how_far_back_it_goes(void **state)
{
    enum { PINS = 1000, LINES = 60 }; /* memory does not hold them all */
    struct history *history = history_reopen(NULL, *state, 0), *memory = history_new(PROGRAM_VCPU);
    struct vcpu_pin pins[PINS];
    struct history_case c;

    history_case_make(&c);
    assert_int_equal(since_of(history, true), 0);
    history_case_pass(history, &c, START_S, false, false);
    history_case_pass(memory, &c, START_S, false, false);
    assert_int_equal(since_of(history, true), START_S);
    assert_int_equal(since_of(memory, false), START_S);
    history_case_pass(history, &c, START_S + 30, true, false);
    assert_int_equal(since_of(history, true),
                     START_S); /* the first change, before which there was none */
    history = history_reopen(history, *state, 0);
    history_case_pass(history, &c, START_S + 3600, true, false);
    assert_int_equal(since_of(history, true), START_S); /* there was no change before */
    for (size_t i = 0; i < PINS; i++)
        pins[i] = c.pin;
    c.plan.pins = pins;
    for (int i = 1; i <= LINES; i++)
        history_case_pass(memory, &c, START_S + i, PINS, false);
    assert_in_range(since_of(memory, false), START_S + 2, START_S + LINES);
    history_free(memory);
    history_free(history);
}

/* Where the oldest have gone for lack of room. */
static void full_files_begin_later(void **state)
{
    const char *const line =
        "{\"t\":1790000040,\"changes\":[{\"guest\":\"web\",\"do\":\"pin\"}]}\n";
    int folder = open(*state, O_RDONLY | O_DIRECTORY);
    struct chapter chapter;
    struct mark mark;
    struct err err = {0};
    struct chapter_aside aside = {0};
    bool is_full = true;

    chapter_open(folder, "changes", 8 << 10, START_S, &chapter, &aside);
    assert_int_equal(chapter_since(&chapter, &is_full), 0);
    assert_false(is_full);
    for (int i = 0; i < 300; i++) {
        assert_int_equal(chapter_add(&chapter, START_S + i, NULL, line, &mark, &err), 0);
        if (i == 50)
            assert_int_equal(chapter_since(&chapter, &is_full), START_S);
    }
    assert_true(chapter_since(&chapter, &is_full) > START_S + 100);
    assert_true(is_full);
    chapter_close(&chapter);
    close(folder);
}

static void what_was_put_back_is_a_change(void **state)
{
    struct history *history = history_reopen(NULL, *state, 0);
    struct guest_id guest = {.name = "web"};
    struct cpuset from = {0}, to = {0};
    json_t *changes = json_array(), *lines, *change;
    struct err err = {0};
    size_t n_pages;

    cpuset_add(&to, 3);
    json_array_append_new(changes, changes_pin_put_back(&guest, false, 1, &from, &to, NULL));
    json_array_append_new(changes, changes_size_put_back(&guest, 1 << 20, 2 << 20, "no room"));
    assert_int_equal(history_add_put_back(history, changes, 1, "at", START_S, &err), 0);
    assert_int_equal(history_add_put_back(history, json_array(), 0, "at", START_S, &err), 0);
    assert_int_equal(history_add_put_back(NULL, json_array(), 0, "at", START_S, &err), 0);
    history = history_reopen(history, *state, 0);
    lines = history_read_all(history, HISTORY_CHANGES, 0, &n_pages);
    assert_int_equal(json_array_size(lines), 1);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(lines, 0), "failed")), 1);
    changes = json_object_get(json_array_get(lines, 0), "changes");
    change = json_array_get(changes, 0);
    assert_string_equal(json_string_value(json_object_get(change, "do")), "put-back");
    assert_string_equal(json_string_value(json_object_get(change, "to")), "3");
    assert_true(json_is_null(json_object_get(change, "from")));
    assert_true(json_is_false(json_object_get(change, "failed")));
    change = json_array_get(changes, 1);
    assert_int_equal(json_integer_value(json_object_get(change, "to_mib")), 2048);
    assert_string_equal(json_string_value(json_object_get(change, "reason")), "no room");
    assert_true(json_is_true(json_object_get(change, "failed")));
    json_decref(lines);
    history_free(history);
}

static void seven_days_are_kept(void **state)
{
    struct history *history = history_reopen(NULL, *state, 0);
    const int64_t hour_s = 3600;
    char path[400];
    struct history_case c;
    size_t n_pages, n;
    json_t *lines;

    history_case_make(&c);
    for (int hour = 0; hour < 12 * 24; hour++)
        history_case_pass(history, &c, START_S + hour * hour_s, true, false);
    history = history_reopen(history, *state, 0);
    lines = history_read_all(history, HISTORY_CHANGES, 0, &n_pages);
    assert_in_range(json_array_size(lines), 7 * 24, 9 * 24);
    assert_true(history_find_file(*state, "changes-", path, &n));
    assert_in_range(n, 7, 9);
    json_decref(lines);
    history_free(history);
}

/* Over midnight in UTC, and a restart meanwhile. */
static void a_clock_that_is_set_back_costs_no_day(void **state)
{
    const int64_t day_s = 86400, midnight_s = START_S - START_S % day_s + 6 * day_s;
    struct history *history = history_reopen(NULL, *state, 0);
    char path[400];
    struct history_case c;
    size_t n_pages, n;
    json_t *lines;

    history_case_make(&c);
    for (int day = 0; day <= 6; day++)
        history_case_pass(history, &c, midnight_s + (day - 6) * day_s, true, false);
    for (int i = 0; i < 300; i++) {
        if (i == 200)
            history = history_reopen(history, *state, 0);
        history_case_pass(history, &c, midnight_s - 8 * 3600 + i, true, false);
    }
    history = history_reopen(history, *state, 0);
    lines = history_read_all(history, HISTORY_CHANGES, 0, &n_pages);
    assert_int_equal(json_array_size(lines), 7 + 300);
    assert_true(history_find_file(*state, "changes-", path, &n));
    assert_int_equal(n, 7);
    json_decref(lines);
    history_free(history);
}

/* A clock that was a month, or 70 years, ahead for some minutes, and over a restart. */
static void a_clock_that_was_ahead_costs_nothing(void **state)
{
    static const int64_t aheads_s[] = {INT64_C(30) * 86400, INT64_C(70) * 365 * 86400};
    const int64_t day_s = 86400;

    for (size_t a = 0; a < 2; a++) {
        struct history *history = history_reopen(NULL, *state, 0), *memory;
        int64_t now_s = START_S;
        struct history_case c;
        size_t n_pages, n_past = 0;
        struct err err = {0};
        bool is_kept;
        json_t *lines;

        history_case_make(&c);
        memory = history_new(PROGRAM_VCPU);
        for (int i = 0; i < 7 * 24; i++, now_s += 3600) {
            history_case_pass(history, &c, now_s, true, false);
            history_case_pass(memory, &c, now_s, true, false);
        }
        for (int i = 0; i < 30; i++) {
            history_case_pass(history, &c, now_s + aheads_s[a] + 60 * i, true, false);
            history_case_pass(memory, &c, now_s + aheads_s[a] + 60 * i, true, false);
        }
        for (int i = 0; i < 30;
             i++) /* it is put right: days to come are set aside, which is told */
            assert_int_equal(history_case_pass(history, &c, now_s + i, true, false) < 0, i == 0);
        history_case_pass(memory, &c, now_s, true, false);
        assert_true(history_since(history, &is_kept) <= now_s);
        assert_true(history_since(memory, &is_kept) <= now_s);
        lines = history_read_all(memory, HISTORY_CHANGES, 0, &n_pages);
        assert_true(json_array_size(lines) > 7 * 24 - 40); /* a few, and not all */
        json_decref(lines);
        history_free(memory);
        history_free(history);
        history = history_new(PROGRAM_VCPU);
        assert_int_equal(history_keep(history, *state, now_s + day_s, &err), 0);
        assert_int_equal(history_since(history, &is_kept), START_S);
        lines = history_read_all(history, HISTORY_CHANGES, 0, &n_pages);
        for (size_t i = 0; i < json_array_size(lines); i++)
            n_past +=
                json_integer_value(json_object_get(json_array_get(lines, i), "t")) <= now_s + 30;
        assert_int_equal(n_past, 7 * 24 + 30);
        json_decref(lines);
        history_free(history);
        history_drop_folder(state);
        history_make_folder(state);
    }
}

/* Files that a clock of years ahead has left, and a clock that has lost its battery. */
static void files_of_days_to_come_are_set_aside(void **state)
{
    struct history *history = history_reopen(NULL, *state, 0);
    struct history_case c;
    struct err err = {0};
    char path[400];
    bool is_kept;
    size_t n;

    history_case_make(&c);
    history_case_pass(history, &c, START_S, true, false);
    history_free(history);
    history = history_new(PROGRAM_VCPU);
    assert_int_equal(history_keep(history, *state, 1000, &err), 0); /* 1970 */
    history_free(history);
    history = history_new(PROGRAM_VCPU);
    assert_int_equal(history_keep(history, *state, START_S - 3600, &err), 0);
    assert_int_equal(history_since(history, &is_kept), START_S - 3600);
    history_free(history);
    history = history_new(PROGRAM_VCPU);
    assert_int_equal(history_keep(history, *state, START_S - 2 * 86400, &err), -EINVAL);
    assert_non_null(strstr(err.text, "2 files of the history are of days to come"));
    assert_int_equal(history_since(history, &is_kept), 0);
    history_free(history);
    assert_true(history_find_file(*state, ".damaged.1", path, &n));
    assert_int_equal(n, 2);
}

static void cursors_of_strangers_are_refused(void **state)
{
    static const char *const cursors[] = {"x",   "m:",        "m:1",     "m:0:0:0",
                                          "f:1", "f:1:2:3:4", "m:1:0:0 "};
    static const char *const odd[] = {"m:99999:0:0", "m:1:2:3", "f:1:2:3",
                                      "f:1790000040:18446744073709551615:7"};
    struct history *history = history_reopen(NULL, *state, 0);
    struct history_page page;
    struct history_case c;

    history_case_make(&c);
    history_case_pass(history, &c, START_S, true, false);
    for (size_t i = 0; i < sizeof(cursors) / sizeof(cursors[0]); i++)
        assert_int_equal(history_read(history, HISTORY_CHANGES, 0, cursors[i], &page), -EINVAL);
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        assert_int_equal(history_read(history, HISTORY_CHANGES, 0, odd[i], &page), 0);
        free(page.lines);
        free(page.next);
    }
    assert_int_equal(history_kind_of("minutes"), HISTORY_MINUTES);
    assert_int_equal(history_kind_of("hours"), HISTORY_KINDS);
    history_free(history);
}

int main(void)
{
#define IN_FOLDER(test)                                                                            \
    cmocka_unit_test_setup_teardown(test, history_make_folder, history_drop_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(it_survives_restarts_and_comes_in_pages),
        IN_FOLDER(pages_end_wherever_the_files_do),
        IN_FOLDER(what_memory_forgets_meanwhile_is_read_from_the_files),
        IN_FOLDER(it_says_how_far_back_it_goes),
        IN_FOLDER(full_files_begin_later),
        IN_FOLDER(what_was_put_back_is_a_change),
        IN_FOLDER(seven_days_are_kept),
        IN_FOLDER(a_clock_that_is_set_back_costs_no_day),
        IN_FOLDER(a_clock_that_was_ahead_costs_nothing),
        IN_FOLDER(files_of_days_to_come_are_set_aside),
        IN_FOLDER(cursors_of_strangers_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
