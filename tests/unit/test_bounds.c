/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/bound/bounds.h"
#include "tests/unit/vcpu_fixture.h"

static void bounds_only_grow(void **state)
{
    struct kit kit;
    int64_t profile[2000] = {0};
    int prices[KIT_VCPUS] = {0}, n;

    (void)state;
    kit_plain(&kit, 6, 3);
    kit_up(&kit);
    n = kit.ws.windows.n;
    assert_true(n < 2000);
    profile[n / 2] = 5 * kit.in.price_scale;
    assert_int_equal(bounds_learn(&kit.ws.bounds, prices, profile, INT64_MAX), 0);
    assert_int_equal(kit.ws.bounds.least_cost[0],
                     5 * kit.in.price_scale); /* narrower: no cheaper */
    assert_int_equal(kit.ws.bounds.least_cost[n - 1], 0);
    profile[n / 2] = 3 * kit.in.price_scale;
    assert_int_equal(bounds_learn(&kit.ws.bounds, prices, profile, INT64_MAX), 0);
    assert_int_equal(kit.ws.bounds.least_cost[n / 2], 5 * kit.in.price_scale);
    bounds_raise(&kit.ws.bounds, 1, 9 * kit.in.price_scale);
    assert_int_equal(kit.ws.bounds.least_cost[0], 9 * kit.in.price_scale);
    assert_int_equal(kit.ws.bounds.least_cost[2], 5 * kit.in.price_scale);
    kit_down(&kit);
}

static void closed_wide_windows_are_trimmed(void **state)
{
    struct kit kit;
    int64_t objective;
    int top;

    (void)state;
    kit_plain(&kit, 6, 3);
    kit_up(&kit);
    objective = bounds_objective(&kit.ws.bounds, kit.ws.windows.n / 2);
    bounds_trim(&kit.ws.bounds, objective);
    top = kit.ws.bounds.top;
    assert_true(bounds_objective(&kit.ws.bounds, top) < objective);
    assert_true(bounds_objective(&kit.ws.bounds, top + 1) >= objective);
    assert_int_equal(bounds_weakest(&kit.ws.bounds), 0);
    assert_int_equal(bounds_least(&kit.ws.bounds), bounds_objective(&kit.ws.bounds, 0));
    kit_down(&kit);
}

static void closed_narrow_windows_are_trimmed(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 6, 3);
    kit_up(&kit);
    bounds_raise(&kit.ws.bounds, 4, WINDOWS_IMPOSSIBLE);
    bounds_trim(&kit.ws.bounds, kit.ws.search.best_objective);
    assert_int_equal(kit.ws.bounds.bottom, 5);
    bounds_raise(&kit.ws.bounds, kit.ws.windows.n - 1, WINDOWS_IMPOSSIBLE);
    bounds_trim(&kit.ws.bounds, kit.ws.search.best_objective);
    assert_int_equal(kit.ws.bounds.bottom, kit.ws.bounds.top);
    kit_down(&kit);
}

static void only_climbed_vectors_are_climbed(void **state)
{
    struct kit kit;
    int64_t profile[2000] = {0};
    int prices[KIT_VCPUS] = {0};

    (void)state;
    kit_plain(&kit, 6, 3);
    kit_up(&kit);
    profile[0] = 1;
    bounds_learn(&kit.ws.bounds, prices, profile, INT64_MAX);
    assert_int_equal(bounds_climbed(&kit.ws.bounds, 0), -1);
    kit.ws.bounds.climbing = true;
    profile[0] = 2;
    prices[0] = 42;
    bounds_learn(&kit.ws.bounds, prices, profile, INT64_MAX);
    assert_int_equal(kit.ws.bounds.duals[bounds_climbed(&kit.ws.bounds, 0)][0], 42);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_only_grow),
        cmocka_unit_test(closed_wide_windows_are_trimmed),
        cmocka_unit_test(closed_narrow_windows_are_trimmed),
        cmocka_unit_test(only_climbed_vectors_are_climbed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
