/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/history_fixture.h"

static int64_t integer(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static int make_folder(void **state)
{
    char *folder = strdup("/tmp/evenkeel-history-XXXXXX");

    *state = folder;
    return folder && mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
    char path[400];
    DIR *entries = opendir(*state);
    const struct dirent *entry;

    while (entries && (entry = readdir(entries)) != NULL) {
        snprintf(path, sizeof(path), "%s/%s", (char *)*state, entry->d_name);
        unlink(path);
    }
    if (entries)
        closedir(entries);
    rmdir(*state);
    free(*state);
    return 0;
}

/* The path of the first file with that in its name; false where there is none. */
static bool find_file(const char *folder, const char *part, char path[400], size_t *n)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;

    *n = 0;
    while ((entry = readdir(entries)) != NULL) {
        if (strstr(entry->d_name, part) && ++*n == 1)
            snprintf(path, 400, "%s/%s", folder, entry->d_name);
    }
    closedir(entries);
    return *n > 0;
}

static struct history *reopen(struct history *history, const char *folder, int wanted)
{
    struct err err = {0};

    history_free(history);
    history = history_new(PROGRAM_VCPU);
    assert_int_equal(history_keep(history, folder, &err), wanted);
    return history;
}

/* Each line once, whether it is in a file or in memory. */
static void assert_steps(json_t *lines, const char *kind, int64_t from_s, int64_t step_s, size_t n)
{
    size_t found = 0;

    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);

        if (!json_object_get(line, kind))
            continue;
        assert_int_equal(integer(line, "t"), from_s + (int64_t)found * step_s);
        found++;
    }
    assert_int_equal(found, n);
}

static void it_survives_restarts_and_comes_in_pages(void **state)
{
    struct history *history = reopen(NULL, *state, 0);
    struct history_case c;
    size_t n_pages;
    json_t *lines;

    history_case_make(&c);
    for (int run = 0; run < 3; run++) {
        for (int i = 0; i < 1000; i++)
            history_case_pass(history, &c, START_S + 60 * (1000 * run + i), true, false);
        lines = history_read_all(history, HISTORY_CHANGES, 0, &n_pages);
        assert_steps(lines, "changes", START_S, 60, 1000 * ((size_t)run + 1));
        assert_true(n_pages > 1);
        json_decref(lines);
        history = reopen(history, *state, 0);
        lines = history_read_all(history, HISTORY_MINUTES, 0, &n_pages);
        assert_steps(lines, "n", START_S, 60, 1000 * ((size_t)run + 1));
        assert_true(n_pages > 2);
        json_decref(lines);
    }
    lines = history_read_all(history, HISTORY_MINUTES, START_S + 60 * 2900, &n_pages);
    assert_steps(lines, "n", START_S + 60 * 2900, 60, 100);
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
    struct history *history = reopen(NULL, *state, 0);
    struct history_case c;
    int n_page;

    history_case_make(&c);
    for (int i = 0; i < IN_FILES + IN_MEMORY; i++) {
        if (i == IN_FILES)
            history = reopen(history, *state, 0);
        history_case_pass(history, &c, START_S + i, true, false);
    }
    n_page = lines_of_first_page(history);
    assert_in_range(n_page, 100, IN_FILES - 100);
    for (int n = n_page - 10; n < n_page + 10; n++) {
        const int64_t since_s = START_S + IN_FILES - n;
        size_t n_pages;
        json_t *lines = history_read_all(history, HISTORY_CHANGES, since_s, &n_pages);

        assert_steps(lines, "changes", since_s, 1, (size_t)n + IN_MEMORY);
        json_decref(lines);
    }
    history_free(history);
}

static void seven_days_are_kept(void **state)
{
    struct history *history = reopen(NULL, *state, 0);
    const int64_t hour_s = 3600;
    char path[400];
    struct history_case c;
    size_t n_pages, n;
    json_t *lines;

    history_case_make(&c);
    for (int hour = 0; hour < 12 * 24; hour++)
        history_case_pass(history, &c, START_S + hour * hour_s, true, false);
    history = reopen(history, *state, 0);
    lines = history_read_all(history, HISTORY_CHANGES, 0, &n_pages);
    assert_in_range(json_array_size(lines), 7 * 24, 9 * 24);
    assert_true(find_file(*state, "changes-", path, &n));
    assert_in_range(n, 7, 9);
    json_decref(lines);
    history_free(history);
}

