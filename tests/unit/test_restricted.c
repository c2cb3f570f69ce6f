/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/solve/restricted.h"
#include "tests/unit/vcpu_fixture.h"

static void the_incumbent_takes_part_and_a_better_plan_wins(void **state)
{
    struct kit kit;
    int even[KIT_VCPUS] = {0, 1, 2, 2, 1, 0};

    (void)state;
    kit_plain(&kit, 6, 3);
    kit.problem.kappa = 30;
    kit_up(&kit);
    assert_int_equal(patterns_add_plan(&kit.store, even, NULL), 0);
    assert_int_equal(restricted_master(&(struct restricted){.bounds = &kit.bounds,
                                                            .patterns = &kit.store,
                                                            .search = &kit.search,
                                                            .to = kit.windows.n - 1,
                                                            .max_patterns = 100,
                                                            .max_nodes = 50}),
                     0);
    assert_int_equal(kit.search.best_objective, kit_objective(&kit, even));
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_incumbent_takes_part_and_a_better_plan_wins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
