/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/input.h"

static char path[] = "/tmp/input-XXXXXX";

static void write_text(const char *text, size_t n)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fwrite(text, 1, n, file);
    fclose(file);
}

static int set_up(void **state)
{
    int fd;

    (void)state;
    strcpy(path, "/tmp/input-XXXXXX");
    fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static void lines_of_any_length_one_by_one(void **state)
{
    size_t room = 300000;
    char *text = malloc(room), *line = NULL;
    struct input *input;

    (void)state;
    memset(text, 'x', room);
    text[0] = text[1] = text[200000] = text[299990] = '\n';
    write_text(text, room);
    assert_int_equal(input_open(path, NULL, &input), 0);
    assert_int_equal(input_line(input, room, &line), 1);
    assert_int_equal(input_line(input, room, &line), 1);
    assert_int_equal(input_line(input, room, &line), 199999);
    assert_memory_equal(line, text + 2, 199999);
    assert_int_equal(input_line(input, room, &line), 99990);
    assert_int_equal(input_line(input, room, &line), 9); /* without its newline */
    assert_int_equal(line[8], 'x');
    assert_int_equal(input_line(input, room, &line), 0);
    input_free(input);
    assert_int_equal(input_open(path, NULL, &input), 0);
    assert_int_equal(input_line(input, 1000, &line), 1);
    assert_int_equal(input_line(input, 1000, &line), 1);
    assert_int_equal(input_line(input, 1000, &line), -EFBIG);
    input_free(input);
    free(text);
}

static void all_of_it_or_nothing(void **state)
{
    struct input *input;
    char *text = NULL;

    (void)state;
    write_text("one\ntwo", 7);
    assert_int_equal(input_open(path, NULL, &input), 0);
    assert_int_equal(input_all(input, 100, &text), 7);
    assert_string_equal(text, "one\ntwo");
    free(text);
    input_free(input);
    assert_int_equal(input_open(path, NULL, &input), 0);
    assert_int_equal(input_all(input, 6, &text), -EFBIG);
    input_free(input);
    assert_int_equal(input_open("/nonexistent", NULL, &input), -ENOENT);
    input_free(NULL);
}

static bool is_asked(void *arg)
{
    int *questions = arg;

    return ++*questions > 2;
}

static void a_pipe_without_a_writer_can_be_left(void **state)
{
    int questions = 0;
    const struct stop stop = {is_asked, &questions};
    struct input *input;
    char *line = NULL;

    (void)state;
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(input_open(path, &stop, &input), 0);
    assert_int_equal(input_line(input, 100, &line), -ECANCELED);
    input_free(input);
    assert_int_equal(questions, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_of_any_length_one_by_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_of_it_or_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pipe_without_a_writer_can_be_left, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
