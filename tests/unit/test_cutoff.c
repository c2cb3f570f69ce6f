/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/bound/dual_ascent.h"
#include "models/bound/touch_bounds.h"
#include "models/solve/cutoff.h"
#include "tests/unit/vcpu_fixture.h"

/* Bound and incumbent as far as the steps before leave them. */
static int64_t prepare(struct kit *kit, unsigned seed, enum placement_objective objective)
{
    struct dual_ascent ascent;
    int64_t optimum;

    kit_random(kit, seed, objective);
    kit_up(kit);
    optimum = kit_optimum(kit);
    assert_int_equal(touch_bounds(&kit->ws.pricing, &kit->ws.bounds, kit->ws.search.best_objective,
                                  &kit->ws.arena),
                     0);
    assert_int_equal(dual_ascent_new(&kit->ws.pricing, &kit->ws.bounds, &kit->ws.patterns,
                                     &kit->ws.arena, &ascent),
                     0);
    assert_true(dual_ascent_run(&ascent, kit->ws.search.best_objective, optimum, 100) >= 0);
    return optimum;
}

static void what_is_below_the_optimum_is_refuted(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 60; seed++) {
        struct kit kit;
        int64_t optimum = prepare(&kit, seed, seed % 3 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);

        if (kit.ws.search.best_objective >= optimum && bounds_least(&kit.ws.bounds) < optimum) {
            assert_int_equal(cutoff_decide(&kit.ws, optimum - 1, true, 0), 1);
            assert_true(bounds_least(&kit.ws.bounds) >= optimum);
        }
        assert_true(kit.ws.search.best_objective >= optimum);
        kit_down(&kit);
    }
}

static void what_is_within_is_found(void **state)
{
    int found = 0;

    (void)state;
    for (unsigned seed = 0; seed < 60; seed++) {
        struct kit kit;
        int64_t optimum = prepare(&kit, seed, seed % 3 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);

        if (kit.ws.search.best_objective > optimum) {
            assert_int_equal(cutoff_decide(&kit.ws, optimum, true, 0), 1);
            assert_int_equal(kit.ws.search.best_objective, optimum);
            found++;
        }
        assert_true(bounds_least(&kit.ws.bounds) <= kit.ws.search.best_objective ||
                    kit.ws.search.best_objective == optimum);
        kit_down(&kit);
    }
    assert_true(found > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_below_the_optimum_is_refuted),
        cmocka_unit_test(what_is_within_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
