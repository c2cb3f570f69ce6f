/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/bound/windows.h"
#include "tests/unit/vcpu_fixture.h"

static void every_value_of_d_is_a_window(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 40; seed++) {
        struct kit kit;

        kit_random(&kit, seed, PLACEMENT_DEVIATION);
        kit_up(&kit);
        for (int t = 0; t < kit.ws.windows.n; t++) {
            assert_int_equal(kit.ws.windows.least[t], kit.ws.windows.most[t]);
            if (t)
                assert_true(kit.ws.windows.least[t] > kit.ws.windows.most[t - 1]);
        }
        for (int p = 0; p < kit.in.m; p++)
            for (int load = 0; load + kit.background[p] <= kit.balance.total; load += 13) {
                int t = windows_index(&kit.ws.windows, p, load);

                if (t == kit.ws.windows.n)
                    continue;
                assert_true(load >= windows_low(&kit.ws.windows, p, t));
                assert_true(load <= windows_high(&kit.ws.windows, p, t));
                if (t)
                    assert_true(load < windows_low(&kit.ws.windows, p, t - 1) ||
                                load > windows_high(&kit.ws.windows, p, t - 1));
            }
        kit_down(&kit);
    }
}

static void budget_and_objective_agree(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 6, 3);
    kit_up(&kit);
    for (int t = 0; t < kit.ws.windows.n; t += 5) {
        int64_t objective = windows_objective(&kit.ws.windows, t, 7 * kit.in.price_scale);

        assert_int_equal(windows_budget(&kit.ws.windows, t, objective), 7 * kit.in.price_scale);
        assert_int_equal(windows_budget(&kit.ws.windows, t, objective - 1), 6 * kit.in.price_scale);
        assert_int_equal(windows_objective(&kit.ws.windows, t, 6 * kit.in.price_scale + 1),
                         objective);
    }
    kit_down(&kit);
}

static void variance_has_one_window(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 6, 3);
    kit.problem.objective = PLACEMENT_VARIANCE;
    kit_up(&kit);
    assert_int_equal(kit.ws.windows.n, 1);
    assert_int_equal(windows_budget(&kit.ws.windows, 0, 1234), 1234);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_of_d_is_a_window),
        cmocka_unit_test(budget_and_objective_agree),
        cmocka_unit_test(variance_has_one_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
