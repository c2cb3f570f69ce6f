/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/bound/dual_ascent.h"
#include "models/bound/touch_bounds.h"
#include "tests/unit/vcpu_fixture.h"

/* Bound and incumbent as far as the steps before leave them; the optimum by exhaustion. */
static int64_t prepare(struct kit *kit, unsigned seed, enum placement_objective objective,
                       struct dual_ascent *ascent)
{
    kit_random(kit, seed, objective);
    kit->problem.overload_cost = 0; /* with it a climb takes longer than here */
    kit_up(kit);
    assert_int_equal(touch_bounds(&kit->ws.pricing, &kit->ws.bounds, kit->ws.search.best_objective,
                                  &kit->ws.arena),
                     0);
    assert_int_equal(dual_ascent_new(&kit->ws.pricing, &kit->ws.bounds, &kit->ws.patterns,
                                     &kit->ws.arena, ascent),
                     0);
    return kit_optimum(kit);
}

static void it_climbs_and_stays_below(void **state)
{
    int better = 0, closed = 0;

    (void)state;
    for (unsigned seed = 0; seed < 100; seed++) {
        struct kit kit;
        struct dual_ascent ascent;
        int64_t optimum, before;

        optimum = prepare(&kit, seed, seed % 2 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE, &ascent);
        before = bounds_least(&kit.ws.bounds);
        assert_int_equal(dual_ascent_run(&ascent, optimum + 1, optimum, 9000), 0);
        assert_true(bounds_least(&kit.ws.bounds) >= before);
        better += bounds_least(&kit.ws.bounds) > before;
        closed += bounds_least(&kit.ws.bounds) >= optimum;
        if (bounds_least(&kit.ws.bounds) <= optimum)
            for (int k = 0; k < kit.ws.patterns.n; k++)
                assert_true(kit.ws.patterns.patterns[k].weight >= 0 &&
                            kit.ws.patterns.patterns[k].weight < 1.001);
        kit_down(&kit);
    }
    assert_true(better > 10);
    assert_true(closed > 40);
}

/* The value that it goes on from is the last window's, also when another was weighed in between. */
static void what_it_goes_on_from_is_true(void **state)
{
    int again = 0;

    (void)state;
    for (unsigned seed = 0; seed < 200; seed++) {
        struct kit kit;
        struct dual_ascent ascent;
        struct evaluation ev = {0};
        int64_t optimum;

        optimum = prepare(&kit, seed, PLACEMENT_DEVIATION, &ascent);
        ev.bound = arena_take(&kit.ws.arena, (size_t)kit.ws.windows.n, sizeof(int64_t));
        for (int k = 0; k < 20 && dual_ascent_run(&ascent, optimum + 1, optimum, 2) == 1; k++) {
            int prices[KIT_VCPUS];

            if (bounds_objective(&kit.ws.bounds, ascent.window) > optimum)
                continue; /* closed: nobody goes on there */
            if (k % 2)
                assert_int_equal(dual_ascent_weigh(&ascent, kit.ws.bounds.top), 0);
            for (int i = 0; i < kit.in.n; i++)
                prices[i] = (int)lrint(ascent.bundle.center[i]);
            pricing_evaluate(&kit.ws.pricing, prices, &ev);
            assert_true(fabs((double)ev.bound[ascent.window] - ascent.bundle.value) < 1e-6);
            again++;
        }
        kit_down(&kit);
    }
    assert_true(again > 10);
}

static void work_limits_it(void **state)
{
    struct kit kit;
    struct dual_ascent ascent;

    (void)state;
    prepare(&kit, 5, PLACEMENT_DEVIATION, &ascent);
    kit.work.max_evaluations = kit.work.evaluations + 3;
    assert_int_equal(dual_ascent_run(&ascent, INT64_MAX / 4, INT64_MAX / 4, 1000) >= 0, 1);
    assert_true(kit.work.evaluations <= kit.work.max_evaluations);
    kit_down(&kit);
}

/* Also where more has been proven otherwise, so that no vector of the climb was kept. */
static void it_goes_on_where_it_stopped(void **state)
{
    int again = 0;

    (void)state;
    for (unsigned seed = 0; seed < 100; seed++) {
        struct kit kit;
        struct dual_ascent ascent;
        int64_t optimum;

        optimum = prepare(&kit, seed, PLACEMENT_VARIANCE, &ascent);
        bounds_raise(&kit.ws.bounds, kit.ws.bounds.top,
                     windows_budget(&kit.ws.windows, 0, optimum));
        for (int k = 0; k < 20; k++) {
            double value = ascent.window < 0 ? -INFINITY : ascent.bundle.value;

            if (dual_ascent_run(&ascent, optimum + 1, optimum, 3) != 1)
                break;
            assert_true(ascent.bundle.value >= value);
            again += value > -INFINITY;
        }
        kit_down(&kit);
    }
    assert_true(again > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_climbs_and_stays_below),
        cmocka_unit_test(it_goes_on_where_it_stopped),
        cmocka_unit_test(what_it_goes_on_from_is_true),
        cmocka_unit_test(work_limits_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
