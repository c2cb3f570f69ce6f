/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/bound/touch_bounds.h"
#include "models/solve/column_generation.h"
#include "tests/unit/vcpu_fixture.h"

/* Bound and incumbent as far as the steps before leave them. */
static void prepare(struct kit *kit, unsigned seed, enum placement_objective objective)
{
    kit_random(kit, seed, objective);
    kit_up(kit);
    assert_int_equal(
        touch_bounds(&kit->pricing, &kit->bounds, kit->search.best_objective, &kit->arena), 0);
}

static void the_master_closes_or_stays_below(void **state)
{
    int closed = 0;

    (void)state;
    for (unsigned seed = 0; seed < 60; seed++) {
        struct kit kit;
        struct generation generation = {0};
        int64_t optimum;

        prepare(&kit, seed, seed % 2 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
        optimum = kit_optimum(&kit);
        generation = (struct generation){.pricing = &kit.pricing,
                                         .bounds = &kit.bounds,
                                         .patterns = &kit.store,
                                         .search = &kit.search};
        for (int k = 0; k < 40 && bounds_least(&kit.bounds) < kit.search.best_objective; k++)
            assert_int_equal(generate_columns(&generation, bounds_weakest(&kit.bounds)), 0);
        assert_true(kit.search.best_objective >= optimum);
        if (bounds_least(&kit.bounds) >= kit.search.best_objective) {
            assert_int_equal(kit.search.best_objective, optimum);
            closed++;
        } else {
            assert_true(bounds_least(&kit.bounds) <= optimum);
        }
        generation_done(&generation);
        kit_down(&kit);
    }
    assert_true(closed > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_master_closes_or_stays_below),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
