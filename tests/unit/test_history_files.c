/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
        lines = history_read_all(history, HISTORY_CHANGES, 0, &n_pages);
        history_assert_steps(lines, "changes", START_S, 60, 1000 * ((size_t)run + 1));
        assert_true(n_pages > 1);
        json_decref(lines);
        history = history_reopen(history, *state, 0);
        lines = history_read_all(history, HISTORY_MINUTES, 0, &n_pages);
        history_assert_steps(lines, "n", START_S, 60, 1000 * ((size_t)run + 1));
        assert_true(n_pages > 2);
        json_decref(lines);
    }
    lines = history_read_all(history, HISTORY_MINUTES, START_S + 60 * 2900, &n_pages);
    history_assert_steps(lines, "n", START_S + 60 * 2900, 60, 100);
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
        size_t n_pages;
        json_t *lines = history_read_all(history, HISTORY_CHANGES, since_s, &n_pages);

        history_assert_steps(lines, "changes", since_s, 1, (size_t)n + IN_MEMORY);
        json_decref(lines);
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
        IN_FOLDER(seven_days_are_kept),
        IN_FOLDER(a_clock_that_is_set_back_costs_no_day),
        IN_FOLDER(cursors_of_strangers_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
