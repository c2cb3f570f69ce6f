/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/closing.h"
#include "models/touch_bounds.h"
#include "vcpu_kit.h"

/* Bound and incumbent as far as the steps before leave them. */
static void prepare(struct kit *kit, unsigned seed, enum vcpu_objective objective)
{
    kit_random(kit, seed, objective);
    kit_up(kit);
    assert_int_equal(
        touch_bounds(&kit->pricing, &kit->bounds, kit->search.best_objective, &kit->arena), 0);
}

static void enumeration_closes_every_small_gap(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 60; seed++) {
        struct kit kit;
        struct generation generation = {0};
        int64_t optimum;

        prepare(&kit, seed, VCPU_DEVIATION);
        optimum = kit_optimum(&kit);
        generation = (struct generation){.pricing = &kit.pricing,
                                         .bounds = &kit.bounds,
                                         .patterns = &kit.store,
                                         .search = &kit.search};
        assert_int_equal(column_generation(&generation, &kit.arena), 0);
        if (bounds_least(&kit.bounds) < kit.search.best_objective)
            assert_int_equal(close_gap(&generation), 0);
        assert_int_equal(kit.search.best_objective, optimum);
        assert_true(bounds_least(&kit.bounds) >= optimum);
        column_generation_done(&generation);
        kit_down(&kit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enumeration_closes_every_small_gap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
