/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/fleet/cib_wish.h"

#define CIB(constraints)                                                                           \
    "<cib epoch=\"7\" num_updates=\"3\">\n  <configuration>\n    " constraints                     \
    "\n  </configuration>\n  <status/>\n</cib>\n"

static const char with_wish[] =
    CIB("<constraints>\n      <rsc_location id=\"evenkeel-a\" rsc=\"a\"/>\n"
        "    </constraints>");
static const char engines[] =
    CIB("<constraints/>"); /* as crm_diff leaves it without the last one */
static const char foreign[] = CIB("<constraints><rsc_location id=\"b\" rsc=\"a\"/></constraints>");

static bool same(const char *a, const char *b, bool but_ours)
{
    return cib_is_same(a, strlen(a), b, strlen(b), but_ours);
}

static void the_last_wish_leaves_nothing(void **state)
{
    struct cluster none = {0};
    struct err err = {0};
    char *cleared = NULL;
    size_t n = 0;

    (void)state;
    assert_int_equal(
        cib_next_version(with_wish, strlen(with_wish), &none, NULL, NULL, &cleared, &n, &err), 0);
    assert_true(same(cleared, engines, true));
    assert_false(same(cleared, engines, false)); /* another epoch */
    assert_false(same(cleared, foreign, true));
    assert_true(same(with_wish, engines, true));
    assert_false(same(with_wish, engines, false));
    free(cleared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_last_wish_leaves_nothing)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
