/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/topology/partition.h"
#include "tests/unit/cpuset_fixture.h"

static void groups_are_known_by_their_least_member(void **state)
{
    static struct partition partition;
    struct cpuset members = cpuset_of("0-3,8,8191"), group = cpuset_of("2-8");

    (void)state;
    partition_begin(&partition, &members);
    assert_int_equal(partition_count(&partition), 6);
    partition_join(&partition, 8191, 3);
    assert_int_equal(partition_group(&partition, 8191), 3);
    partition_join_all(&partition, &group); /* 4-7 are no members */
    assert_int_equal(partition_group(&partition, 8191), 2);
    assert_int_equal(partition_group(&partition, 8), 2);
    assert_int_equal(partition_group(&partition, 1), 1);
    assert_int_equal(partition_count(&partition), 3);
    partition_join_all(&partition, &(struct cpuset){{0}});
    assert_int_equal(partition_count(&partition), 3);
}

static void a_finer_partition_lies_within_a_coarser_one(void **state)
{
    static struct partition fine, coarse;
    struct cpuset members = cpuset_of("0-7"), low = cpuset_of("0-3"), high = cpuset_of("4-7");

    (void)state;
    partition_begin(&fine, &members);
    partition_begin(&coarse, &members);
    partition_join_all(&coarse, &low);
    partition_join_all(&coarse, &high);
    partition_join(&fine, 1, 3);
    assert_true(partition_is_within(&fine, &coarse));
    assert_false(partition_is_within(&coarse, &fine));
    partition_join(&fine, 3, 4);
    assert_false(partition_is_within(&fine, &coarse));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_known_by_their_least_member),
        cmocka_unit_test(a_finer_partition_lies_within_a_coarser_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
