/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/guest_name.h"
#include "agent/base/json_values.h"

static void what_is_shown_is_short_and_harmless(void **state)
{
    static const struct {
        const char *true_name, *shown;
    } rows[] = {
        {"web-5", "web-5"},
        {"b\xc3\xbcro", "b\xc3\xbcro"},
        {"8b1f7a52-3a62-4a3c-9a53-0f1d2c3b4a5e", "8b1f7a52-3a62-4a3c-9a53-0f1d2c3b4a5e"},
        {"a\nb\x1b[2Jc", "a?b?[2Jc"},
        {"\xc2\x9b"
         "31mred",
         "?31mred"},
        {"\xe2\x80\xae"
         "cod.exe",
         "?cod.exe"},
        {"\xff\xfe", "??"},
        {"0123456789012345678901234567890123456789", "0123456789012345678901234567890123456789"},
        {"0123456789012345678901234567890123456789a", "012345678901234567890123..7890123456789a"},
        {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
         "x\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9y",
         "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
         "x\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9y"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct guest_id guest = {0};

        guest_name_set(&guest, rows[i].true_name);
        assert_string_equal(guest.name, rows[i].shown);
        assert_string_equal(guest_name_true(&guest), rows[i].true_name);
    }
}

/* Of any length, and of characters of one to four bytes: what is shown is whole characters. */
static void no_character_is_cut(void **state)
{
    static const char *const characters[] = {"x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x90\xa7"};

    (void)state;
    for (size_t c = 0; c < 4; c++) {
        char name[400] = "";

        for (size_t n = strlen(characters[c]); n + 1 < sizeof(name); n += strlen(characters[c])) {
            struct guest_id guest = {0};

            strcat(name, characters[c]);
            guest_name_set(&guest, name);
            assert_null(strchr(guest.name, '?'));
            assert_true(strlen(guest.name) < GUEST_SHOWN_SIZE);
            assert_true(strlen(guest.name) >= 20 || strcmp(guest.name, name) == 0);
            assert_true(strlen(guest_name_true(&guest)) < GUEST_NAME_SIZE);
        }
    }
}

static void json_tells_the_true_name_in_characters_that_are_seen(void **state)
{
    static const struct {
        const char *true_name, *json;
    } rows[] = {
        {"web", "{\"guest\":\"web\"}\n"},
        {"b\xc3\xbc\"ro", "{\"guest\":\"b\xc3\xbc\\\"ro\"}\n"},
        {"a\x1b"
         "b\x7f",
         "{\"guest\":\"a\\u001Bb\\u007f\"}\n"},
        {"\xe2\x80\xae"
         "x\xf3\xa0\x80\x81",
         "{\"guest\":\"\\u202ex\\udb40\\udc01\"}\n"},
        {"a\xff\xc3\xbc\xed\xa0\x80", "{\"guest\":\"a?\xc3\xbc?\"}\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct guest_id guest = {0}, back = {0};
        json_t *object, *uuid = json_string("00000000-0000-0000-0000-000000000001");
        char *line;

        guest_name_set(&guest, rows[i].true_name);
        line = json_line(json_members("guest", json_from_guest(&guest), NULL), 5);
        assert_non_null(line);
        assert_string_equal(line, rows[i].json);
        object = json_loads(line, 0, NULL);
        assert_int_equal(json_to_guest(uuid, json_object_get(object, "guest"), &back), 0);
        assert_string_equal(back.name, guest.name);
        json_decref(object);
        json_decref(uuid);
        free(line);
    }
}

/* A name that is another guest's UUID stands for nobody. */
static void a_uuid_is_one_guests(void **state)
{
    static const char uuid[] = "ab000000-0000-0000-0000-000000000000";
    struct guest_id web = {.uuid = {0xab}}, other = {.uuid = {0xcd}}, own = {.uuid = {0xab}};

    (void)state;
    guest_name_set(&web, "web");
    guest_name_set(&other, uuid);
    guest_name_set(&own, uuid);
    assert_true(guest_is_called(&web, "web"));
    assert_true(guest_is_called(&web, uuid));
    assert_true(guest_is_called(&web, "AB000000-0000-0000-0000-000000000000"));
    assert_false(guest_is_called(&other, uuid));
    assert_true(guest_is_called(&other, "cd000000-0000-0000-0000-000000000000"));
    assert_true(guest_is_called(&own, uuid));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_shown_is_short_and_harmless),
        cmocka_unit_test(no_character_is_cut),
        cmocka_unit_test(json_tells_the_true_name_in_characters_that_are_seen),
        cmocka_unit_test(a_uuid_is_one_guests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
