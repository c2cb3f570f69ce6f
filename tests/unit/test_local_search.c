/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/search/local_search.h"
#include "tests/unit/vcpu_fixture.h"

static void plans_are_allowed_and_never_below_the_optimum(void **state)
{
    int best = 0;

    (void)state;
    for (unsigned seed = 0; seed < 120; seed++) {
        struct kit kit;
        int64_t optimum;

        kit_random(&kit, seed, seed % 2 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
        kit_up(&kit);
        optimum = kit_optimum(&kit);
        assignment_copy(&kit.ws.search.home, &kit.ws.search.now);
        assert_int_equal(local_search_first(&kit.ws.search), 0);
        assert_int_equal(local_search_more(&kit.ws.search), 0);
        for (int i = 0; i < kit.in.n; i++)
            assert_true(assignment_may_enter(&kit.ws.search.best, i, kit.ws.search.best.bin[i]));
        assert_int_equal(assignment_objective(&kit.ws.search.best), kit.ws.search.best_objective);
        assert_true(kit.ws.search.best_objective >= optimum);
        best += kit.ws.search.best_objective == optimum;
        kit_down(&kit);
    }
    assert_true(best > 90);
}

static void it_stops_at_the_lower_bound(void **state)
{
    struct kit kit;
    int64_t trials;

    (void)state;
    kit_plain(&kit, 9, 4);
    kit_up(&kit);
    assert_int_equal(local_search_first(&kit.ws.search), 0);
    kit.ws.search.lower = kit.ws.search.best_objective;
    trials = kit.ws.search.trials;
    assert_int_equal(local_search_more(&kit.ws.search), 0);
    assert_true(kit.ws.search.trials - trials < 500);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_are_allowed_and_never_below_the_optimum),
        cmocka_unit_test(it_stops_at_the_lower_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
