/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/base/cpuset.h"
#include "tests/unit/cpuset_fixture.h"

static void members_beyond_one_byte_and_one_word(void **state)
{
    static const unsigned members[] = {0, 7, 8, 9, 63, 64, 255, 256, 299, CPUSET_SIZE - 1};
    struct cpuset set = {{0}};
    unsigned at = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        cpuset_add(&set, members[i]);
    assert_int_equal(cpuset_count(&set), sizeof(members) / sizeof(members[0]));
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++, at++) {
        at = cpuset_next(&set, at);
        assert_int_equal(at, members[i]);
        assert_true(cpuset_has(&set, at));
        assert_false(cpuset_has(&set, at == 1 ? 2 : at + 2 == 9 ? 10 : 5));
    }
    assert_int_equal(cpuset_next(&set, at), CPUSET_SIZE);
    assert_false(cpuset_has(&set, CPUSET_SIZE));
}

static void text_round_trip(void **state)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"", ""},
        {"0", "0"},
        {"0-3,7", "0-3,7"},
        {"3,2,1", "1-3"},
        {"5-5", "5"},
        {"62-65", "62-65"},
        {"0,2,4", "0,2,4"},
        {"0,1", "0-1"},
        {"8191", "8191"},
        {"255-256", "255-256"},
        {"1-2,2-4,9", "1-4,9"},
    };
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cpuset set = cpuset_of(rows[i].in);
        cpuset_format(&set, text, sizeof(text));
        assert_string_equal(text, rows[i].out);
    }
}

static void parse_refuses_nonsense_and_leaves_the_set(void **state)
{
    static const char *const wrong[] = {",",    "1,",     "-",           "1-",  "-1",
                                        "3-1",  "a",      "1 2",         "0x1", "1,,2",
                                        "8192", "0-8192", "99999999999", "1..."};
    struct cpuset set = {{42}};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(cpuset_parse(wrong[i], &set), -EINVAL);
    assert_int_equal(set.word[0], 42);
}

static void format_cuts_where_it_does_not_fit(void **state)
{
    struct cpuset set = cpuset_of("0,2,4,6,8,10");
    char text[12];

    (void)state;
    cpuset_format(&set, text, sizeof(text));
    assert_string_equal(text, "0,2,4,6...");
    cpuset_format(&set, text, 1);
    assert_string_equal(text, "");
    set = cpuset_of("100-200");
    cpuset_format(&set, text, 8);
    assert_string_equal(text, "100-200");
    cpuset_format(&set, text, 7);
    assert_string_equal(text, "...");
}

/* Maps of every length around a byte: heap blocks, so that the sanitizer sees one byte too many. */
static void byte_maps_of_any_length(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 40; n++) {
        unsigned char *bytes = malloc(n ? n : 1);
        struct cpuset set = {{0}};
        struct cpuset back;

        assert_non_null(bytes);
        for (unsigned c = 0; c < 8 * n; c += 3)
            cpuset_add(&set, c);
        cpuset_to_bytes(&set, bytes, n);
        cpuset_from_bytes(&back, bytes, n);
        assert_true(cpuset_is_equal(&set, &back));
        free(bytes);
    }
}

static void bit_zero_of_byte_zero_is_pcpu_zero(void **state)
{
    static const unsigned char bytes[] = {0x81, 0x00, 0x02};
    unsigned char back[4] = {9, 9, 9, 9};
    struct cpuset set;
    char text[32];

    (void)state;
    cpuset_from_bytes(&set, bytes, sizeof(bytes));
    cpuset_format(&set, text, sizeof(text));
    assert_string_equal(text, "0,7,17");
    cpuset_to_bytes(&set, back, sizeof(back));
    assert_memory_equal(back, bytes, 3);
    assert_int_equal(back[3], 0);
}

static void intersection_and_subset(void **state)
{
    struct cpuset a = cpuset_of("0-9,300");
    struct cpuset b = cpuset_of("4-12,300");
    struct cpuset both = a;

    (void)state;
    cpuset_and(&both, &b);
    assert_true(cpuset_is_equal(&both, &(struct cpuset){{0x3f0, 0, 0, 0, UINT64_C(1) << 44}}));
    assert_true(cpuset_is_subset(&both, &a));
    assert_true(cpuset_is_subset(&both, &b));
    assert_false(cpuset_is_subset(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_beyond_one_byte_and_one_word),
        cmocka_unit_test(text_round_trip),
        cmocka_unit_test(parse_refuses_nonsense_and_leaves_the_set),
        cmocka_unit_test(format_cuts_where_it_does_not_fit),
        cmocka_unit_test(byte_maps_of_any_length),
        cmocka_unit_test(bit_zero_of_byte_zero_is_pcpu_zero),
        cmocka_unit_test(intersection_and_subset),
    };

    return cmocka_run_group_tests_name("cpuset", tests, NULL, NULL);
}
