/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/base/guest.h"

static const char uuid[] = "0123abcd-4567-89ef-fedc-ba9876543210";

static void uuid_survives_the_round_trip(void **state)
{
    struct guest_id guest = {0};
    char text[GUEST_UUID_SIZE];

    (void)state;
    assert_int_equal(guest_uuid_parse(uuid, guest.uuid), 0);
    assert_int_equal(guest.uuid[0], 0x01);
    assert_int_equal(guest.uuid[15], 0x10);
    guest_uuid_text(&guest, text);
    assert_string_equal(text, uuid);
}

static void uuid_accepts_capitals(void **state)
{
    unsigned char parsed[16];

    (void)state;
    assert_int_equal(guest_uuid_parse("0123ABCD-4567-89EF-FEDC-BA9876543210", parsed), 0);
    assert_int_equal(parsed[3], 0xcd);
}

static void uuid_refuses_anything_else(void **state)
{
    static const char *const wrong[] = {
        "",
        "0123abcd",
        "0123abcd-4567-89ef-fedc-ba987654321",
        "0123abcd-4567-89ef-fedc-ba98765432100",
        "0123abcd45678-9ef-fedc-ba9876543210",
        "0123abcg-4567-89ef-fedc-ba9876543210",
        "0123abcd-4567-89ef-fedc-ba987654321 ",
    };
    unsigned char parsed[16] = {42};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(guest_uuid_parse(wrong[i], parsed), -EINVAL);
    assert_int_equal(parsed[0], 42);
}

static void order_follows_the_uuid_and_never_the_name(void **state)
{
    struct guest_id a = {.uuid = {1}, .name = "zebra"};
    struct guest_id b = {.uuid = {2}, .name = "ant"};
    struct guest_id renamed = {.uuid = {1}, .name = "yak"};

    (void)state;
    assert_true(guest_compare(&a, &b) < 0);
    assert_true(guest_compare(&b, &a) > 0);
    assert_int_equal(guest_compare(&a, &renamed), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uuid_survives_the_round_trip),
        cmocka_unit_test(uuid_accepts_capitals),
        cmocka_unit_test(uuid_refuses_anything_else),
        cmocka_unit_test(order_follows_the_uuid_and_never_the_name),
    };

    return cmocka_run_group_tests_name("guest", tests, NULL, NULL);
}
