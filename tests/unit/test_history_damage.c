/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of the history's files on bad days. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/history/chapter.h"
#include "tests/unit/history_fixture.h"

static void append(const char *path, const char *text)
{
    FILE *file = fopen(path, "a");

    fputs(text, file);
    fclose(file);
}

static void a_line_that_was_cut_short_costs_nothing_else(void **state)
{
    struct history *history = history_reopen(NULL, *state, 0);
    struct history_case c;
    char path[400];
    size_t n;

    history_case_make(&c);
    history_case_pass(history, &c, START_S, true, false);
    history_free(history);
    assert_true(history_find_file(*state, "changes-", path, &n));
    append(path, "{\"t\":1790000041,\"changes\":[{\"gue");
    history = history_reopen(NULL, *state, 0);
    history_case_pass(history, &c, START_S + 2, true, false);
    append(path, "{\"t\":1790000043,\"\xff\":[]}\n{\"t\":5}\n\n\n");
    history = history_reopen(history, *state, 0);
    history_assert_all(history, HISTORY_CHANGES, 1000, START_S, 2, 2);
    assert_true(history_find_file(*state, "changes-", path, &n));
    assert_int_equal(n, 1); /* the same one goes on */
    history_free(history);
}

static void a_damaged_file_is_set_aside(void **state)
{
    struct history *history = history_reopen(NULL, *state, 0);
    struct history_case c;
    char path[400];
    size_t n_pages, n;
    json_t *lines;
    FILE *file;

    history_case_make(&c);
    history_case_pass(history, &c, START_S, true, false);
    history_free(history);
    assert_true(history_find_file(*state, "changes-", path, &n));
    file = fopen(path, "w");
    fputs("something else that is longer than what such a file has to begin with, and that is "
          "no line of JSON\n",
          file);
    fclose(file);
    history = history_reopen(NULL, *state, -EINVAL);
    assert_true(history_find_file(*state, ".damaged.1", path, &n));
    assert_false(history_find_file(*state, "0.jsonl", path, &n) && !strstr(path, "minutes"));
    history_case_pass(history, &c, START_S + 60, true, false);
    lines = history_read_all(history, HISTORY_CHANGES, 0, &n_pages);
    assert_int_equal(json_array_size(lines), 1);
    json_decref(lines);
    history_free(history);
}

/* As a loss of power leaves one that was just begun. */
static void an_empty_file_is_none_that_is_damaged(void **state)
{
    struct history *history = history_reopen(NULL, *state, 0);
    struct history_case c;
    char path[400];
    size_t n;

    history_case_make(&c);
    history_case_pass(history, &c, START_S, true, false);
    for (off_t size = 0; size < 80; size += 20) {
        history_free(history);
        assert_true(history_find_file(*state, "changes-", path, &n));
        assert_int_equal(truncate(path, size), 0);
        history = history_reopen(NULL, *state, 0);
        history_case_pass(history, &c, START_S + 60, true, false);
        history_assert_all(history, HISTORY_CHANGES, 0, START_S + 60, 60, 1);
    }
    history_free(history);
}

/* As where a program has no descriptor left for a while. What an earlier run wrote is in the same file. */
static void a_line_that_cannot_be_written_is_told_once(void **state)
{
    struct rlimit limit, none;
    struct history *history = history_reopen(NULL, *state, 0);
    struct history_case c;

    history_case_make(&c);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    for (int i = 0; i < 6; i++) {
        if (i == 3) {
            history = history_reopen(history, *state, 0);
            assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
        }
        assert_int_equal(history_case_pass(history, &c, START_S + i, true, false) < 0, i == 3);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    }
    history_assert_all(history, HISTORY_CHANGES, 0, START_S, 1, 6);
    history_free(history);
}

/* Whatever runs as root keeps no service from its own files. */
static void what_root_begins_is_the_folders_owners(void **state)
{
    enum { SERVICE = 60001 };
    struct chapter chapter;
    struct mark mark;
    struct err err = {0};
    struct stat status;
    char path[400];
    struct chapter_aside aside = {0};
    size_t n;
    int folder;

    if (geteuid() != 0)
        skip();
    assert_int_equal(chown(*state, SERVICE, SERVICE), 0);
    folder = open(*state, O_RDONLY | O_DIRECTORY);
    chapter_open(folder, "changes", 1 << 20, START_S, &chapter, &aside);
    assert_int_equal(chapter_add(&chapter, START_S, NULL, "{\"t\":1790000040}\n", &mark, &err), 0);
    chapter_close(&chapter);
    close(folder);
    assert_true(history_find_file(*state, "changes-", path, &n));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_uid, SERVICE);
    assert_int_equal(status.st_gid, SERVICE);
}

