/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "models/bound/kept_sets.h"
#include "models/bound/kernels.h"
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

/* Thirty items of a bin, with prices of staying. */
enum { MANY = 30, CELLS = 400 };
struct many {
    int demand[MANY], home[MANY], price[2 * MANY], duals[MANY];
    bool asked[MANY];
    struct placement_problem problem;
    struct balance balance;
    struct instance in;
    struct arena arena;
    struct kept_sets sets;
    int32_t pool[CELLS];
    int n_visits;
};

static void many_up(struct many *many, unsigned seed)
{
    *many = (struct many){.problem = {.n_items = MANY,
                                      .n_bins = 2,
                                      .demand_permille = many->demand,
                                      .current = many->home,
                                      .price = many->price,
                                      .kappa = 5}};
    for (unsigned i = 0; i < MANY; i++) {
        unsigned random = (seed + 1) * 2654435761u + i * 40503u;

        many->demand[i] = 1 + (int)(random / 7 % 40);
        many->price[2 * i] = i % 3 ? 0 : (int)(random / 11 % 9);
        many->price[2 * i + 1] = many->price[2 * i] ? 0 : (int)(random / 13 % 9);
        many->asked[i] = (seed + random / 17) % 4 < seed % 4;
    }
    assert_int_equal(balance_new(&many->problem, &many->balance), 0);
    assert_int_equal(instance_new(&many->balance, &many->in), 0);
    assert_int_equal(kept_sets_new(&many->in, CELLS, &many->arena, &many->sets), 0);
    for (int i = 0; i < MANY; i++)
        many->duals[i] = (i * 7 % 11) * many->in.price_scale;
    for (int s = 0; s < CELLS; s++)
        many->pool[s] = s % 9 ? 1 << 29 : s * 3;
}

/* Item by item. */
static void is_as_if_the_others_were_added(void *arg, int away, const int32_t *row)
{
    struct many *many = arg;
    int32_t rows[2][CELLS], *now = rows[0], *after = rows[1], *swap;
    uint8_t kept[CELLS];

    memcpy(now, many->pool, sizeof(many->pool));
    for (int k = many->in.own_first[0]; k < many->in.own_first[1]; k++) {
        int i = many->in.own[k];

        if (i == away)
            continue;
        kernel_keep(after, now, kept, many->in.weight[i], many->duals[i],
                    instance_stay(&many->in, i), CELLS);
        swap = now;
        now = after;
        after = swap;
    }
    for (int s = 0; s < CELLS; s++)
        if (row[s] < KERNEL_REACHED || now[s] < KERNEL_REACHED)
            assert_int_equal(row[s], now[s]);
    assert_true(many->asked[away]);
    many->asked[away] = false; /* as who asks does */
    many->n_visits++;
}

static void halves_leave_out_each_in_turn(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 40; seed++) {
        struct many many;
        int n_asked = 0;
        int64_t cells;

        many_up(&many, seed);
        for (int i = 0; i < MANY; i++)
            n_asked += many.asked[i];
        cells = kept_sets_each_away(&many.sets, 0, many.duals, many.pool, CELLS - 1, many.asked,
                                    is_as_if_the_others_were_added, &many);
        assert_int_equal(many.n_visits, n_asked);
        assert_true(cells <= (int64_t)n_asked * MANY * CELLS);
        assert_true(cells <= (int64_t)MANY * 5 * CELLS);
        arena_done(&many.arena);
        instance_done(&many.in);
        balance_done(&many.balance);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_and_many_say_what_they_keep),
        cmocka_unit_test(a_bin_without_room_keeps_nobody),
        cmocka_unit_test(halves_leave_out_each_in_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
