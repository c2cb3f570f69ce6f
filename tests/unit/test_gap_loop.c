/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/bound/touch_bounds.h"
#include "models/solve/gap_loop.h"
#include "tests/unit/vcpu_fixture.h"

static void prepare(struct kit *kit, unsigned seed, struct workspace *ws)
{
    kit_random(kit, seed, seed % 3 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
    kit_up(kit);
    assert_int_equal(workspace_new(&kit->in, &kit->work, ws), 0);
    assert_int_equal(touch_bounds(&ws->pricing, &ws->bounds, ws->search.best_objective, &ws->arena),
                     0);
}

static void bound_and_plan_meet_at_the_optimum(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 100; seed++) {
        struct kit kit;
        struct workspace ws;
        enum placement_method method;
        int64_t optimum;

        prepare(&kit, seed, &ws);
        optimum = kit_optimum(&kit);
        assert_int_equal(gap_loop_run(&ws, &method), 0);
        assert_int_equal(ws.search.best_objective, optimum);
        assert_true(bounds_least(&ws.bounds) >= optimum);
        workspace_done(&ws);
        kit_down(&kit);
    }
}

static void work_ends_it(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 20; seed++) {
        struct kit kit;
        struct workspace ws;
        enum placement_method method;
        int64_t optimum;

        prepare(&kit, seed, &ws);
        optimum = kit_optimum(&kit);
        kit.work.max_evaluations = kit.work.evaluations + 3;
        assert_int_equal(gap_loop_run(&ws, &method), 0);
        assert_true(kit.work.evaluations <= kit.work.max_evaluations + 2);
        assert_true(ws.search.best_objective >= optimum);
        if (bounds_least(&ws.bounds) < ws.search.best_objective)
            assert_true(bounds_least(&ws.bounds) <= optimum);
        workspace_done(&ws);
        kit_down(&kit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bound_and_plan_meet_at_the_optimum),
        cmocka_unit_test(work_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
