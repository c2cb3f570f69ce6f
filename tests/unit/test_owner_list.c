/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/host/owner_list.h"

static void lists_as_libvirt_has_them(void **state)
{
    static const struct {
        const char *text, *pcpus;
    } rows[] = {
        {"0", "0"},
        {"0-3,8", "0-3,8"},
        {" 1 , 3\n", "1,3"},
        {"0-7,^3", "0-2,4-7"},
        {"2,16383", "2"}, /* one that could be online, and one that could not */
        {"16383", ""},    /* nowhere, which is not anywhere */
        {"8190-20000", "8190-8191"},
        {"4294967295", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cpuset set;
        char text[64];

        assert_true(owner_list_parse(rows[i].text, &set));
        cpuset_format(&set, text, sizeof(text));
        assert_string_equal(text, rows[i].pcpus);
    }
}

static void what_is_no_list_is_not_taken_for_one(void **state)
{
    static const char *const rows[] = {
        "",           " ", ",",   "1,",  "a",   "1-",  "-1",
        "3-1",        "^", "1;2", "0x1", "1 2", "all", "99999999999999999999",
        "4294967296",
    };
    struct cpuset set;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_false(owner_list_parse(rows[i], &set));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_as_libvirt_has_them),
        cmocka_unit_test(what_is_no_list_is_not_taken_for_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
