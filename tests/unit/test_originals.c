/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/originals.h"

static struct original mask_of(unsigned char guest, int run, unsigned vcpu, const char *mask)
{
    struct original original = {
        .guest = {.uuid = {guest}, .name = "g"}, .run = run, .vcpu = vcpu, .has_mask = true};

    assert_int_equal(cpuset_parse(mask, &original.mask), 0);
    return original;
}

static void add(struct originals *originals, struct original original)
{
    assert_int_equal(originals_add(originals, &original), 0);
}

static void assert_mask(const struct originals *originals, unsigned char guest, int run,
                        unsigned vcpu, const char *mask)
{
    const struct guest_id id = {.uuid = {guest}};
    const struct original *found = originals_find(originals, &id, run, vcpu);
    char text[64];

    assert_non_null(found);
    cpuset_format(&found->mask, text, sizeof(text));
    assert_string_equal(text, mask);
}

static void what_was_found_first_stays_until_the_guest_is_started_again(void **state)
{
    struct originals originals = {0};
    const struct guest_id three = {.uuid = {3}};

    (void)state;
    for (unsigned i = 0; i < 40; i++)
        add(&originals, mask_of((unsigned char)(i * 7 % 40), 1, i % 3, "0-3"));
    assert_int_equal(originals.n, 40);
    originals.is_changed = false;
    add(&originals, mask_of(3, 1, 7, "2"));
    assert_true(originals.is_changed);
    originals.is_changed = false;
    add(&originals, mask_of(3, 1, 7, "1"));
    assert_mask(&originals, 3, 1, 7, "2");
    assert_false(originals.is_changed);
    add(&originals, mask_of(3, 2, 7, "1"));
    assert_null(originals_find(&originals, &three, 1, 7));
    assert_mask(&originals, 3, 2, 7, "1");
    for (size_t i = 1; i < originals.n; i++)
        assert_true(guest_compare(&originals.list[i - 1].guest, &originals.list[i].guest) <= 0);
    while (originals.n)
        originals_drop(&originals, originals.n / 2);
    originals_done(&originals);
}

static void size_and_period_come_one_after_the_other(void **state)
{
    struct originals originals = {0};
    const struct guest_id guest = {.uuid = {1}};
    const struct original period = {.guest = guest, .has_period = true, .period_s = 5};
    const struct original size = {.guest = guest, .has_size = true, .actual_kib = 1024};
    const struct original later = {
        .guest = guest, .has_size = true, .actual_kib = 9, .has_period = true, .period_s = 1};
    const struct original *found;

    (void)state;
    add(&originals, period);
    add(&originals, size);
    add(&originals, later);
    found = originals_find(&originals, &guest, 0, 0);
    assert_non_null(found);
    assert_int_equal(found->period_s, 5);
    assert_int_equal(found->actual_kib, 1024);
    originals_done(&originals);
}

static void json_and_back(void **state)
{
    struct originals originals = {0}, back, copy;
    const struct original size = {.guest = {.uuid = {9}, .name = "nine"},
                                  .run = 4,
                                  .has_size = true,
                                  .actual_kib = UINT64_C(1) << 40,
                                  .has_period = true,
                                  .period_s = 3};
    json_t *json;

    (void)state;
    add(&originals, mask_of(2, 7, 5, "0-3,8"));
    add(&originals, size);
    json = originals_to_json(&originals);
    assert_int_equal(originals_from_json(json, &back), 0);
    assert_int_equal(back.n, 2);
    assert_false(back.is_changed);
    assert_mask(&back, 2, 7, 5, "0-3,8");
    assert_memory_equal(&back.list[1], &originals.list[1], sizeof(size));
    assert_int_equal(originals_copy(&back, &copy), 0);
    assert_mask(&copy, 2, 7, 5, "0-3,8");
    originals_done(&copy);
    originals_done(&back);
    originals_done(&originals);
    json_decref(json);
}

static void what_is_no_original_is_refused(void **state)
{
    static const char *const rows[] = {
        "{}",
        "[1]",
        "[{\"guest\":\"g\"}]",
        "[{\"guest\":\"g\",\"uuid\":\"00000000-0000-0000-0000-000000000001\",\"run\":1}]",
        "[{\"guest\":\"g\",\"uuid\":\"x\",\"run\":1,\"vcpu\":0}]",
        "[{\"guest\":\"g\",\"uuid\":\"00000000-0000-0000-0000-000000000001\",\"run\":-1,"
        "\"vcpu\":0}]",
        "[{\"guest\":\"g\",\"uuid\":\"00000000-0000-0000-0000-000000000001\",\"run\":1,\"vcpu\":0,"
        "\"mask\":\"\"}]",
        "[{\"guest\":\"g\",\"uuid\":\"00000000-0000-0000-0000-000000000001\",\"run\":1,\"vcpu\":0,"
        "\"mask\":7}]",
        "[{\"guest\":\"g\",\"uuid\":\"00000000-0000-0000-0000-000000000001\",\"run\":1,\"vcpu\":0,"
        "\"actual_kib\":-1}]",
        "[{\"guest\":\"g\",\"uuid\":\"00000000-0000-0000-0000-000000000001\",\"run\":1,\"vcpu\":0,"
        "\"period_s\":1e9}]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *json = json_loads(rows[i], 0, NULL);
        struct originals originals;

        assert_non_null(json);
        assert_int_equal(originals_from_json(json, &originals), -EINVAL);
        assert_int_equal(originals.n, 0);
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_found_first_stays_until_the_guest_is_started_again),
        cmocka_unit_test(size_and_period_come_one_after_the_other),
        cmocka_unit_test(json_and_back),
        cmocka_unit_test(what_is_no_original_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