/* Whoever may write to the folder could give a file of root's a second name there. */
static void a_file_with_a_second_name_is_none_of_ours(void **state)
{
    int folder = open(*state, O_RDONLY | O_DIRECTORY);
    char precious[400], name[400];
    struct chapter_aside aside = {0};
    struct chapter chapter;
    struct err err = {0};
    struct stat status;
    struct mark mark;

    snprintf(precious, sizeof(precious), "%s/precious", (char *)*state);
    append(precious, "");
    snprintf(name, sizeof(name), "%s/changes-%d.jsonl", (char *)*state, START_S - 9);
    assert_int_equal(link(precious, name), 0);
    chapter_open(folder, "changes", 1 << 20, START_S, &chapter, &aside);
    assert_int_equal(aside.n_damaged, 1);
    snprintf(name, sizeof(name), "%s/changes-%d.jsonl", (char *)*state, START_S);
    assert_int_equal(link(precious, name), 0); /* a moment later */
    chapter.start_s = START_S;
    assert_int_equal(chapter_add(&chapter, START_S, NULL, "{\"t\":1790000040}\n", &mark, &err), 0);
    chapter_close(&chapter);
    close(folder);
    assert_int_equal(stat(precious, &status), 0);
    assert_int_equal(status.st_size, 0);
}

/* What is in the file and what the mark says must agree, or whoever reads both passes something over. */
static void a_line_that_failed_is_behind_what_is_there(void **state)
{
    static const char line[] = "{\"t\":1790000040,\"changes\":[{\"guest\":\"web\"}]}\n";
    const struct rlimit small = {300, RLIM_INFINITY};
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    struct chapter_aside aside = {0};
    int folder = open(*state, O_RDONLY | O_DIRECTORY), r = 0;
    struct chapter chapter;
    struct rlimit limit;
    struct mark last = {0}, mark;
    struct err err = {0};
    char path[400];
    size_t n;

    assert_int_equal(sigaction(SIGXFSZ, &ignore, &before), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    chapter_open(folder, "changes", 1 << 20, START_S, &chapter, &aside);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < 20 && r == 0; i++) {
        r = chapter_add(&chapter, START_S + i, NULL, line, &mark, &err);
        assert_true(mark.offset > last.offset);
        last = mark;
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(r, -EFBIG);
    assert_int_equal(mark.offset, 300); /* half of it is there */
    assert_int_equal(chapter_add(&chapter, START_S + 30, NULL, line, &mark, &err), 0);
    assert_true(mark.start_s > last.start_s);
    assert_true(history_find_file(*state, "changes-", path, &n));
    assert_int_equal(n, 2);
    chapter_close(&chapter);
    close(folder);
    sigaction(SIGXFSZ, &before, NULL);
}

/* On a full disk, where each line tries again. */
static void a_file_with_nothing_in_it_does_not_stay(void **state)
{
    const struct rlimit none = {20, RLIM_INFINITY};
    struct history *history = history_reopen(NULL, *state, 0);
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    struct history_case c;
    struct rlimit limit;
    bool is_kept = true;
    char path[400];
    size_t n;

    history_case_make(&c);
    assert_int_equal(sigaction(SIGXFSZ, &ignore, &before), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(history_case_pass(history, &c, START_S + i, true, false) < 0, i == 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_false(history_find_file(*state, "changes-", path, &n));
    history_since(history, &is_kept);
    assert_false(is_kept);
    assert_int_equal(history_case_pass(history, &c, START_S + 5, true, false), 0);
    history_since(history, &is_kept);
    assert_true(is_kept);
    history_assert_all(history, HISTORY_CHANGES, 0, START_S, 1, 6);
    history_free(history);
    sigaction(SIGXFSZ, &before, NULL);
}

/* A folder that is gone stands for a disk that cannot be written. */
static void trouble_is_said_once_and_memory_has_it(void **state)
{
    struct history *history = history_reopen(NULL, *state, 0);
    struct history_case c;
    char path[400];
    size_t n;

    history_case_make(&c);
    assert_true(history_find_file(*state, ".lock", path, &n));
    unlink(path);
    rmdir(*state);
    assert_true(history_case_pass(history, &c, START_S, true, false) < 0);
    assert_int_equal(history_case_pass(history, &c, START_S + 60, true, false), 0);
    history_assert_all(history, HISTORY_CHANGES, 0, START_S, 60, 2);
    history_free(history);
}

static void a_second_writer_has_memory_only(void **state)
{
    struct history *first = history_reopen(NULL, *state, 0), *second = history_new(PROGRAM_VCPU);
    struct history *other = history_new(PROGRAM_MEMORY);
    struct err err = {0};

    assert_int_equal(history_keep(second, *state, START_S, &err), -EBUSY);
    assert_int_equal(history_keep(other, *state, START_S, &err), 0);
    history_free(second);
    history_free(other);
    history_free(first);
}

int main(void)
{
#define IN_FOLDER(test)                                                                            \
    cmocka_unit_test_setup_teardown(test, history_make_folder, history_drop_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_line_that_was_cut_short_costs_nothing_else),
        IN_FOLDER(a_damaged_file_is_set_aside),
        IN_FOLDER(an_empty_file_is_none_that_is_damaged),
        IN_FOLDER(a_line_that_cannot_be_written_is_told_once),
        IN_FOLDER(what_root_begins_is_the_folders_owners),
        IN_FOLDER(a_file_with_a_second_name_is_none_of_ours),
        IN_FOLDER(a_line_that_failed_is_behind_what_is_there),
        IN_FOLDER(a_file_with_nothing_in_it_does_not_stay),
        IN_FOLDER(trouble_is_said_once_and_memory_has_it),
        IN_FOLDER(a_second_writer_has_memory_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
