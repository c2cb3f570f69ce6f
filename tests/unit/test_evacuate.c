/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/search/evacuate.h"
#include "tests/unit/vcpu_fixture.h"

static void a_full_bin_keeps_what_is_dear_and_fits(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 8, 4);
    for (int p = 1; p < 4; p++)
        kit.price[3 * 4 + p] = 90;
    kit_up(&kit);
    assert_int_equal(evacuate(&kit.ws.search, 0), 6); /* 130 + 140 fill the target of 270 */
    assert_int_equal(kit.ws.search.now.bin[3], 0);
    for (int i = 0; i < 8; i++)
        assert_true(i == 3 || i == 4 || kit.ws.search.now.bin[i] > 0);
    kit_down(&kit);
}

static void a_bin_that_is_not_overloaded_stays(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 8, 2);
    kit_up(&kit);
    assert_int_equal(evacuate(&kit.ws.search, 0), 0);
    assert_int_equal(kit.ws.search.now.cost, 0);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_bin_keeps_what_is_dear_and_fits),
        cmocka_unit_test(a_bin_that_is_not_overloaded_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
