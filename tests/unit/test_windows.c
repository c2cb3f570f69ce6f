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

/* Every plan of a window whose F is no less costs as much, and some plan no more: also where the window has
 * several deviations. */
static void what_a_plan_beyond_an_objective_costs(void **state)
{
    struct kit kit;

    (void)state;
    for (int merged = 0; merged <= 1; merged++) {
        int64_t objective, unit, kappa;
        int n_beyond = 0;

        kit_plain(&kit, 6, 3);
        kit_up(&kit);
        unit = kit.in.unit;
        kappa = kit.in.kappa;
        kit.ws.windows.most[2] = kit.ws.windows.least[2 + 3 * merged];
        objective = kappa * kit.ws.windows.most[2] + 5 * unit;
        for (int64_t f = objective - 2 * unit; f <= objective; f += unit / 7) {
            int64_t from = windows_cost_from(&kit.ws.windows, 2, f), least = INT64_MAX;
            int64_t budget = windows_budget(&kit.ws.windows, 2, f - 1);

            for (int k = 2; k <= 2 + 3 * merged; k++)
                for (int64_t cost = 0; cost < 20; cost++)
                    if (kappa * kit.ws.windows.least[k] + unit * cost >= f && cost < least)
                        least = cost;
            assert_int_equal(from, least * kit.in.price_scale);
            n_beyond += budget + kit.in.price_scale > from;
        }
        assert_int_equal(n_beyond > 0, merged);
        kit_down(&kit);
    }
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

/* The loads of a plan lie within the window of its deviation, and so within all wider ones. */
static void lies_within(struct kit *kit, const int *bin_of, void *arg)
{
    int *plans = arg;
    int64_t worst = 0;
    int load[KIT_BINS] = {0}, t = 0;

    for (int i = 0; i < kit->in.n; i++)
        load[bin_of[i]] += kit->in.weight[i];
    for (int p = 0; p < kit->in.m; p++) {
        int64_t deviation = instance_deviation(&kit->in, p, load[p] + kit->balance.background[p]);

        worst = deviation > worst ? deviation : worst;
    }
    while (t < kit->ws.windows.n && kit->ws.windows.most[t] < worst)
        t++;
    if (t == kit->ws.windows.n)
        return;
    ++*plans;
    for (int p = 0; p < kit->in.m; p++) {
        assert_true(load[p] >= windows_low(&kit->ws.windows, p, t));
        assert_true(load[p] <= windows_high(&kit->ws.windows, p, t));
    }
}

/* By how much the windows are narrower than their deviations say. */
static int64_t tightened(const struct kit *kit)
{
    const struct windows *windows = &kit->ws.windows;
    const struct balance *balance = &kit->balance;
    int64_t sum = 0;

    for (int p = 0; p < kit->in.m; p++)
        for (int t = 0; t < windows->n; t++) {
            int64_t low = windows_low(windows, p, t) + balance->background[p];
            int64_t high = windows_high(windows, p, t) + balance->background[p];

            if (t > 0) /* nested */
                assert_true(windows_low(windows, p, t) <= windows_low(windows, p, t - 1) &&
                            windows_high(windows, p, t) >= windows_high(windows, p, t - 1));
            sum += low > balance->background[p] &&
                   balance_deviation(balance, p, low - 1) <= windows->most[t];
            sum += high < balance->total &&
                   balance_deviation(balance, p, high + 1) <= windows->most[t];
        }
    return sum;
}

static void sets_of_bins_narrow_windows_and_lose_no_plan(void **state)
{
    int narrower = 0, plans = 0;

    (void)state;
    for (unsigned seed = 0; seed < 3000; seed++) {
        struct kit kit;

        kit_confined(&kit, seed, seed % 5 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
        kit_up(&kit);
        kit_every_plan(&kit, lies_within, &plans);
        narrower += tightened(&kit) > 0;
        kit_down(&kit);
    }
    assert_true(narrower > 1000);
    assert_true(plans > 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_of_d_is_a_window),
        cmocka_unit_test(budget_and_objective_agree),
        cmocka_unit_test(what_a_plan_beyond_an_objective_costs),
        cmocka_unit_test(variance_has_one_window),
        cmocka_unit_test(sets_of_bins_narrow_windows_and_lose_no_plan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