/* Over midnight in UTC, and a restart meanwhile. */
static void a_clock_that_is_set_back_costs_no_day(void **state)
{
    const int64_t day_s = 86400, midnight_s = START_S - START_S % day_s + 6 * day_s;
    struct history *history = reopen(NULL, *state, 0);
    char path[400];
    struct history_case c;
    size_t n_pages, n;
    json_t *lines;

    history_case_make(&c);
    for (int day = 0; day <= 6; day++)
        history_case_pass(history, &c, midnight_s + (day - 6) * day_s, true, false);
    for (int i = 0; i < 300; i++) {
        if (i == 200)
            history = reopen(history, *state, 0);
        history_case_pass(history, &c, midnight_s - 8 * 3600 + i, true, false);
    }
    history = reopen(history, *state, 0);
    lines = history_read_all(history, HISTORY_CHANGES, 0, &n_pages);
    assert_int_equal(json_array_size(lines), 7 + 300);
    assert_true(find_file(*state, "changes-", path, &n));
    assert_int_equal(n, 7);
    json_decref(lines);
    history_free(history);
}

static void append(const char *path, const char *text)
{
    FILE *file = fopen(path, "a");

    fputs(text, file);
    fclose(file);
}

static void a_line_that_was_cut_short_costs_nothing_else(void **state)
{
    struct history *history = reopen(NULL, *state, 0);
    struct history_case c;
    char path[400];
    size_t n_pages, n;
    json_t *lines;

    history_case_make(&c);
    history_case_pass(history, &c, START_S, true, false);
    history_free(history);
    assert_true(find_file(*state, "changes-", path, &n));
    append(path, "{\"t\":1790000041,\"changes\":[{\"gue");
    history = reopen(NULL, *state, 0);
    history_case_pass(history, &c, START_S + 2, true, false);
    append(path, "{\"t\":1790000043,\"\xff\":[]}\n{\"t\":5}\n\n\n");
    history = reopen(history, *state, 0);
    lines = history_read_all(history, HISTORY_CHANGES, 1000, &n_pages);
    assert_steps(lines, "changes", START_S, 2, 2);
    assert_true(find_file(*state, "changes-", path, &n));
    assert_int_equal(n, 1); /* the same one goes on */
    json_decref(lines);
    history_free(history);
}

static void a_damaged_file_is_set_aside(void **state)
{
    struct history *history = reopen(NULL, *state, 0);
    struct history_case c;
    char path[400];
    size_t n_pages, n;
    json_t *lines;
    FILE *file;

    history_case_make(&c);
    history_case_pass(history, &c, START_S, true, false);
    history_free(history);
    assert_true(find_file(*state, "changes-", path, &n));
    file = fopen(path, "w");
    fputs("something else that is longer than what such a file has to begin with, and that is "
          "no line of JSON\n",
          file);
    fclose(file);
    history = reopen(NULL, *state, -EINVAL);
    assert_true(find_file(*state, ".damaged", path, &n));
    assert_false(find_file(*state, "changes-1", path, &n));
    history_case_pass(history, &c, START_S + 60, true, false);
    lines = history_read_all(history, HISTORY_CHANGES, 0, &n_pages);
    assert_int_equal(json_array_size(lines), 1);
    json_decref(lines);
    history_free(history);
}

/* A folder that is gone stands for a disk that cannot be written. */
static void trouble_is_said_once_and_memory_has_it(void **state)
{
    struct history *history = reopen(NULL, *state, 0);
    struct history_case c;
    char path[400];
    size_t n_pages, n;
    json_t *lines;

    history_case_make(&c);
    assert_true(find_file(*state, ".lock", path, &n));
    unlink(path);
    rmdir(*state);
    assert_true(history_case_pass(history, &c, START_S, true, false) < 0);
    assert_int_equal(history_case_pass(history, &c, START_S + 60, true, false), 0);
    lines = history_read_all(history, HISTORY_CHANGES, 0, &n_pages);
    assert_steps(lines, "changes", START_S, 60, 2);
    json_decref(lines);
    history_free(history);
}

static void a_second_writer_has_memory_only(void **state)
{
    struct history *first = reopen(NULL, *state, 0), *second = history_new(PROGRAM_VCPU);
    struct history *other = history_new(PROGRAM_MEMORY);
    struct err err = {0};

    assert_int_equal(history_keep(second, *state, &err), -EBUSY);
    assert_int_equal(history_keep(other, *state, &err), 0);
    history_free(second);
    history_free(other);
    history_free(first);
}

static void cursors_of_strangers_are_refused(void **state)
{
    static const char *const cursors[] = {"x", "m:", "m:0", "f:1", "f:1:2:3:4", "m:1 "};
    static const char *const odd[] = {"m:99999", "f:1:2:3", "f:1790000040:18446744073709551615:7"};
    struct history *history = reopen(NULL, *state, 0);
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
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(it_survives_restarts_and_comes_in_pages),
        IN_FOLDER(pages_end_wherever_the_files_do),
        IN_FOLDER(seven_days_are_kept),
        IN_FOLDER(a_clock_that_is_set_back_costs_no_day),
        IN_FOLDER(a_line_that_was_cut_short_costs_nothing_else),
        IN_FOLDER(a_damaged_file_is_set_aside),
        IN_FOLDER(trouble_is_said_once_and_memory_has_it),
        IN_FOLDER(a_second_writer_has_memory_only),
        IN_FOLDER(cursors_of_strangers_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
