/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/clock.h"
#include "agent/base/outlet.h"

enum { ITEM = 30000, MAX_QUEUED = 100000 };

static void fill(char item[ITEM], int number)
{
    memset(item, 'a' + number % 26, ITEM - 1);
    item[ITEM - 1] = '\n';
}

/* Reads until a line is whole; its first letter, and that all its letters are the same. */
static char read_item(int fd)
{
    char text[ITEM];
    size_t used = 0;

    while (used < sizeof(text)) {
        ssize_t n = read(fd, text + used, sizeof(text) - used);

        assert_true(n > 0);
        used += (size_t)n;
    }
    for (size_t i = 1; i + 1 < sizeof(text); i++)
        assert_int_equal(text[i], text[0]);
    assert_int_equal(text[ITEM - 1], '\n');
    return text[0];
}

static void what_nobody_reads_is_left_out_whole_and_counted(void **state)
{
    struct outlet *outlet;
    int ends[2], taken = 0, left_out = 0;
    char item[ITEM];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    outlet = outlet_new(ends[1], MAX_QUEUED, true);
    assert_non_null(outlet);
    for (int i = 0; i < 20; i++) {
        int r;

        fill(item, i);
        r = outlet_put(outlet, item, sizeof(item), NULL);
        assert_true(r == 0 || r == -EAGAIN);
        taken += r == 0;
        left_out += r == -EAGAIN;
        if (r == 0)
            assert_int_equal(left_out, 0); /* what is left out is what comes last */
    }
    assert_true(left_out > 0);
    assert_int_equal(outlet_left_out(outlet), 0); /* nothing flows yet */
    for (int i = 0; i < taken; i++)
        assert_int_equal(read_item(ends[0]), 'a' + i);
    outlet_drain(outlet, NULL);
    assert_int_equal(outlet_left_out(outlet), left_out);
    assert_int_equal(outlet_left_out(outlet), 0); /* told once */
    fill(item, 25);
    assert_int_equal(outlet_put(outlet, item, sizeof(item), NULL), 0);
    assert_int_equal(read_item(ends[0]), 'z');
    outlet_free(outlet_share(outlet));
    outlet_free(outlet);
    close(ends[0]);
}

/* Asked to stop from the second question on. */
static bool is_asked(void *arg)
{
    int *questions = arg;

    return ++*questions > 1;
}

/* An interval that is shorter than what a slow reader is given is not made late. */
static void its_patience_is_what_it_was_told(void **state)
{
    struct outlet *outlet;
    int ends[2];
    char item[ITEM];
    uint64_t began_ns;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    outlet = outlet_new(ends[1], MAX_QUEUED, true);
    assert_non_null(outlet);
    outlet_set_patience(outlet, 0);
    began_ns = clock_monotonic_ns();
    for (int i = 0; i < 3; i++) {
        fill(item, i);
        outlet_put(outlet, item, sizeof(item), NULL);
    }
    assert_true(clock_monotonic_ns() - began_ns < 80 * UINT64_C(1000000));
    for (int i = 0; i < 3; i++)
        assert_int_equal(read_item(ends[0]), 'a' + i);
    outlet_free(outlet);
    close(ends[0]);
}

static void in_virtual_time_only_a_stop_leaves_something_out(void **state)
{
    int questions = 0, ends[2];
    const struct stop stop = {is_asked, &questions}, never = {0};
    struct outlet *outlet;
    char item[ITEM];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    outlet = outlet_new(ends[1], 1, true);
    assert_non_null(outlet);
    fill(item, 0);
    assert_int_equal(outlet_put(outlet, item, sizeof(item), &never), 0);
    assert_int_equal(outlet_put(outlet, item, sizeof(item), &never), 0);
    questions = 0;
    assert_int_equal(outlet_put(outlet, item, sizeof(item), &stop), 0); /* queued behind nothing */
    assert_int_equal(outlet_put(outlet, item, sizeof(item), &stop), -EAGAIN);
    assert_true(questions > 1);
    outlet_drain(outlet, &stop);
    outlet_free(outlet); /* stuck in its write: left behind with the descriptor */
    for (int i = 0; i < 3; i++)
        read_item(ends[0]);
    assert_int_equal(read(ends[0], item, 1), 0); /* and it ended with the reader's help */
    close(ends[0]);
}

static void a_failed_write_is_told(void **state)
{
    int full = open("/dev/full", O_WRONLY), ends[2];
    struct outlet *outlet = outlet_new(full, MAX_QUEUED, true);

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    assert_non_null(outlet);
    assert_int_equal(outlet_put(outlet, "x\n", 2, &(struct stop){0}), -ENOSPC);
    assert_int_equal(outlet_put(outlet, "x\n", 2, &(struct stop){0}), -ENOSPC);
    outlet_free(outlet);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    outlet = outlet_new(ends[1], MAX_QUEUED, true);
    assert_non_null(outlet);
    assert_int_equal(outlet_put(outlet, "x\n", 2, &(struct stop){0}), -EPIPE);
    outlet_free(outlet);
    outlet_free(NULL);
}

/* A file that may grow to ten bytes, and then further. */
static void a_torn_item_is_no_part_of_the_next(void **state)
{
    struct rlimit before, ten;
    FILE *file = tmpfile();
    struct outlet *outlet;
    char text[64] = "";

    (void)state;
    assert_non_null(file);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    ten = before;
    ten.rlim_cur = 10;
    outlet = outlet_new(fileno(file), MAX_QUEUED, false);
    assert_non_null(outlet);
    setrlimit(RLIMIT_FSIZE, &ten);
    assert_int_equal(outlet_put(outlet, "0123456789abc\n", 14, &(struct stop){0}), -EFBIG);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(outlet_put(outlet, "next\n", 5, &(struct stop){0}), 0);
    outlet_free(outlet);
    assert_int_equal(fseek(file, 0, SEEK_SET), 0);
    assert_int_equal(fread(text, 1, sizeof(text) - 1, file), 16);
    assert_string_equal(text, "0123456789\nnext\n");
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_reads_is_left_out_whole_and_counted),
        cmocka_unit_test(its_patience_is_what_it_was_told),
        cmocka_unit_test(in_virtual_time_only_a_stop_leaves_something_out),
        cmocka_unit_test(a_failed_write_is_told),
        cmocka_unit_test(a_torn_item_is_no_part_of_the_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
