/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/bound/kept_sets.h"
#include "tests/unit/vcpu_fixture.h"

static void check_states(struct kit *kit, const int *prices, int most)
{
    struct kept_sets sets;
    int members[KIT_VCPUS * 3];

    assert_int_equal(kept_sets_new(&kit->in, most + 1, &kit->ws.arena, &sets), 0);
    kept_sets_fill(&sets, 0, prices, most);
    assert_true(sets.n > 0);
    for (int z = 0; z < sets.n; z++) {
        int n = kept_sets_members(&sets, z, members), weight = 0, paid = 0;

        for (int i = 0; i < kit->in.n; i++)
            paid += kit->in.home[i] == 0 ? prices[i] : 0;
        for (int k = 0; k < n; k++) {
            weight += kit->in.weight[members[k]];
            paid -= prices[members[k]];
        }
        assert_int_equal(weight, sets.weight[z]);
        assert_int_equal(paid, sets.cost[z]);
        assert_true(weight <= most);
    }
}

static void few_and_many_say_what_they_keep(void **state)
{
    (void)state;
    for (int n = 3; n <= KIT_VCPUS; n++) {
        struct kit kit;
        int prices[KIT_VCPUS];

        kit_plain(&kit, n, 2);
        kit_up(&kit);
        for (int i = 0; i < n; i++)
            prices[i] = 100 * i - 150;
        check_states(&kit, prices, 400);
        kit_down(&kit);
    }
}

static void a_bin_without_room_keeps_nobody(void **state)
{
    struct kit kit;
    struct kept_sets sets;
    int prices[KIT_VCPUS] = {0};

    (void)state;
    kit_plain(&kit, 4, 2);
    kit_up(&kit);
    assert_int_equal(kept_sets_new(&kit.in, 100, &kit.ws.arena, &sets), 0);
    kept_sets_fill(&sets, 0, prices, -1);
    assert_int_equal(sets.n, 0);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_and_many_say_what_they_keep),
        cmocka_unit_test(a_bin_without_room_keeps_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
