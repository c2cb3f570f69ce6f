/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/solve/pipeline.h"
#include "tests/unit/vcpu_fixture.h"

static void it_ends_at_the_optimum_with_a_proof(void **state)
{
    (void)state;
    for (unsigned seed = 100; seed < 180; seed++) {
        struct kit kit;
        struct workspace ws;
        enum placement_method method;
        int64_t optimum;

        kit_random(&kit, seed, seed % 3 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
        kit_up(&kit);
        optimum = kit_optimum(&kit);
        assert_int_equal(workspace_new(&kit.in, &kit.work, &ws), 0);
        assert_true(ws.search.best_objective >= optimum);
        assert_int_equal(pipeline_run(&ws, &method), 0);
        assert_int_equal(ws.search.best_objective, optimum);
        assert_true(bounds_least(&ws.bounds) >= optimum);
        assert_in_range(method, PLACEMENT_METHOD_TOUCH_BOUND, PLACEMENT_METHOD_ENUMERATION);
        workspace_done(&ws);
        kit_down(&kit);
    }
}

static void without_work_the_first_plan_stands(void **state)
{
    struct kit kit;
    struct workspace ws;
    enum placement_method method;

    (void)state;
    kit_plain(&kit, 8, 4);
    kit_up(&kit);
    kit.work.max_kcells = 1;
    kit.work.kcells = 1;
    assert_int_equal(workspace_new(&kit.in, &kit.work, &ws), 0);
    assert_int_equal(pipeline_run(&ws, &method), 0);
    assert_int_equal(method, PLACEMENT_METHOD_LOCAL_SEARCH);
    workspace_done(&ws);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_ends_at_the_optimum_with_a_proof),
        cmocka_unit_test(without_work_the_first_plan_stands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
