/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/search/repair.h"
#include "tests/unit/vcpu_fixture.h"

static int64_t worst(const struct assignment *placement)
{
    struct extremes extremes;

    assignment_extremes(placement, &extremes);
    return extremes.deviation[0];
}

static void repaired_means_within_the_band(void **state)
{
    int repaired = 0;

    (void)state;
    for (unsigned seed = 0; seed < 60; seed++) {
        struct kit kit;
        int64_t band;

        kit_random(&kit, seed, PLACEMENT_DEVIATION);
        kit_up(&kit);
        band = worst(&kit.ws.search.now) / 2;
        if (repair_into_band(&kit.ws.search, band, 0)) {
            assert_true(worst(&kit.ws.search.now) <= band);
            repaired++;
        }
        kit_down(&kit);
    }
    assert_true(repaired > 20);
}

static void nobody_moves_without_need(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 6, 3);
    kit_up(&kit);
    assert_true(repair_into_band(&kit.ws.search, worst(&kit.ws.search.now), 0));
    assert_int_equal(kit.ws.search.now.cost, 0);
    kit_down(&kit);
}

static void what_is_no_longer_needed_goes_home(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 6, 3);
    kit_up(&kit);
    assignment_move(&kit.ws.search.now, 2, 1);
    assert_true(repair_into_band(&kit.ws.search, INT64_MAX / 4, 0));
    assert_int_equal(kit.ws.search.now.bin[2], 0);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repaired_means_within_the_band),
        cmocka_unit_test(nobody_moves_without_need),
        cmocka_unit_test(what_is_no_longer_needed_goes_home),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
