/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/base/err.h"

static void returns_the_code_and_fills_the_sentence(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(err_set(&err, -EINVAL, "guest '%s': floor %d", "web1", 7), -EINVAL);
    assert_int_equal(err.code, -EINVAL);
    assert_string_equal(err.text, "guest 'web1': floor 7");
}

static void accepts_no_err(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, -ENOMEM, "out of memory"), -ENOMEM);
}

static void cuts_a_long_sentence(void **state)
{
    struct err err = {0};
    char name[1000];

    (void)state;
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    err_set(&err, -EIO, "%s", name);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(returns_the_code_and_fills_the_sentence),
        cmocka_unit_test(accepts_no_err),
        cmocka_unit_test(cuts_a_long_sentence),
    };

    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
