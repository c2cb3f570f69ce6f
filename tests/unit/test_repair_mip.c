/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/bound/touch_bounds.h"
#include "models/solve/repair_mip.h"
#include "tests/unit/vcpu_fixture.h"

/* Bound and incumbent as far as the steps before leave them. */
static void prepare(struct kit *kit, unsigned seed, enum placement_objective objective)
{
    kit_random(kit, seed, objective);
    kit_up(kit);
    assert_int_equal(
        touch_bounds(&kit->pricing, &kit->bounds, kit->search.best_objective, &kit->arena), 0);
}

static void the_repair_model_is_exact(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 80; seed++) {
        struct kit kit;
        int64_t optimum;

        prepare(&kit, seed, PLACEMENT_DEVIATION);
        optimum = kit_optimum(&kit);
        if (bounds_least(&kit.bounds) < kit.search.best_objective)
            assert_int_equal(repair_mip(&(struct repair_mip){.pricing = &kit.pricing,
                                                             .bounds = &kit.bounds,
                                                             .search = &kit.search,
                                                             .max_nodes = 10000}),
                             0);
        assert_int_equal(kit.search.best_objective, optimum);
        assert_true(bounds_least(&kit.bounds) >= optimum);
        kit_down(&kit);
    }
}

static void a_limit_leaves_the_bound_alone(void **state)
{
    struct kit kit;
    int64_t before;

    (void)state;
    kit_plain(&kit, 9, 4);
    kit_up(&kit);
    before = bounds_least(&kit.bounds);
    kit.work.max_pivots = 1;
    assert_int_equal(
        repair_mip(&(struct repair_mip){
            .pricing = &kit.pricing, .bounds = &kit.bounds, .search = &kit.search, .max_nodes = 1}),
        0);
    assert_int_equal(bounds_least(&kit.bounds), before);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_repair_model_is_exact),
        cmocka_unit_test(a_limit_leaves_the_bound_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
