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
    kit.pcpus[0].background_permille = 900;
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

/* The same vCPUs, n of them on pCPU 0, which was busy for this share of the time. */
static void estimate_beside(double busy, const struct vcpu_usage *usage, size_t n,
                            struct vcpu_demand *ret)
{
    static const double no_helpers[KIT_VCPUS];
    struct background backgrounds[4] = {{.known = true, .busy = busy}};
    struct vcpu_settings settings;
    struct guest_kit kit;

    vcpu_settings_default(&settings);
    guest_kit_all(&kit, 4, n, "0");
    for (size_t p = 0; p < 4; p++)
        kit.pcpus[p].has_busy = true;
    vcpu_sample_sort(&kit.sample);
    assert_int_equal(demand_estimate(&settings, &kit.sample, usage, no_helpers, backgrounds, ret),
                     0);
}

static const struct vcpu_usage stopped = {
    .known = true, .has_delay = true, .usage = 0.2, .delay = 0.79};

/* Four that ran 20 % each and waited for the rest: beside a pCPU with room they were stopped by
 * something else, and beside a full one they may have waited for each other and for more. */
static void waiting_beside_a_pcpu_with_room_is_no_demand(void **state)
{
    const struct vcpu_usage usage[] = {stopped, stopped, stopped, stopped};
    struct vcpu_demand demand[4];

    (void)state;
    estimate_beside(0.8, usage, 4, demand);
    assert_true(demand[0].throttled);
    assert_float_equal(demand[0].demand, 0.2, 1e-9);
    estimate_beside(1, usage, 4, demand);
    assert_false(demand[0].throttled);
    assert_true(demand[0].demand > 0.9);
}

/* Without busy times what is known to have run there is what vCPUs ran, and a little more may
 * have. */
static void without_busy_times_vcpus_tell_how_full_a_pcpu_was(void **state)
{
    static const struct vcpu_usage crowded = {
        .known = true, .has_delay = true, .usage = 0.31, .delay = 0.69};
    const struct vcpu_usage few[] = {stopped, stopped, stopped, stopped};
    const struct vcpu_usage full[] = {crowded, crowded, crowded};
    struct vcpu_demand demand[4];
    struct guest_kit kit;

    (void)state;
    guest_kit_all(&kit, 4, 4, "0");
    assert_int_equal(estimate(&kit, few, true, demand), 0);
    assert_true(demand[0].throttled);
    guest_kit_all(&kit, 4, 3, "0");
    assert_int_equal(estimate(&kit, full, true, demand), 0);
    assert_false(demand[0].throttled);
    assert_float_equal(demand[0].demand, 1, 1e-9);
}

/* The second of two guests with two vCPUs each may have 60 % of a pCPU; its other threads took 20
 * %. */
static void a_quota_is_shared_by_all_threads_of_its_guest(void **state)
{
    static const double helpers[] = {0, 0.2};
    const struct background backgrounds[4] = {{.known = true, .busy = 1}};
    struct vcpu_usage usage[4];
    struct vcpu_demand demand[4];
    struct guest_reading guests[2] = {{.run = 1}, {.run = 1, .quota_permille = 600}};
    struct vcpu_settings settings;
    struct guest_kit kit;

    (void)state;
    vcpu_settings_default(&settings);
    guest_kit_all(&kit, 4, 4, "0");
    kit.pcpus[0].has_busy = true;
    for (size_t i = 0; i < 4; i++) {
        usage[i] =
            (struct vcpu_usage){.known = true, .has_delay = true, .usage = 0.1, .delay = 0.8};
        kit.vcpus[i].guest = kit.vcpus[i / 2 * 2].guest;
        kit.vcpus[i].vcpu = i % 2;
    }
    guests[0].guest = kit.vcpus[0].guest;
    guests[1].guest = kit.vcpus[2].guest;
    kit.sample.guests = guests;
    kit.sample.n_guests = 2;
    vcpu_sample_sort(&kit.sample);
    assert_int_equal(demand_estimate(&settings, &kit.sample, usage, helpers, backgrounds, demand),
                     0);
    assert_float_equal(demand[0].demand, 0.5, 1e-9);
    assert_float_equal(demand[2].demand, 0.2, 1e-9);
    assert_float_equal(demand[3].demand, 0.2, 1e-9);
    kit.vcpus[0].quota_permille = 300;
    assert_int_equal(demand_estimate(&settings, &kit.sample, usage, helpers, backgrounds, demand),
                     0);
    assert_float_equal(demand[0].demand, 0.3, 1e-9);
    assert_float_equal(demand[1].demand, 0.5, 1e-9);
    settings.use_quotas = false;
    assert_int_equal(demand_estimate(&settings, &kit.sample, usage, helpers, backgrounds, demand),
                     0);
    assert_float_equal(demand[0].demand, 0.5, 1e-9);
    assert_float_equal(demand[2].demand, 0.5, 1e-9);
}

/* It does not show while the pCPU is full, so it is remembered; and it is forgotten where it is
 * wrong. */
static void what_a_vcpu_was_stopped_at_is_remembered_for_a_minute(void **state)
{
    const struct vcpu_demand seen = {.known = true, .throttled = true, .least = 0.2, .demand = 0.2};
    const struct vcpu_demand later = {.known = true, .least = 0.2, .demand = 1, .activity = 1};
    const struct vcpu_demand more = {.known = true, .least = 0.4, .demand = 1, .activity = 1};
    struct vcpu_cap cap = {0};
    struct vcpu_demand demand = later;

    (void)state;
    demand_heed_cap(1000000000, &cap, &demand);
    assert_float_equal(demand.demand, 1, 1e-9);
    demand = seen;
    demand_heed_cap(2000000000, &cap, &demand);
    demand = later;
    demand_heed_cap(30000000000, &cap, &demand);
    assert_float_equal(demand.demand, 0.2, 1e-9);
    demand = more; /* it got more than it was said to be able to */
    demand_heed_cap(40000000000, &cap, &demand);
    assert_float_equal(demand.demand, 0.4, 1e-9);
    demand = later;
    demand_heed_cap(63000000000, &cap, &demand);
    assert_float_equal(demand.demand, 1, 1e-9);
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
        cmocka_unit_test(waiting_beside_a_pcpu_with_room_is_no_demand),
        cmocka_unit_test(without_busy_times_vcpus_tell_how_full_a_pcpu_was),
        cmocka_unit_test(a_quota_is_shared_by_all_threads_of_its_guest),
        cmocka_unit_test(what_a_vcpu_was_stopped_at_is_remembered_for_a_minute),
    };

    return cmocka_run_group_tests_name("demand", tests, NULL, NULL);
}
