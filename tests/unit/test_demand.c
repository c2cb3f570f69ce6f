/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/vcpu/demand.h"
#include "tests/unit/guest_fixture.h"

static void usage_over_the_time_not_spent_waiting(void **state)
{
    static const struct {
        double usage, delay, demand;
    } rows[] = {
        {0, 0, 0},     {0.3, 0, 0.3},  {0.25, 0.375, 0.4},  {0.5, 0.5, 1.0}, {0.6, 0.5, 1.0},
        {0, 1.0, 1.0}, {1.02, 0, 1.0}, {0.125, 0.875, 1.0}, {0.1, 0.8, 0.5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_float_equal(demand_from_delay(rows[i].usage, rows[i].delay), rows[i].demand, 1e-9);
}

/* Where nothing is known of busy times. */
static int estimate(struct guest_kit *kit, const struct vcpu_usage *usage, bool use_delay,
                    struct vcpu_demand *ret)
{
    static const double no_helpers[KIT_VCPUS];
    struct background backgrounds[16] = {0};
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    settings.use_delay = use_delay;
    vcpu_sample_sort(&kit->sample);
    return demand_estimate(&settings, &kit->sample, usage, no_helpers, backgrounds, ret);
}

/* Usage of n vCPUs on one pCPU that together fill it. */
static void shares(struct guest_kit *kit, const double *usage, size_t n, struct vcpu_usage *ret)
{
    guest_kit_all(kit, 4, n, "0");
    for (size_t i = 0; i < n; i++)
        ret[i] = (struct vcpu_usage){.known = true, .usage = usage[i]};
}

static void without_delay_a_full_pcpu_hides_demand(void **state)
{
    static const double usage[] = {0.45, 0.45, 0.1};
    struct guest_kit kit;
    struct vcpu_usage shown[3];
    struct vcpu_demand demand[3];

    (void)state;
    shares(&kit, usage, 3, shown);
    assert_int_equal(estimate(&kit, shown, true, demand), 0);
    assert_true(demand[0].censored && demand[1].censored);
    assert_float_equal(demand[0].demand, 0.725, 1e-9);
    assert_false(demand[2].censored); /* it got less than its share and slept */
    assert_float_equal(demand[2].demand, 0.1, 1e-9);
}

static void without_delay_a_pcpu_with_room_hides_nothing(void **state)
{
    static const double usage[] = {0.4, 0.4};
    struct guest_kit kit;
    struct vcpu_usage shown[2];
    struct vcpu_demand demand[2];

    (void)state;
    shares(&kit, usage, 2, shown);
    assert_int_equal(estimate(&kit, shown, true, demand), 0);
    assert_false(demand[0].censored);
    assert_float_equal(demand[0].demand, 0.4, 1e-9);
}

static void background_fills_a_pcpu_too(void **state)
{
    static const double usage[] = {0.4};
    struct guest_kit kit;
    struct vcpu_usage shown[1];
    struct vcpu_demand demand[1];

    (void)state;
    shares(&kit, usage, 1, shown);
    kit.pcpus[0].background_permille = 600;
    assert_int_equal(estimate(&kit, shown, true, demand), 0);
    assert_true(demand[0].censored);
}

static void a_starved_vcpu_is_active(void **state)
{
    struct guest_kit kit;
    struct vcpu_usage shown = {.known = true, .has_delay = true, .usage = 0.01, .delay = 0.6};
    struct vcpu_demand demand;

    (void)state;
    guest_kit_all(&kit, 4, 1, "0");
    assert_int_equal(estimate(&kit, &shown, true, &demand), 0);
    assert_float_equal(demand.demand, 0.025, 1e-9);
    assert_float_equal(demand.activity, 0.61, 1e-9);
}

/* The ablation: four busy vCPUs on one pCPU look like four light ones. */
static void usage_alone_is_blind_on_a_full_pcpu(void **state)
{
    struct guest_kit kit;
    struct vcpu_usage shown[4];
    struct vcpu_demand demand[4];

    (void)state;
    guest_kit_all(&kit, 4, 4, "0");
    for (size_t i = 0; i < 4; i++)
        shown[i] =
            (struct vcpu_usage){.known = true, .has_delay = true, .usage = 0.25, .delay = 0.75};
    assert_int_equal(estimate(&kit, shown, true, demand), 0);
    assert_float_equal(demand[0].demand, 1, 1e-9);
    assert_int_equal(estimate(&kit, shown, false, demand), 0);
    assert_float_equal(demand[0].demand, 0.25, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage_over_the_time_not_spent_waiting),
        cmocka_unit_test(without_delay_a_full_pcpu_hides_demand),
        cmocka_unit_test(without_delay_a_pcpu_with_room_hides_nothing),
        cmocka_unit_test(background_fills_a_pcpu_too),
        cmocka_unit_test(a_starved_vcpu_is_active),
        cmocka_unit_test(usage_alone_is_blind_on_a_full_pcpu),
    };

    return cmocka_run_group_tests_name("demand", tests, NULL, NULL);
}
