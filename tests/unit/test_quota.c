/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/host/quota.h"

static void a_quota_is_a_share_of_its_period(void **state)
{
    static const struct {
        int64_t quota_us, period_us;
        unsigned permille;
    } rows[] = {
        {20000, 100000, 200},
        {250000, 100000, 2500},
        {1000, 1000000, 1},
        {500, 1000000, 1}, /* less than a thousandth is still a limit */
        {0, 100000, 0},
        {-1, 100000, 0},
        {20000, 0, 0},
        {INT64_C(17592186044415), 100000, 0},    /* libvirt's largest */
        {INT64_C(18446744073709551), 100000, 0}, /* what it tells where there is none */
        {INT64_MAX, 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(quota_permille(rows[i].quota_us, rows[i].period_us), rows[i].permille);
    assert_int_equal(quota_least(0, 0), 0);
    assert_int_equal(quota_least(0, 5), 5);
    assert_int_equal(quota_least(5, 0), 5);
    assert_int_equal(quota_least(7, 5), 5);
    assert_int_equal(quota_least(5, 7), 5);
}

static void scheduler_parameters_by_their_names(void **state)
{
    struct quotas quotas = {0};

    (void)state;
    quotas_take(&quotas, "cpu_shares", 1024);
    quotas_take(&quotas, "emulator_quota", 1);
    quotas_take(&quotas, "vcpu_quota", 20000);
    quotas_take(&quotas, "vcpu_period", 100000);
    quotas_take(&quotas, "global_quota", UINT64_MAX);
    quotas_take(&quotas, "global_period", 50000);
    assert_int_equal(quota_permille(quotas.vcpu_quota_us, quotas.vcpu_period_us), 200);
    assert_int_equal(quota_permille(quotas.guest_quota_us, quotas.guest_period_us), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quota_is_a_share_of_its_period),
        cmocka_unit_test(scheduler_parameters_by_their_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
