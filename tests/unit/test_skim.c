/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members are found where they are, and text that is no JSON is found out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/page/skim.h"

/* The numbers of "wanted", whatever is around them, as "1,2,"; "failed" behind them where it is no JSON. */
static void found(const char *text, char ret[200])
{
    struct skim_part name;
    struct skim skim;
    double number;

    ret[0] = '\0';
    skim_begin(&skim, text, strlen(text));
    if (!skim_object(&skim)) {
        strcpy(ret, "none");
        return;
    }
    while (skim_member(&skim, &name)) {
        if (!skim_is(&name, "wanted"))
            skim_pass(&skim);
        else if (skim_array(&skim))
            while (skim_element(&skim))
                if (skim_number(&skim, &number))
                    snprintf(ret + strlen(ret), 200 - strlen(ret), "%g,", number);
    }
    if (skim.failed)
        snprintf(ret + strlen(ret), 200 - strlen(ret), "failed");
}

static void what_is_asked_for_is_found_and_nothing_else(void **state)
{
    static const char *const cases[][2] = {
        {"{\"wanted\":[1,-2.5,3e2]}", "1,-2.5,300,"},
        {"{\"a\":{\"wanted\":[9]},\"b\":[[{\"wanted\":[9]}]],\"wanted\":[1]}", "1,"},
        {"{\"a\":\"\\\"wanted\\\":[9]\",\"wanted\":[1]}", "1,"},
        {"{\"a\":\"\\\\\",\"wanted\":[1]}", "1,"},
        {"{\"a\":\"}]\\\\\\\"{[\",\"wanted\":[1]}", "1,"},
        {" { \"wanted\" : [ 1 , 2 ] , \"b\" : true } ", "1,2,"},
        {"{\"wanted\":[\"1\",null,true,{\"x\":5},[6],7]}", "7,"},
        {"{\"wanted\":5}", ""},
        {"{}", ""},
        {"[1,2]", "none"},
        {"", "none"},
        {"{\"wanted\":[1,", "1,failed"},
        {"{\"wanted\":[1}", "1,failed"},
        {"{\"a\":{]},\"wanted\":[1]}", "failed"},
        {"{\"a\":\"never closed", "failed"},
        {"{\"a\" 5}", "failed"},
        {"{a:5}", "failed"},
        {"{\"a\":", "failed"},
        {"{\"a\":}", "failed"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[200];

        found(cases[i][0], text);
        assert_string_equal(text, cases[i][1]);
    }
}

static void what_is_nested_without_end_is_given_up(void **state)
{
    char text[4000], said[200];

    (void)state;
    memset(text, '[', sizeof(text) - 1);
    memcpy(text, "{\"a\":", 5);
    text[sizeof(text) - 1] = '\0';
    found(text, said);
    assert_string_equal(said, "failed");
}

static void counts_are_whole(void **state)
{
    static const struct {
        const char *text;
        bool is_one;
        uint64_t value;
    } cases[] = {{"0 ", true, 0},      {"9007199254740993,", true, 9007199254740993u},
                 {"-1,", false, 0},    {"1.5,", false, 0},
                 {"1e3,", false, 0},   {"99999999999999999999999,", false, 0},
                 {"\"5\",", false, 0}, {"null,", false, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t value = 0;
        struct skim skim;

        skim_begin(&skim, cases[i].text, strlen(cases[i].text));
        assert_int_equal(skim_count(&skim, &value), cases[i].is_one);
        assert_int_equal(value, cases[i].value);
    }
}

static void names_are_read_as_they_were_meant(void **state)
{
    static const char text[] = "\"a\\u00e9\\n\\u202e<b>\" ";
    struct skim_part part;
    struct skim skim;
    char name[40];

    (void)state;
    skim_begin(&skim, text, strlen(text));
    assert_true(skim_string(&skim, &part));
    assert_string_equal(skim_text(&part, name, sizeof(name)), "a\xc3\xa9?\?<b>");
    assert_string_equal(skim_text(&part, name, 3), "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_for_is_found_and_nothing_else),
        cmocka_unit_test(what_is_nested_without_end_is_given_up),
        cmocka_unit_test(counts_are_whole),
        cmocka_unit_test(names_are_read_as_they_were_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
