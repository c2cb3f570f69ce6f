/* SPDX-License-Identifier: GPL-3.0-or-later */
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

#include "agent/base/clock.h"
#include "agent/fleet/child.h"

static int run(const char *const *argv, const char *input, size_t most, unsigned limit_ms,
               char **ret, struct err *err)
{
    const struct child_job job = {.argv = argv,
                                  .input = input,
                                  .n_input = input ? strlen(input) : 0,
                                  .most_output = most,
                                  .limit_ms = limit_ms};
    size_t n = 0;

    *ret = NULL;
    return child_run(&job, ret, &n, err);
}

static void what_it_reads_and_writes(void **state)
{
    const char *const argv[] = {"cat", NULL};
    size_t n = 4 << 20; /* more than pipes hold */
    char *text = malloc(n + 1), *said;
    struct err err = {0};

    (void)state;
    assert_non_null(text);
    memset(text, 'x', n);
    text[n] = '\0';
    assert_int_equal(run(argv, text, n, 20000, &said, &err), 0);
    assert_string_equal(said, text);
    free(said);
    free(text);
}

static void its_words_are_no_shells(void **state)
{
    const char *const argv[] = {"printf", "%s", "$(id) `id` ; 'x", NULL};
    struct err err = {0};
    char *said;

    (void)state;
    assert_int_equal(run(argv, NULL, 1000, 20000, &said, &err), 0);
    assert_string_equal(said, argv[2]);
    free(said);
}

static void who_fails_is_quoted(void **state)
{
    const char *const argv[] = {"sh", "-c", "echo 'no \033 way' >&2; echo more >&2; exit 7", NULL};
    const char *const nobody[] = {"evenkeel-no-such-program", NULL};
    struct err err = {0};
    char *said;

    (void)state;
    assert_int_equal(run(argv, NULL, 1000, 20000, &said, &err), -EIO);
    assert_string_equal(err.text, "'sh' failed with exit status 7: no ? way");
    assert_int_equal(run(nobody, NULL, 1000, 20000, &said, &err), -ENOENT);
    assert_non_null(strstr(err.text, "there is no program 'evenkeel-no-such-program'"));
}

/* With all that it has started, even where it itself has ended. */
static void who_takes_too_long_is_ended(void **state)
{
    static const char *const scripts[] = {"sleep 60", "sleep 60 & sleep 60",
                                          "trap '' TERM INT; sleep 60", "sleep 60 >/dev/null &"};

    (void)state;
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        const char *const argv[] = {"sh", "-c", scripts[i], NULL};
        uint64_t begin_ns = clock_monotonic_ns();
        struct err err = {0};
        char *said;

        assert_int_equal(run(argv, NULL, 1000, 300, &said, &err), -ETIMEDOUT);
        assert_true(clock_monotonic_ns() - begin_ns < UINT64_C(20000000000));
    }
}

static void who_says_too_much_is_ended(void **state)
{
    const char *const argv[] = {"yes", NULL};
    struct err err = {0};
    char *said;

    (void)state;
    assert_int_equal(run(argv, NULL, 1 << 20, 20000, &said, &err), -EFBIG);
    assert_string_equal(err.text, "'yes' wrote more than 1 MiB");
}

static void a_status_may_be_no_error(void **state)
{
    const char *const argv[] = {"sh", "-c", "echo said; echo why >&2; exit 3", NULL};
    int status = -1;
    const struct child_job job = {
        .argv = argv, .most_output = 1000, .limit_ms = 20000, .status = &status};
    struct err err = {0};
    char *said = NULL;
    size_t n = 0;

    (void)state;
    assert_int_equal(child_run(&job, &said, &n, &err), 0);
    assert_int_equal(status, 3);
    assert_string_equal(said, "said\n");
    assert_non_null(strstr(err.text, "why"));
    free(said);
}

static bool always(void *arg)
{
    (void)arg;
    return true;
}

/* One that ends when it is told to, and one that does not. */
static void who_asks_to_stop_is_not_held_up(void **state)
{
    static const char *const words[] = {"sleep 60", "trap '' TERM; sleep 60"};
    const struct stop stop = {.is_asked = always};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        const char *const argv[] = {"sh", "-c", words[k], NULL};
        const struct child_job job = {.argv = argv,
                                      .most_output = 1000,
                                      .limit_ms = 50000,
                                      .stop = &stop,
                                      .grace_ms = k ? 300 : 30000};
        uint64_t begin_ns = clock_monotonic_ns();
        struct err err = {0};
        char *said = NULL;
        size_t n = 0;

        assert_int_equal(child_run(&job, &said, &n, &err), -ECANCELED);
        assert_true(clock_monotonic_ns() - begin_ns < UINT64_C(20000000000));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_reads_and_writes),
        cmocka_unit_test(its_words_are_no_shells),
        cmocka_unit_test(who_fails_is_quoted),
        cmocka_unit_test(who_takes_too_long_is_ended),
        cmocka_unit_test(who_says_too_much_is_ended),
        cmocka_unit_test(a_status_may_be_no_error),
        cmocka_unit_test(who_asks_to_stop_is_not_held_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
