/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/solve/master.h"
#include "tests/unit/vcpu_fixture.h"

static void the_incumbent_is_the_first_basis(void **state)
{
    struct kit kit;
    struct master master;
    enum solve_status status;

    (void)state;
    kit_plain(&kit, 6, 3);
    kit_up(&kit);
    assert_int_equal(master_new(&kit.windows, &kit.work, &master), 0);
    assert_int_equal(master_start(&master, kit.search.best.bin), 0);
    assert_int_equal(master_solve(&master, &status), 0);
    assert_int_equal(status, SOLVE_OPTIMAL);
    assert_true(fabs(master_value(&master)) < 1e-9); /* changing nothing costs nothing */
    master_done(&master);
    kit_down(&kit);
}

static void a_narrow_aim_leaves_wide_patterns_out(void **state)
{
    struct kit kit;
    struct master master;
    enum solve_status status;
    int even[KIT_VCPUS] = {0, 1, 2, 2, 1, 0};

    (void)state;
    kit_plain(&kit, 6, 3);
    kit_up(&kit);
    assert_int_equal(master_new(&kit.windows, &kit.work, &master), 0);
    assert_int_equal(master_start(&master, kit.search.best.bin), 0);
    for (int p = 0; p < 3; p++)
        assert_int_equal(master_add(&master, p, (int[]){p, 5 - p}, 2), 1);
    assert_int_equal(master_add(&master, 2, (int[]){3, 2}, 2), 0);
    assert_int_equal(master_aim(&master, 0), 0);
    assert_int_equal(master_solve(&master, &status), 0);
    assert_int_equal(status, SOLVE_OPTIMAL);
    assert_true(fabs(master_value(&master) - 40) < 1e-6); /* four of six move */
    assert_int_equal(even[5], 0);
    for (int k = 0; k < master.patterns.n; k++)
        if (master.patterns.patterns[k].window == 0)
            assert_true(master_reduced_cost(&master, &master.patterns.patterns[k]) > -1e-6);
    master_done(&master);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_incumbent_is_the_first_basis),
        cmocka_unit_test(a_narrow_aim_leaves_wide_patterns_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
