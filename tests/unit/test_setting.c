/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "agent/record/codec_setting.h"

struct some {
    double share;
    uint64_t size;
    bool is_on;
};
static const struct setting TABLE[] = {
    {"share", offsetof(struct some, share), SETTING_NUMBER, 0.3, 0, 1, false},
    {"size", offsetof(struct some, size), SETTING_COUNT, 7, 1, 0x1p36, false},
    {"is_on", offsetof(struct some, is_on), SETTING_SWITCH, 1, 0, 1, true},
};

static struct some defaults(void)
{
    struct some some;

    setting_defaults(TABLE, 3, &some);
    return some;
}

static void each_member_gets_its_default(void **state)
{
    struct some some = defaults();

    (void)state;
    assert_true(some.share == 0.3);
    assert_int_equal(some.size, 7);
    assert_true(some.is_on);
    assert_int_equal(setting_check(TABLE, 3, &some, NULL), 0);
}

static void a_member_beyond_its_limits_is_named(void **state)
{
    struct some some = defaults();
    struct err err = {0};

    (void)state;
    some.size = 0;
    assert_int_equal(setting_check(TABLE, 3, &some, &err), -EINVAL);
    assert_non_null(strstr(err.text, "size is 0"));
    some = defaults();
    some.share = NAN;
    assert_int_equal(setting_check(TABLE, 3, &some, &err), -EINVAL);
    assert_non_null(strstr(err.text, "share"));
    some.share = 1.5;
    assert_int_equal(setting_check(TABLE, 3, &some, &err), -EINVAL);
}

static void what_is_written_comes_back(void **state)
{
    struct some some = {1.0 / 3, UINT64_C(1) << 36, false}, back = defaults();
    json_t *object = json_object();

    (void)state;
    assert_int_equal(codec_setting_write(object, TABLE, 3, &some), 0);
    assert_int_equal(codec_setting_read(object, TABLE, 3, &back, NULL), 0);
    assert_true(back.share == some.share);
    assert_int_equal(back.size, some.size);
    assert_false(back.is_on);
    json_decref(object);
}

static void only_an_optional_member_may_be_missing(void **state)
{
    json_t *object = json_pack("{s:f, s:i}", "share", 0.5, "size", 9);
    struct some back = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(codec_setting_read(object, TABLE, 3, &back, &err), 0);
    assert_true(back.is_on);
    assert_int_equal(back.size, 9);
    json_object_set_new(object, "is_on", json_integer(1));
    assert_int_equal(codec_setting_read(object, TABLE, 3, &back, &err), -EINVAL);
    assert_non_null(strstr(err.text, "is_on"));
    json_object_del(object, "is_on");
    json_object_del(object, "size");
    assert_int_equal(codec_setting_read(object, TABLE, 3, &back, &err), -EINVAL);
    assert_non_null(strstr(err.text, "size"));
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_member_gets_its_default),
        cmocka_unit_test(a_member_beyond_its_limits_is_named),
        cmocka_unit_test(what_is_written_comes_back),
        cmocka_unit_test(only_an_optional_member_may_be_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
