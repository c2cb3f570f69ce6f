/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/placement/evaluate.h"
#include "models/placement/water_level.h"
#include "tests/unit/vcpu_fixture.h"

static void water_finds_its_level(void **state)
{
    struct kit kit;
    struct water_level level;

    (void)state;
    kit_plain(&kit, 4, 4); /* 100 + 110 + 120 + 130 on four */
    assert_int_equal(water_level(&kit.problem, &level), 0);
    /* nobody is lighter than the rest's level: 130 fills a bin, then 120, then 110 */
    assert_int_equal(level.load / level.capacity, 0);
    assert_int_equal(1000 * level.load / level.capacity, 100);
    assert_true(level.sigma_bound_pct > 1.11 && level.sigma_bound_pct < 1.12);
}

static void light_vcpus_level_out(void **state)
{
    struct kit kit;
    struct water_level level;

    (void)state;
    kit_plain(&kit, 10, 2);
    assert_int_equal(water_level(&kit.problem, &level), 0);
    assert_true(fabs(level.sigma_bound_pct) < 1e-12);
    assert_int_equal(level.load, 1450);
    assert_int_equal(level.capacity, 2000);
    assert_int_equal(water_level_cut_permille(&level, 1000), 725 + 50);
}

static void below_every_plan(struct kit *kit, const int *bin_of, void *arg)
{
    int all[KIT_VCPUS];

    instance_lift(&kit->in, bin_of, all);
    assert_true(*(const double *)arg <= placement_sigma_pct(&kit->problem, all) + 1e-9);
}

static void no_plan_is_more_even_than_water(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 60; seed++) {
        struct kit kit;
        struct water_level level;

        kit_random(&kit, seed, PLACEMENT_DEVIATION);
        kit_up(&kit);
        assert_int_equal(water_level(&kit.problem, &level), 0);
        kit_every_plan(&kit, below_every_plan, &level.sigma_bound_pct);
        kit_down(&kit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(water_finds_its_level),
        cmocka_unit_test(light_vcpus_level_out),
        cmocka_unit_test(no_plan_is_more_even_than_water),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
